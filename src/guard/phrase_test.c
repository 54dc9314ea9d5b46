#include "guard/phrase.h"

#include "unit.h"

static struct arena arena;

/* The number of the phrase that begins the text, or -1; *out_len is its length. */
static int begins(const struct guard_phrases *phrases, const char *text, size_t *out_len)
{
    struct guard_view view = {.text = text_of(text), .ended = true};
    struct guard_word word;
    uint32_t number;

    EXPECT(guard_word_at(&view, 0, &word));
    return guard_phrases_at(phrases, &view, &word, &number, out_len) ? (int)number : -1;
}

TEST(the_longest_phrase_is_found_whatever_stands_between_its_words)
{
    static const struct guard_phrase items[] = {{TEXT_INIT("project"), 0},
                                                {TEXT_INIT("project x"), 1},
                                                {TEXT_INIT("Größe"), 2},
                                                {TEXT_INIT("機密"), 3},
                                                {TEXT_INIT("a b c"), 4}};
    const struct guard_phrases *phrases = guard_phrases_new(&arena, items, 5);
    size_t len;

    EXPECT_EQ(begins(phrases, "Project-X is", &len), 1);
    EXPECT_EQ(len, strlen("Project-X"));
    EXPECT_EQ(begins(phrases, "project y", &len), 0);
    EXPECT_EQ(begins(phrases, "project ........ x", &len), 0); /* too far away */
    EXPECT_EQ(begins(phrases, "projects x", &len), -1);
    EXPECT_EQ(begins(phrases, "GROSSE", &len), 2);
    EXPECT_EQ(begins(phrases, "機密です", &len), 3);
    EXPECT_EQ(begins(phrases, "a b d", &len), -1);
    EXPECT_EQ(begins(phrases, "prоjесt", &len), 0); /* three letters are Cyrillic */
    arena_release(&arena);
}

TEST(a_phrase_that_may_go_on_waits_for_more)
{
    static const struct guard_phrase items[] = {{TEXT_INIT("project x"), 1}};
    const struct guard_phrases *phrases = guard_phrases_new(&arena, items, 1);
    struct guard_view view = {.text = TEXT_INIT("project ")};
    struct guard_word word;
    uint32_t number;
    size_t end;

    EXPECT(guard_word_at(&view, 0, &word) && !view.cut);
    EXPECT(!guard_phrases_at(phrases, &view, &word, &number, &end));
    EXPECT(view.cut);
    arena_release(&arena);
}

TEST(words_of_a_text_are_counted)
{
    EXPECT_EQ(guard_phrase_words(TEXT("one, two  three")), 3);
    EXPECT_EQ(guard_phrase_words(TEXT("...")), 0);
    EXPECT_EQ(guard_phrase_words(TEXT("機密")), 2);
}
