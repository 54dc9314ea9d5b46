/* tests/cases/format/<format>.jsonl has a case a line: ["accept" or "reject", the string, the rule
 * that decides]. What older drafts mean by a name is in <format>-draft-04.jsonl. */
#include "case_folder.h"

#include "schema/format.h"

enum { CASES_EACH = 25, LONG = 1 << 20 };

/* Runs one line; whether it says "accept". */
static bool run_line(enum format format, struct text line)
{
    struct arena arena = {0};
    struct document document;
    struct error err = {0};
    struct text verdict, subject, rule;
    bool accept;

    if (!json_read(line, NULL, &arena, &document, NULL, &err))
        fail_msg("%.*s: %s", TEXT_ARG(line), err.message);
    verdict = document_text(&document, 1);
    subject = document_text(&document, 2);
    rule = document_text(&document, 3);
    accept = text_equal(verdict, TEXT("accept"));
    EXPECT(accept || text_equal(verdict, TEXT("reject")));
    if (format_holds(format, subject, &arena) != accept)
        fail_msg("%.*s must %.*s %.*s: %.*s", TEXT_ARG(format_name(format)), TEXT_ARG(verdict),
                 TEXT_ARG(line), TEXT_ARG(rule));
    arena_release(&arena);
    return accept;
}

static const char *case_name(enum format format, struct arena *arena)
{
    struct text name = format_name(format);
    bool last = format_find(name, DRAFT_2020_12) == format;

    return arena_printf(arena, "%.*s%s.jsonl", TEXT_ARG(name), last ? "" : "-draft-04").at;
}

TEST(every_format_takes_what_its_rfc_takes_and_nothing_else)
{
    for (unsigned i = FORMAT_NONE + 1; i < FORMAT_COUNT; i++) {
        struct arena arena = {0};
        const char *name = case_name((enum format)i, &arena);
        struct text lines;
        unsigned accepted = 0, rejected = 0;

        if (!case_file(TESTS_DIR "/cases/format", name, &arena, &lines))
            fail_msg("there is no %s", name);
        while (lines.len > 0)
            *(run_line((enum format)i, text_split(&lines, '\n')) ? &accepted : &rejected) += 1;
        EXPECT(accepted > 0 && rejected > 0 && accepted + rejected >= CASES_EACH);
        arena_release(&arena);
    }
}

TEST(formats_are_found_by_their_names)
{
    for (unsigned i = FORMAT_NONE + 1; i < FORMAT_COUNT; i++) {
        struct text name = format_name((enum format)i);

        EXPECT(format_find(name, DRAFT_4) == i || format_find(name, DRAFT_2020_12) == i);
        for (unsigned draft = 0; draft < DRAFT_COUNT; draft++)
            EXPECT(text_equal(format_name(format_find(name, (enum draft)draft)), name));
    }
    EXPECT_EQ(format_find(TEXT("Date"), DRAFT_2020_12), FORMAT_NONE);
    EXPECT_EQ(format_find(TEXT("phone"), DRAFT_2020_12), FORMAT_NONE);
    EXPECT_TEXT(format_nearest(TEXT("datetime")), "date-time");
    EXPECT_TEXT(format_nearest(TEXT("idn_hostname")), "idn-hostname");
}

TEST(two_names_changed_their_meaning)
{
    EXPECT_EQ(format_find(TEXT("hostname"), DRAFT_6), FORMAT_HOSTNAME_LDH);
    EXPECT_EQ(format_find(TEXT("hostname"), DRAFT_7), FORMAT_HOSTNAME);
    EXPECT_EQ(format_find(TEXT("relative-json-pointer"), DRAFT_2019_09),
              FORMAT_RELATIVE_JSON_POINTER_FIXED);
    EXPECT_EQ(format_find(TEXT("relative-json-pointer"), DRAFT_2020_12),
              FORMAT_RELATIVE_JSON_POINTER);
}

/* JSON's reader lets no such bytes through, but a format is not to rely on it. */
TEST(bytes_that_are_no_utf8_are_refused_or_at_least_survived)
{
    static const char *const texts[] = {"\xFF",       "a:\xC3",     "a:?\xED\xA0\x80",
                                        "\xC0\x80@b", "a@\xE2\x82", "\xE3\x80"};
    struct arena arena = {0};

    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        for (unsigned i = FORMAT_NONE + 1; i < FORMAT_COUNT; i++) {
            if (i != FORMAT_REGEX)
                EXPECT(!format_holds((enum format)i, text_of(texts[k]), &arena));
        }
    }
    arena_release(&arena);
}

/* `head`, then `unit` again and again. Quadratic work on it would not end in time. */
static struct text long_text(char *at, const char *head, const char *unit)
{
    size_t len = strlen(head), bytes = strlen(unit);

    memcpy(at, head, len);
    for (; len + bytes <= LONG; len += bytes)
        memcpy(at + len, unit, bytes);
    return (struct text){at, len};
}

TEST(a_megabyte_is_scanned_once)
{
    static const struct {
        const char *head, *unit;
        enum format holds; /* the one that takes it, if any does */
    } rows[] = {
        {"00:00:00.", "1", FORMAT_NONE},
        {"P", "1", FORMAT_NONE},
        {"P", "1D", FORMAT_NONE},
        {"", "a", FORMAT_URI_REFERENCE},
        {"", "a.", FORMAT_URI_REFERENCE},
        {"", "\xC3\xBC", FORMAT_IRI_REFERENCE},
        {"", "\xE3\x80\x82", FORMAT_NONE},
        {"a:", "%41", FORMAT_URI},
        {"a://", ":", FORMAT_NONE},
        {"a://[", "1:", FORMAT_NONE},
        {"a://[", "]", FORMAT_NONE},
        {"", "@", FORMAT_URI_REFERENCE},
        {"", "//", FORMAT_URI_REFERENCE},
        {"", "?", FORMAT_URI_REFERENCE},
        {"", "#", FORMAT_NONE},
        {"", "{a}", FORMAT_URI_TEMPLATE},
        {"{", "a,", FORMAT_NONE},
        {"{", "a.", FORMAT_NONE},
        {"/", "~0", FORMAT_JSON_POINTER},
        {"0", "/", FORMAT_RELATIVE_JSON_POINTER},
        {"9", "9", FORMAT_RELATIVE_JSON_POINTER},
        {"xn--", "a", FORMAT_URI_REFERENCE},
        {"\"", "\\\"", FORMAT_NONE},
        {"", "(", FORMAT_NONE},
        {"", "[", FORMAT_NONE},
        {"", "\\", FORMAT_NONE},
    };
    char *at = malloc(LONG);

    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        struct text text = long_text(at, rows[k].head, rows[k].unit);

        for (unsigned i = FORMAT_NONE + 1; i < FORMAT_COUNT; i++) {
            struct arena arena = {0};
            bool held = format_holds((enum format)i, text, &arena);

            if (i == rows[k].holds && !held)
                fail_msg("%.*s must hold", TEXT_ARG(format_name((enum format)i)));
            arena_release(&arena);
        }
    }
    free(at);
}
