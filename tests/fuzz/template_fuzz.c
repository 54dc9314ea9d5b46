/* A template, partials named a, b and c, and the JSON it is filled from, with a NUL between each
 * two: whatever compiles renders within its bounds, with the literals around the values as they
 * were, and nothing in a value is taken for a tag. Three schemas: one that knows everything, one
 * with lists and objects that come back, none. */
#include "base/check.h"
#include "document/json_read.h"
#include "render/partials.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FIELDS_MAX = 5 };

static const char tree[] =
    "{\"$defs\":{\"n\":{\"type\":\"object\",\"properties\":{\"t\":{\"type\":\"string\"},"
    "\"n\":{\"type\":\"integer\"},\"c\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/n\"}},"
    "\"o\":{\"anyOf\":[{\"$ref\":\"#/$defs/"
    "n\"},{\"type\":\"array\",\"prefixItems\":[{\"properties\":"
    "{\"p\":true}}]}]}},\"additionalProperties\":false}},\"$ref\":\"#/$defs/n\"}";

/* Kept for all runs. */
static const struct schema *schema_of(struct text source)
{
    static struct arena arena;
    struct diagnostics *diagnostics = ARENA_NEW(&arena, struct diagnostics);
    struct document *document = ARENA_NEW(&arena, struct document);
    struct error err;

    diagnostics->arena = &arena;
    CHECK(json_read(source, NULL, &arena, document, NULL, &err));
    return schema_compile(document, 0, &arena, diagnostics);
}

static void check_diagnostics(const struct diagnostics *diagnostics)
{
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct diagnostic *it = &diagnostics->items[i];

        CHECK(it->range.start.byte <= it->range.end.byte && it->range.end.byte <= it->source.len);
        CHECK(it->range.start.line > 0 && it->message.len > 0);
    }
}

static bool compile(const struct text *fields, size_t count, const struct schema *schema,
                    struct arena *arena, struct template *out)
{
    static const char *const names[] = {"a", "b", "c"};
    struct diagnostics *diagnostics = ARENA_NEW(arena, struct diagnostics);
    struct partials partials = {.items = ARENA_ARRAY(arena, struct partial, FIELDS_MAX)};
    const struct template_use use = {
        .input = schema, .partials = &partials, .file = TEXT("user.yaml")};
    bool valid;

    diagnostics->arena = arena;
    for (size_t i = 1; i + 1 < count; i++)
        partial_read(text_of(names[i - 1]),
                     document_of_text(fields[i], text_of(names[i - 1]), arena), arena, diagnostics,
                     &partials.items[partials.count++]);
    partials_link(&partials, arena);
    valid = template_compile(document_of_text(fields[0], TEXT("fuzz"), arena), 0, &use, arena,
                             diagnostics, out);
    CHECK(valid || diagnostics->error_count > 0);
    check_diagnostics(diagnostics);
    return valid;
}

/* The literals of the template that are in no section, in order, each behind the last. */
static void check_literals(const struct template *template, struct text rendered)
{
    for (size_t i = 0; i < template->count; i += 1 + template->pieces[i].inside) {
        struct text literal = template->pieces[i].text;
        size_t at = text_find(rendered, literal);

        if (template->pieces[i].kind != PIECE_TEXT)
            continue;
        CHECK(literal.len > 0 && at < rendered.len);
        rendered = text_after(rendered, at + literal.len);
    }
}

static char harmless(char byte)
{
    return byte != '\0' && strchr("{}<>%=#^/&|!.", byte) != NULL ? 'x' : byte;
}

/* The same input with nothing in its strings, but for the names, that could be part of a tag. */
static struct document without_tags(const struct document *input, struct arena *arena)
{
    struct cell *cells = ARENA_ARRAY(arena, struct cell, input->count);
    struct document copy = *input;

    copy.cells = cells;
    for (uint32_t at = 0; at < input->count; at++) {
        char *bytes;

        cells[at] = input->cells[at];
        if (cells[at].type != CELL_STRING || (cells[at].flags & CELL_HASHED))
            continue;
        bytes = arena_bytes(arena, cells[at].size);
        for (uint32_t i = 0; i < cells[at].size; i++)
            bytes[i] = harmless(cells[at].text[i]);
        cells[at].text = bytes;
    }
    return copy;
}

static void check_values(const struct template *template, const struct document *input,
                         struct text rendered, struct arena *arena)
{
    struct document plain = without_tags(input, arena);
    struct buffer out = buffer_in(arena);
    struct error err;

    CHECK(template_render(template, &plain, 0, &out, &err) && out.len == rendered.len);
    for (size_t i = 0; i < out.len; i++)
        CHECK(harmless(out.at[i]) == harmless(rendered.at[i]));
}

static void render(const struct template *template, struct text json, struct arena *arena)
{
    struct buffer out = buffer_in(arena);
    struct document input;
    struct error err;

    if (!json_read(json, NULL, arena, &input, NULL, &err))
        return;
    if (template_render(template, &input, 0, &out, &err)) {
        check_literals(template, buffer_text(&out));
        check_values(template, &input, buffer_text(&out), arena);
    } else {
        CHECK(err.code == ERROR_TEMPLATE_ERROR);
    }
    /* Beyond the bound by one value, whose escapes take at most six bytes for one. */
    CHECK(out.len <= RENDERED_BYTES_MAX + 8 * json.len + 1024 * 1024);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text rest = {(const char *)data, size}, fields[FIELDS_MAX] = {{0}};
    static const struct schema *open, *nested;
    struct arena arena = {0};
    struct template template;
    size_t count = 0;

    if (open == NULL) {
        open = schema_of(TEXT("{}"));
        nested = schema_of(text_of(tree));
    }

    while (count + 1 < FIELDS_MAX && text_find_byte(rest, '\0') < rest.len)
        fields[count++] = text_split(&rest, '\0');
    if (count == 0)
        fields[count++] = rest;
    fields[count++] = rest;
    if (compile(fields, count, open, &arena, &template))
        render(&template, rest, &arena);
    compile(fields, count, nested, &arena, &template);
    compile(fields, count, NULL, &arena, &template);
    arena_release(&arena);
    return 0;
}
