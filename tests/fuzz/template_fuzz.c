/* A template, a NUL, and the JSON it is filled from: whatever compiles renders, within the bound it
 * names itself, and with the literals around the values as they were. */
#include "base/check.h"
#include "document/json_read.h"
#include "render/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A schema that knows everything, so that every path is tried. */
static const struct schema *open_schema(struct arena *arena)
{
    struct diagnostics *diagnostics = ARENA_NEW(arena, struct diagnostics);
    struct document *document = ARENA_NEW(arena, struct document);
    struct error err;

    diagnostics->arena = arena;
    CHECK(json_read(TEXT("{}"), NULL, arena, document, NULL, &err));
    return schema_compile(document, 0, arena, diagnostics);
}

static bool compile(struct text text, const struct schema *schema, struct arena *arena,
                    struct template *out)
{
    const struct cell cell = {.type = CELL_STRING, .size = (uint32_t)text.len, .text = text.at};
    const struct range mark = {{1, 1, 0}, {1, 1, 0}};
    const struct document document = {
        .cells = &cell, .count = 1, .source = text, .file = TEXT("fuzz"), .marks = &mark};
    struct diagnostics *diagnostics = ARENA_NEW(arena, struct diagnostics);
    bool valid;

    diagnostics->arena = arena;
    valid = template_compile(&document, 0, schema, arena, diagnostics, out);
    CHECK(valid == (diagnostics->error_count == 0));
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct range *range = &diagnostics->items[i].range;

        CHECK(range->start.byte <= range->end.byte && range->end.byte <= text.len);
        CHECK(range->start.line > 0 && diagnostics->items[i].message.len > 0);
    }
    return valid;
}

/* The literals of the template in order, each behind the last. */
static void check_literals(const struct template *template, struct text rendered)
{
    for (size_t i = 0; i < template->count; i++) {
        struct text literal = template->pieces[i].literal;
        size_t at = text_find(rendered, literal);

        if (template->pieces[i].step_count > 0)
            continue;
        CHECK(literal.len > 0 && at < rendered.len);
        rendered = text_after(rendered, at + literal.len);
    }
}

static void render(const struct template *template, struct text json, struct arena *arena)
{
    struct buffer out = buffer_in(arena);
    struct document input;
    struct error err;

    if (!json_read(json, NULL, arena, &input, NULL, &err))
        return;
    template_render(template, &input, 0, &out);
    CHECK(out.len <= template_rendered_bytes(template, &input, 0));
    check_literals(template, buffer_text(&out));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text json = {(const char *)data, size}, text = text_split(&json, '\0');
    struct arena arena = {0};
    struct template template;

    if (compile(text, open_schema(&arena), &arena, &template))
        render(&template, json, &arena);
    compile(text, NULL, &arena, &template);
    arena_release(&arena);
    return 0;
}
