/* Cases of tests/cases/render: template.txt and, if there is one, schema.json; then either
 * input.json and expected.txt, or diagnostics.txt, one line each: "line:column-line:column code
 * message | hint". Rendered text is compared to the byte. */
#include "render/template.h"

#include "case_folder.h"

static struct document document_of(struct text text, const struct cell *cell,
                                   const struct range *mark)
{
    return (struct document){
        .cells = cell, .count = 1, .source = text, .file = TEXT("template.txt"), .marks = mark};
}

/* Compiles a whole text as one string cell that starts on line 1, column 1. */
static bool compile(struct text text, const struct schema *schema, struct arena *arena,
                    struct diagnostics *diagnostics, struct template *out)
{
    const struct cell cell = {.type = CELL_STRING, .size = (uint32_t)text.len, .text = text.at};
    const struct range mark = {{1, 1, 0}, {1, 1, 0}};
    const struct document document = document_of(text, &cell, &mark);

    return template_compile(&document, 0, schema, arena, diagnostics, out);
}

static struct text list_diagnostics(const struct diagnostics *diagnostics, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct diagnostic *d = &diagnostics->items[i];

        buffer_printf(&out, "%u:%u-%u:%u %s %.*s", d->range.start.line, d->range.start.column,
                      d->range.end.line, d->range.end.column, diagnostic_name(d->code),
                      TEXT_ARG(d->message));
        if (d->hint.len > 0)
            buffer_printf(&out, " | %.*s", TEXT_ARG(d->hint));
        buffer_put_byte(&out, '\n');
    }
    return buffer_text(&out);
}

static const struct schema *case_schema(const char *folder, struct arena *arena)
{
    struct document *document = ARENA_NEW(arena, struct document);
    struct diagnostics diagnostics = {.arena = arena};
    const struct schema *schema;

    if (!case_json(folder, "schema.json", arena, document))
        return NULL;
    schema = schema_compile(document, 0, arena, &diagnostics);
    if (schema == NULL)
        fail_msg("%s: schema.json is refused", folder);
    return schema;
}

static void run_render(const char *folder, const struct template *template, struct arena *arena)
{
    struct buffer out = buffer_in(arena);
    struct document input;
    struct text expected = {0};

    if (!case_json(folder, "input.json", arena, &input) ||
        !case_file(folder, "expected.txt", arena, &expected))
        fail_msg("%s: needs input.json and expected.txt", folder);
    template_render(template, &input, 0, &out);
    case_expect(folder, "rendered", buffer_text(&out), expected);
    assert_true(template_rendered_bytes(template, &input, 0) >= out.len);
}

static void run_case(const char *folder, struct arena *arena)
{
    struct diagnostics diagnostics = {.arena = arena};
    const struct schema *schema = case_schema(folder, arena);
    struct template template;
    struct text text, expected = {0};
    bool valid;

    if (!case_file(folder, "template.txt", arena, &text))
        fail_msg("%s: needs template.txt", folder);
    case_file(folder, "diagnostics.txt", arena, &expected);
    valid = compile(text, schema, arena, &diagnostics, &template);
    case_expect(folder, "diagnostics", list_diagnostics(&diagnostics, arena), expected);
    assert_int_equal(valid, expected.len == 0);
    if (valid)
        run_render(folder, &template, arena);
}

TEST(the_cases_of_tests_cases_render_hold)
{
    EXPECT(case_walk("render", run_case) > 0);
}

TEST(a_zeroed_template_renders_nothing)
{
    const struct cell null = {.type = CELL_NULL};
    const struct document input = {.cells = &null, .count = 1};
    const struct template empty = {0};
    struct buffer out = {0};

    template_render(&empty, &input, 0, &out);
    EXPECT_EQ(out.len, 0);
    EXPECT_EQ(template_rendered_bytes(&empty, &input, 0), 0);
}

TEST(a_compiled_template_outlives_its_document)
{
    struct arena arena = {0};
    struct diagnostics diagnostics = {.arena = &arena};
    char *text = strdup("Say {{message}}!");
    const struct cell value = {.type = CELL_STRING, .size = 2, .text = "hi"};
    const struct document input = {.cells = &value, .count = 1};
    struct template template;
    struct buffer out = buffer_in(&arena);

    EXPECT(compile(text_of(text), NULL, &arena, &diagnostics, &template));
    memset(text, 'x', strlen(text));
    free(text);
    template_render(&template, &input, 0, &out);
    EXPECT_TEXT(buffer_text(&out), "Say hi!");
    arena_release(&arena);
}

/* 128 KiB of openings is refused in time linear in it: were each to look for its end, this test
 * would not come back. */
TEST(a_template_of_open_tags_is_refused_in_linear_time)
{
    enum { BYTES = 1 << 17 };
    static const char *const repeated[] = {"{{", "{{a ", "{{!", "{{{", "{{a}} ", "{{#a}}", "{{a}"};

    for (size_t i = 0; i < sizeof repeated / sizeof *repeated; i++) {
        struct arena arena = {0};
        struct diagnostics *diagnostics = ARENA_NEW(&arena, struct diagnostics);
        size_t len = strlen(repeated[i]);
        char *text = arena_bytes(&arena, BYTES);
        struct template template;

        diagnostics->arena = &arena;
        for (size_t at = 0; at < BYTES; at++)
            text[at] = repeated[i][at % len];
        EXPECT(!compile((struct text){text, BYTES}, NULL, &arena, diagnostics, &template));
        EXPECT(diagnostics->count > 0);
        arena_release(&arena);
    }
}
