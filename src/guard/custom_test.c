#include "guard/custom.h"

#include "document/utf8.h"
#include "guard/guard_fixture.h"
#include "unit.h"

static const char *const patterns[] = {
    "[a-z ]+[0-9]",
    "a|[a-z ]+[0-9]",
    "[a-z ]{1,200}[0-9]",
    "([a-z] [a-z] )+[0-9]",
    "[a-z]+[0-9]+",
    "(a b )*a 1",
    ".+1",
    "[a-z]+( [a-z]+){0,3} [0-9]{2}",
    "fi[ a-z]*",
    "([a-z ]{3})+[0-9]",
    "a.*b",
    "[^-]+-",
    "[ab ]+a[ab ]",
    "(a|b|1| ){5,9}[0-9]+",
};
enum { PATTERNS = sizeof patterns / sizeof *patterns };
static const char *const fragments[] = {
    "a",
    "b",
    " ",
    " ",
    "a b ",
    "1",
    "12",
    "-",
    "\xC3\xA9",
    "\xEF\xAC\x81",
    "\xE2\x80\x8B",
    "\xE7\xA6\x81",
    "\\u0061",
    "\"",
    "fi",
    ".",
    "\xFF",
};
enum { FRAGMENTS = sizeof fragments / sizeof *fragments };

static uint32_t dice(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

static void open_with(struct fixture *f, const char *pattern)
{
    char policy[256];

    snprintf(policy, sizeof policy,
             "{\"pii\": {\"input\": \"mask\", \"kinds\": [\"email\"], \"patterns\": "
             "{\"t\": \"%s\"}}}",
             pattern);
    EXPECT(fixture_init(f, policy));
}

/* What is looked for, each attempt by itself. */
static bool match_alone(const struct guard_pattern *pattern, struct pattern_scratch *scratch,
                        struct guard_view *view, size_t start, size_t *out_end)
{
    struct guard_cursor cursor = guard_cursor(view, start);
    struct pattern_walk walk;
    size_t decided;
    bool found = false;

    pattern_walk_start(&walk, pattern->pattern, scratch);
    for (int i = 0; i < CUSTOM_CHARS_MAX; i++) {
        uint32_t folded = guard_take(&cursor);
        struct pattern_walk copy;
        char bytes[4];

        if (folded == GUARD_END ||
            pattern_walk_feed(&walk, (struct text){bytes, utf8_encode(folded, bytes)}, &decided) ==
                PATTERN_DEAD)
            break;
        copy = walk;
        if (!pattern_walk_end(&copy) || guard_is_alnum(guard_peek(&cursor)))
            continue;
        *out_end = cursor.at;
        found = true;
    }
    return found;
}

static void compare(const char *pattern, struct text text, bool json)
{
    struct fixture f;
    struct guard_view view = {.text = text, .ended = true, .json = json};
    struct pattern_scratch scratch = {.arena = &f.arena};
    struct custom_search search = {.scratch = &scratch, .view = &view};
    uint64_t effort = 0;
    struct guard_word word;

    open_with(&f, pattern);
    search.patterns = f.policy.fields[GUARD_PII]->patterns;
    search.custom = custom_new(1, &f.arena);
    search.effort = &effort;
    for (size_t at = 0; at < text.len;) {
        size_t end = 0, expected = 0;
        bool found;

        if (!guard_word_at(&view, at, &word)) {
            at = word.first == GUARD_END ? at + 1 : word.end;
            continue;
        }
        found = match_alone(search.patterns, &scratch, &view, at, &expected);
        EXPECT_EQ(custom_match(&search, 0, at, &end), found ? CUSTOM_FOUND : CUSTOM_NONE);
        EXPECT_EQ(end, expected);
        at = word.end;
    }
    arena_release(&f.arena);
}

TEST(attempts_that_meet_find_what_each_would_find_by_itself)
{
    uint32_t seed = 1;

    for (int round = 0; round < 700; round++) {
        struct buffer text = {0};
        unsigned count = dice(&seed) % (round % 10 == 0 ? 900 : 60) + 1;
        unsigned some = dice(&seed) % FRAGMENTS + 1;

        for (unsigned i = 0; i < count; i++)
            buffer_put(&text, text_of(fragments[dice(&seed) % some]));
        compare(patterns[round % PATTERNS], buffer_text(&text), round / PATTERNS % 2 == 1);
        buffer_release(&text);
    }
}

/* --- effort --------------------------------------------------------------------------------------
 */

static struct text many(struct arena *arena, const char *what, size_t bytes)
{
    char *out = arena_bytes(arena, bytes);

    for (size_t i = 0; i < bytes; i++)
        out[i] = what[i % strlen(what)];
    return (struct text){out, bytes};
}

TEST(no_character_is_gone_over_again_for_every_word_in_front_of_it)
{
    struct fixture f;
    struct guard guard;
    struct text text, out;

    open_with(&f, "[a-z ]+[0-9]");
    text = many(&f.arena, "a ", 1 << 18);
    guard = fixture_guard(&f, GUARD_INPUT);
    EXPECT(guard_text(&guard, text, false, (struct text){0}, &out));
    EXPECT(!guard.changed && guard.effort <= 4 * CUSTOM_CHARS_MAX);
    arena_release(&f.arena);
}

static size_t by_thousands(void *context)
{
    (void)context;
    return 1000;
}

TEST(a_text_that_takes_a_pattern_too_much_effort_is_blocked_whatever_is_to_be_done)
{
    struct fixture f;
    struct text text;

    open_with(&f, "[a-z ]{1,200}[0-9]");
    text = many(&f.arena, "a ", 1 << 18);
    EXPECT_TEXT(fixture_whole(&f, GUARD_INPUT, text, false), "blocked: pii pattern_effort");
    EXPECT_TEXT(fixture_pieces(&f, GUARD_INPUT, text, false, by_thousands, NULL),
                "blocked: pii pattern_effort");
    EXPECT(text_equal(fixture_whole(&f, GUARD_INPUT, text_first(text, 1 << 13), false),
                      text_first(text, 1 << 13)));
    arena_release(&f.arena);
}

static size_t any_size(void *context)
{
    return dice(context) % 3000 + 1;
}

TEST(effort_does_not_depend_on_the_pieces)
{
    uint32_t seed = 7;

    for (size_t i = 0; i < PATTERNS; i++) {
        struct fixture f;
        struct guard whole, guard;
        struct guard_stream stream = {.guard = &guard};
        struct buffer out;
        struct text text, shown;

        open_with(&f, patterns[i]);
        text = many(&f.arena, "a b c dd e- fi ", 20000);
        whole = guard = fixture_guard(&f, GUARD_INPUT);
        EXPECT(guard_text(&whole, text, false, (struct text){0}, &shown));
        out = buffer_in(&f.arena);
        while (text.len > 0) {
            struct text piece = text_first(text, any_size(&seed));

            EXPECT(guard_stream_put(&stream, piece, &out));
            text = text_after(text, piece.len);
        }
        EXPECT(guard_stream_end(&stream, &out));
        EXPECT_EQ(guard.effort, whole.effort);
        EXPECT(text_equal(buffer_text(&out), shown));
        arena_release(&f.arena);
    }
}

TEST(what_is_stored_of_such_a_text_has_nothing_that_was_not_looked_at)
{
    struct fixture f;
    struct guard guard;
    struct text out;

    open_with(&f, "[a-z ]{1,200}[0-9]");
    guard = fixture_guard(&f, GUARD_INPUT);
    guard.soft = true;
    guard.effort = CUSTOM_EFFORT_MOST + 1000;
    EXPECT(guard_text(&guard, TEXT("ann bob 7"), false, (struct text){0}, &out));
    EXPECT_TEXT(out, "[T_1] [T_2] 7");
    arena_release(&f.arena);
}
