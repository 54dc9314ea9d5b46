#include "unit.h"

#include "base/buffer.h"
#include "demo/demo_text.h"

static struct arena arena;
static struct demo_source source;

static void read_text(const char *text)
{
    arena_release(&arena);
    demo_source_read(text_of(text), &arena, &source);
}

static void expect_list(struct demo_list list, const char *expected)
{
    struct buffer joined = buffer_in(&arena);

    for (size_t i = 0; i < list.count; i++) {
        buffer_put(&joined, list.items[i]);
        buffer_put_byte(&joined, '|');
    }
    EXPECT_TEXT(buffer_text(&joined), expected);
}

TEST(sentences_end_at_marks_and_paragraphs_but_not_inside_numbers)
{
    read_text("It costs 3.50 euros, e.g. today. Is it\n  late? \"Yes!\" he said.\n\nNo mark here\n"
              "- first point\n* second point\n# A heading");
    expect_list(source.sentences, "It costs 3.50 euros, e.g. today.|Is it late?|\"Yes!\" he said.|"
                                  "No mark here|first point|second point|A heading|");
    EXPECT(!source.empty);
}

TEST(sentences_of_languages_without_blanks)
{
    read_text("\u4ECA\u65E5\u306F\u3002\u660E\u65E5\uFF01");
    expect_list(source.sentences, "\u4ECA\u65E5\u306F\u3002|\u660E\u65E5\uFF01|");
}

TEST(no_text_is_said_to_be_none)
{
    read_text(" \n\t\r\n ");
    EXPECT(source.empty);
    expect_list(source.sentences, "There was no text to answer.|");
    EXPECT_EQ(source.numbers.count, 0);
}

TEST(tokens_lose_outer_punctuation_and_repeat_once)
{
    read_text("See (https://a.example/x), or mail \"a@b.example\"; see order ABC-12345!");
    expect_list(source.tokens, "See|https://a.example/x|or|mail|a@b.example|order|ABC-12345|");
    EXPECT_EQ(source.word_total, 8);
}

TEST(words_come_by_frequency_and_names_by_their_capitals)
{
    read_text("The harbour tram serves the harbour. Ada Lovelace rides with Nordbau Rail, Berlin.");
    EXPECT_TEXT(demo_pick(&source.words, 0), "harbour");
    EXPECT_TEXT(demo_pick(&source.words, 1), "tram");
    expect_list(source.names, "Ada Lovelace|Nordbau Rail|");
}

TEST(numbers_become_json_numbers)
{
    read_text("$1,250.50 and 75% of 12, not 007, 1.2.3, x9 or 1e5; -4 at 0.5, \u20AC99");
    expect_list(source.numbers, "1250.50|75|12|-4|0.5|99|");
}

TEST(dates_are_found_in_several_spellings)
{
    read_text("From 24 March 2026 to April 2nd, 2026; 2026-12-01, 24.03.2027, 2028/01/31. "
              "No: 31 February 2026, 2026-13-01, 99.99.2026.");
    expect_list(source.dates, "2026-03-24|2026-04-02|2026-12-01|2027-03-24|2028-01-31|");
}

TEST(the_language_is_guessed_by_its_small_words)
{
    read_text("The end of the line.");
    EXPECT_TEXT(source.language, "en");
    read_text("Das ist nicht der Weg und die Bahn steht.");
    EXPECT_TEXT(source.language, "de");
    read_text("Le tram et la gare, c'est pour les voyageurs.");
    EXPECT_TEXT(source.language, "fr");
}

TEST(json_counts_by_what_is_in_it)
{
    read_text("{\"text\": \"One thing. \\\"Two\\\" things.\", \"n\": [7, {\"deep\": \"Three.\"}], "
              "\"flag\": true}");
    expect_list(source.sentences, "One thing.|\"Two\" things.|7|Three.|");
    EXPECT(source.input != NULL);
    read_text("{not json");
    EXPECT(source.input == NULL);
    EXPECT_EQ(source.sentences.count, 1);
}

TEST(a_phrase_fits_a_title)
{
    EXPECT_TEXT(demo_phrase(TEXT("The tram line 4 to the harbour will be closed.")),
                "The tram line 4 to the harbour");
    EXPECT_TEXT(demo_phrase(TEXT("Short, as it is.")), "Short, as it is");
    EXPECT_TEXT(demo_phrase(TEXT("Wait...")), "Wait");
    EXPECT_TEXT(demo_phrase(TEXT("the")), "the");
}

TEST(shortening_counts_code_points_and_prefers_a_blank)
{
    EXPECT_TEXT(demo_shorten(TEXT("one two three"), 8), "one two");
    EXPECT_TEXT(demo_shorten(TEXT("one two three"), 7), "one two");
    EXPECT_TEXT(demo_shorten(TEXT("onetwothree"), 3), "one");
    EXPECT_TEXT(demo_shorten(TEXT("\u00E9\u00E9\u00E9"), 2), "\u00E9\u00E9");
    EXPECT_TEXT(demo_shorten(TEXT("abc"), 3), "abc");
}

TEST(words_are_found_whatever_their_case)
{
    read_text("The mood is NEGATIVE, but in progress.");
    EXPECT(demo_mentions(&source, TEXT("negative")));
    EXPECT(demo_mentions(&source, TEXT("in_progress")));
    EXPECT(!demo_mentions(&source, TEXT("neg")));
    EXPECT(!demo_mentions(&source, TEXT("")));
    arena_release(&arena);
}
