#include "document/yaml_read.h"

#include "case_folder.h"
#include "document/json_write.h"

static struct arena arena;
static struct diagnostics diagnostics;

static bool read_yaml(struct text source, struct document *out)
{
    diagnostics = (struct diagnostics){.arena = &arena};
    return yaml_read(source, TEXT("input.yaml"), &arena, out, &diagnostics);
}

static void put_diagnostic(struct buffer *buffer, const struct diagnostic *diagnostic)
{
    const struct range *range = &diagnostic->range;

    buffer_printf(buffer, "%u:%u-%u:%u %s %.*s: %.*s\n", range->start.line, range->start.column,
                  range->end.line, range->end.column, diagnostic_name(diagnostic->code),
                  TEXT_ARG(diagnostic->pointer), TEXT_ARG(diagnostic->message));
    if (diagnostic->hint.len > 0)
        buffer_printf(buffer, "    %.*s\n", TEXT_ARG(diagnostic->hint));
}

/* The document as JSON, or "unusable", and the diagnostics one by one. */
static struct text describe(struct text source)
{
    struct buffer buffer = buffer_in(&arena);
    struct document document;

    if (read_yaml(source, &document))
        json_put_cell(&buffer, &document, 0);
    else
        buffer_put(&buffer, TEXT("unusable"));
    buffer_put_byte(&buffer, '\n');
    for (size_t i = 0; i < diagnostics.count; i++)
        put_diagnostic(&buffer, &diagnostics.items[i]);
    return buffer_text(&buffer);
}

static void run_case(const char *folder, struct arena *scratch)
{
    struct text input = {0}, expected = {0};

    EXPECT(case_file(folder, "input.yaml", scratch, &input));
    EXPECT(case_file(folder, "expected.txt", scratch, &expected));
    case_expect(folder, "document and diagnostics", describe(input), expected);
    arena_release(&arena);
}

TEST(the_cases_read_as_expected)
{
    EXPECT(case_walk("yaml", run_case) >= 70);
}

static struct text repeated(const char *piece, size_t bytes)
{
    struct buffer buffer = buffer_in(&arena);

    while (buffer.len < bytes)
        buffer_put(&buffer, text_of(piece));
    return buffer_text(&buffer);
}

TEST(deep_nesting_is_refused_without_delay)
{
    /* 80 KB of '[' take libyaml 12 seconds when it is let. */
    static const char *const pieces[] = {
        "[", "{", "- ", "? ", "[{", "{a: ", "[[],", "[\n", "- - ", "{? ", "- [ ", "\"a\": ["};

    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct document document;

        EXPECT(!read_yaml(repeated(pieces[i], 500000), &document));
        EXPECT_EQ(document.count, 0);
        EXPECT(diagnostics.error_count > 0);
        arena_release(&arena);
    }
}

static bool reads_levels(int levels)
{
    struct buffer buffer = buffer_in(&arena);
    struct document document;

    for (int i = 0; i < levels; i++)
        buffer_put_byte(&buffer, '[');
    for (int i = 0; i < levels; i++)
        buffer_put_byte(&buffer, ']');
    return read_yaml(buffer_text(&buffer), &document);
}

TEST(the_deepest_nesting_is_32)
{
    EXPECT(reads_levels(32));
    EXPECT(!reads_levels(33));
    EXPECT_EQ(diagnostics.items[0].code, DIAGNOSTIC_E0003);
    EXPECT_EQ(diagnostics.items[0].range.start.column, 33);
    arena_release(&arena);
}

TEST(hostile_directives_and_second_documents_take_no_time)
{
    struct document document;
    struct text tags = repeated("%TAG !a! tag:x,2000:\n", 500000);

    EXPECT(!read_yaml(tags, &document));
    EXPECT_EQ(diagnostics.items[0].code, DIAGNOSTIC_E0005);
    EXPECT(!read_yaml(arena_printf(&arena, "a: 1\n...\n%.*s", TEXT_ARG(tags)), &document));
    EXPECT_EQ(diagnostics.items[0].code, DIAGNOSTIC_E0005);
    EXPECT(!read_yaml(arena_printf(&arena, "%%YAML 1.2\n%.*s--- 1", TEXT_ARG(tags)), &document));
    EXPECT_EQ(diagnostics.items[0].range.start.line, 2);
    arena_release(&arena);
}

TEST(a_file_beyond_a_mebibyte_is_refused)
{
    struct document document;
    struct text most = repeated("#2345678", YAML_FILE_BYTES);

    EXPECT(read_yaml(most, &document));
    EXPECT(!read_yaml(repeated("#2345678", YAML_FILE_BYTES + 1), &document));
    EXPECT_EQ(diagnostics.items[0].code, DIAGNOSTIC_E0003);
    arena_release(&arena);
}

TEST(many_duplicates_are_capped_and_take_no_time)
{
    struct document document;

    EXPECT(read_yaml(repeated("a: b\n", 1000000), &document));
    EXPECT_EQ(diagnostics.error_count, 199999);
    EXPECT_EQ(diagnostics.count, DIAGNOSTICS_MAX);
    arena_release(&arena);
}

/* The source between the ends of a range. */
static struct text written(const struct document *document, struct range range)
{
    return text_first(text_after(document->source, range.start.byte),
                      range.end.byte - range.start.byte);
}

static void expect_written(const struct document *document, const char *pointer,
                           const char *expected)
{
    uint32_t at = document_at(document, 0, text_of(pointer));

    EXPECT(at != CELL_NONE);
    EXPECT_TEXT(written(document, document_range(document, at)), expected);
}

TEST(every_cell_has_its_mark)
{
    struct document document;

    EXPECT(read_yaml(TEXT("# comment\n"
                          "name: \xC3\xA9t\xC3\xA9 # summer\n"
                          "list:\n"
                          "  - one\n"
                          "  - {a: 'x', b: [1, 2]}   \n"
                          "\n"
                          "text: |\n"
                          "  first\n"
                          "\n"
                          "  second\n"
                          "\n"
                          "nothing:\n"
                          "last: \"q\" \n"),
                     &document));
    expect_written(&document, "/name", "\xC3\xA9t\xC3\xA9");
    expect_written(&document, "/list", "- one\n  - {a: 'x', b: [1, 2]}");
    expect_written(&document, "/list/1", "{a: 'x', b: [1, 2]}");
    expect_written(&document, "/list/1/a", "'x'");
    expect_written(&document, "/list/1/b", "[1, 2]");
    expect_written(&document, "/text", "|\n  first\n\n  second");
    expect_written(&document, "/nothing", "");
    expect_written(&document, "/last", "\"q\"");
    EXPECT_EQ(document_range(&document, 2).start.line, 2);
    EXPECT_EQ(document_range(&document, 2).start.column, 7);
    EXPECT_EQ(document_range(&document, 2).end.column, 10);
    EXPECT_EQ(document_range(&document, 0).start.line, 2);
    EXPECT_EQ(document_range(&document, 0).end.line, 13);
    arena_release(&arena);
}

static void expect_inside(struct text source, const char *pointer, const char *needle,
                          uint32_t line, uint32_t column, const char *expected)
{
    struct document document;
    struct range range;
    struct text value;
    uint32_t at;

    EXPECT(read_yaml(source, &document));
    at = document_at(&document, 0, text_of(pointer));
    EXPECT(at != CELL_NONE);
    value = document_text(&document, at);
    range = document_range_inside(&document, at, text_find(value, text_of(needle)), strlen(needle));
    EXPECT_TEXT(written(&document, range), expected);
    EXPECT_EQ(range.start.line, line);
    EXPECT_EQ(range.start.column, column);
    arena_release(&arena);
}

TEST(places_inside_values_are_exact_where_the_source_shows_them)
{
    expect_inside(TEXT("a: hello {{name}} there"), "/a", "{{name}}", 1, 10, "{{name}}");
    expect_inside(TEXT("a: \"h\xC3\xA9 {{name}}\""), "/a", "{{name}}", 1, 8, "{{name}}");
    expect_inside(TEXT("a: 'say {{name}}'"), "/a", "{{name}}", 1, 9, "{{name}}");
    expect_inside(TEXT("a: |\n  one\n\n    {{two}}\n  three {{four}}\n"), "/a", "{{two}}", 4, 5,
                  "{{two}}");
    expect_inside(TEXT("a: |\n  one\n\n    {{two}}\n  three {{four}}\n"), "/a", "{{four}}", 5, 9,
                  "{{four}}");
    expect_inside(TEXT("a: |2-\r\n    x\r\n  {{y}}\r\n\r\n"), "/a", "{{y}}", 3, 3, "{{y}}");
    expect_inside(TEXT("- a: | # note\n    {{x\n    y}}\n"), "/0/a", "{{x\ny}}", 2, 5,
                  "{{x\n    y}}");
    /* Folded text and escapes: the whole value. */
    expect_inside(TEXT("a: >\n  one\n  {{two}}\n"), "/a", "{{two}}", 1, 4, ">\n  one\n  {{two}}");
    expect_inside(TEXT("a: \"\\n{{two}}\""), "/a", "{{two}}", 1, 4, "\"\\n{{two}}\"");
    expect_inside(TEXT("a: one\n  {{two}}"), "/a", "{{two}}", 1, 4, "one\n  {{two}}");
}

TEST(strings_say_how_they_were_written)
{
    struct document document;

    EXPECT(read_yaml(TEXT("[plain, 'quoted', \"esc\\taped\", h\xC3\xA9, 12, ~]"), &document));
    EXPECT_EQ(document.cells[1].flags, CELL_PLAIN | CELL_ASCII);
    EXPECT_EQ(document.cells[2].flags, CELL_ASCII);
    EXPECT_EQ(document.cells[3].flags, CELL_ESCAPED | CELL_ASCII);
    EXPECT_EQ(document.cells[4].flags, CELL_PLAIN);
    EXPECT_EQ(document.cells[5].type, CELL_INTEGER);
    EXPECT_EQ(document.cells[6].type, CELL_NULL);
    arena_release(&arena);
}
