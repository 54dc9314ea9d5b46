/* Cases of tests/cases/render: template.txt and, if there are any, schema.json and partials/; then
 * either input.json and expected.txt, or diagnostics.txt, one line each:
 * "file:line:column-line:column code message | hint", without the file where it is the template.
 * Rendered text is compared to the byte. With `fails.txt` rendering is refused with that message.
 * With PINION_WRITE_CASES set, what diagnostics.txt has to hold is written there. */
#include "render/partials.h"

#include "case_folder.h"

/* Compiles a whole text as one string cell that starts on line 1, column 1. */
static bool compile(struct text text, const struct template_use *use, struct arena *arena,
                    struct diagnostics *diagnostics, struct template *out)
{
    return template_compile(document_of_text(text, TEXT("template.txt"), arena), 0, use, arena,
                            diagnostics, out);
}

static struct text list_diagnostics(const struct diagnostics *diagnostics, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct diagnostic *d = &diagnostics->items[i];

        if (!text_equal(d->file, TEXT("template.txt")))
            buffer_printf(&out, "%.*s:", TEXT_ARG(d->file));
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

/* Reads the case's partials, which may be none; they are linked. */
static void case_partials(const char *folder, struct arena *arena, struct diagnostics *diagnostics,
                          struct partials *out)
{
    enum { CASE_PARTIALS_MAX = 20 };
    DIR *directory = opendir(arena_printf(arena, "%s/partials", folder).at);
    const struct dirent *entry;

    out->items = ARENA_ARRAY(arena, struct partial, CASE_PARTIALS_MAX);
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        struct text name = text_of(entry->d_name), bytes;
        const char *path;

        if (!text_ends(name, TEXT(".mustache")))
            continue;
        assert_true(out->count < CASE_PARTIALS_MAX);
        path = arena_printf(arena, "partials/%s", entry->d_name).at;
        EXPECT(case_file(folder, path, arena, &bytes));
        name = arena_copy(arena, text_first(name, name.len - strlen(".mustache")));
        partial_read(name, document_of_text(bytes, text_of(path), arena), arena, diagnostics,
                     &out->items[out->count++]);
    }
    if (directory != NULL)
        closedir(directory);
    partials_link(out, arena);
}

static const struct schema *open_schema(struct arena *arena, struct diagnostics *diagnostics)
{
    struct document *document = ARENA_NEW(arena, struct document);
    struct error err;

    EXPECT(json_read(TEXT("true"), NULL, arena, document, NULL, &err));
    return schema_compile(document, 0, arena, diagnostics);
}

static void run_render(const char *folder, const struct template *template, struct arena *arena)
{
    struct buffer out = buffer_in(arena);
    struct document input;
    struct text expected = {0};
    struct error err = {0};

    if (!case_json(folder, "input.json", arena, &input))
        fail_msg("%s: needs input.json", folder);
    if (case_file(folder, "fails.txt", arena, &expected)) {
        EXPECT(!template_render(template, &input, 0, &out, &err));
        EXPECT_EQ(err.code, ERROR_TEMPLATE_ERROR);
        case_expect(folder, "refused", text_of(err.message), text_trim(expected));
        EXPECT(out.len <= input.source.len * 2 + RENDERED_BYTES_MAX);
        return;
    }
    EXPECT(template_render(template, &input, 0, &out, &err));
    case_settle(folder, "expected.txt", arena, buffer_text(&out));
}

static void run_case(const char *folder, struct arena *arena)
{
    struct diagnostics diagnostics = {.arena = arena};
    struct partials partials = {0};
    const struct template_use use = {.input = case_schema(folder, arena),
                                     .partials = &partials,
                                     .file = TEXT("endpoints/case.yaml")};
    struct template template;
    struct text text;
    bool valid;

    if (!case_file(folder, "template.txt", arena, &text))
        fail_msg("%s: needs template.txt", folder);
    case_partials(folder, arena, &diagnostics, &partials);
    valid = compile(text, &use, arena, &diagnostics, &template);
    assert_int_equal(valid, diagnostics.error_count == 0);
    if (valid) {
        run_render(folder, &template, arena);
        return;
    }
    diagnostics_sort(&diagnostics);
    case_settle(folder, "diagnostics.txt", arena, list_diagnostics(&diagnostics, arena));
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
    struct error err;

    EXPECT(template_render(&empty, &input, 0, &out, &err));
    EXPECT_EQ(out.len, 0);
}

/* What is counted are members looked through, not the bytes of a text that has none. */
TEST(a_path_through_a_long_text_costs_a_step)
{
    enum { BYTES = 3 << 20 };
    struct arena arena = {0};
    struct diagnostics diagnostics = {.arena = &arena};
    char *bytes = arena_bytes(&arena, BYTES);
    const struct cell cells[] = {{.type = CELL_OBJECT, .size = 1, .end = 3},
                                 {.type = CELL_STRING, .size = 1, .text = "a"},
                                 {.type = CELL_STRING, .size = BYTES, .text = bytes}};
    const struct document input = {.cells = cells, .count = 3};
    const struct template_use use = {.input = open_schema(&arena, &diagnostics)};
    struct template template;
    struct buffer out = buffer_in(&arena);
    struct error err;

    memset(bytes, 'x', BYTES);
    EXPECT(compile(TEXT("{{a.b}}{{a}}"), &use, &arena, &diagnostics, &template));
    EXPECT(template_render(&template, &input, 0, &out, &err));
    EXPECT_EQ(out.len, BYTES);
    arena_release(&arena);
}

TEST(a_compiled_template_outlives_its_document)
{
    struct arena arena = {0};
    struct diagnostics diagnostics = {.arena = &arena};
    char *text = strdup("Say {{message}}!");
    const struct cell value = {.type = CELL_STRING, .size = 2, .text = "hi"};
    const struct document input = {.cells = &value, .count = 1};
    const struct template_use free_text = {0};
    struct template template;
    struct buffer out = buffer_in(&arena);
    struct error err;

    EXPECT(compile(text_of(text), &free_text, &arena, &diagnostics, &template));
    memset(text, 'x', strlen(text));
    free(text);
    EXPECT(template_render(&template, &input, 0, &out, &err));
    EXPECT_TEXT(buffer_text(&out), "Say hi!");
    arena_release(&arena);
}

/* A chain of partials, each naming the next: the first that has too many within it is refused,
 * once. */
TEST(partials_nest_as_deep_as_they_say)
{
    enum { CHAIN = 66 };
    struct arena arena = {0};
    struct diagnostics diagnostics = {.arena = &arena};
    struct partials partials = {.items = ARENA_ARRAY(&arena, struct partial, CHAIN),
                                .count = CHAIN};

    for (size_t i = 0; i < CHAIN; i++) {
        struct text body = i + 1 < CHAIN ? arena_printf(&arena, "{{>p%02zu}}", i + 1) : TEXT("end");

        partial_read(arena_printf(&arena, "p%02zu", i), document_of_text(body, TEXT("p"), &arena),
                     &arena, &diagnostics, &partials.items[i]);
    }
    partials_link(&partials, &arena);
    EXPECT_EQ(diagnostics.error_count, 1);
    EXPECT_TEXT(diagnostics.items[0].message, "partials include one another deeper than 64");
    EXPECT(partials_find(&partials, TEXT("p01"))->refused);
    EXPECT(!partials_find(&partials, TEXT("p02"))->refused);
    EXPECT(partials_find(&partials, TEXT("p66")) == NULL);
    arena_release(&arena);
}

/* 128 KiB of openings is refused in time linear in it: were each to look for its end, this test
 * would not come back. */
TEST(a_template_of_open_tags_is_refused_in_linear_time)
{
    enum { BYTES = 1 << 17 };
    static const char *const repeated[] = {
        "{{",   "{{a ", "{{!",       "{{{",    "{{a}} ",   "{{#a}}",
        "{{a}", "{{=",  "{{=| |=}}", "{{/a}}", "{{>a}}\n", "  {{^a}}\n"};
    const struct template_use free_text = {0};

    for (size_t i = 0; i < sizeof repeated / sizeof *repeated; i++) {
        struct arena arena = {0};
        struct diagnostics *diagnostics = ARENA_NEW(&arena, struct diagnostics);
        size_t len = strlen(repeated[i]);
        char *text = arena_bytes(&arena, BYTES);
        struct template template;

        diagnostics->arena = &arena;
        for (size_t at = 0; at < BYTES; at++)
            text[at] = repeated[i][at % len];
        EXPECT(!compile((struct text){text, BYTES}, &free_text, &arena, diagnostics, &template));
        EXPECT(diagnostics->count > 0);
        arena_release(&arena);
    }
}
