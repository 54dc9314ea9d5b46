/* A random schema and a random document, made from the input byte by byte: the fast program, the
 * plain one, the explanation and following must agree, and what is explained must make sense. An
 * input that begins with '{' is taken as it is instead: a schema's text, a NUL, a document's text.
 */
#include "base/buffer.h"
#include "base/check.h"
#include "document/json_read.h"
#include "document/utf8.h"
#include "follow_pieces.h"
#include "schema/explain.h"
#include "schema/output.h"
#include "schema/schema.h"
#include "schema_dice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(struct text text, size_t most)
{
    CHECK(text.len <= most);
    CHECK(utf8_valid(text) == text.len);
}

static void check_violations(const struct document *document, struct violations *violations)
{
    violations_locate(violations, document);
    CHECK(violations->listed <= VIOLATIONS_LISTED && violations->listed <= violations->total);
    CHECK((violations->total == 0) == (violations->listed == 0));
    CHECK(violations->total <= VIOLATIONS_COUNTED);
    for (size_t i = 0; i < violations->listed; i++) {
        const struct violation *it = &violations->items[i];

        check_text(it->instance_path, 512);
        check_text(it->schema_path, 512);
        check_text(it->schema_at, 512);
        check_text(it->got, 200);
        CHECK(it->position.byte == document_range(document, it->cell).start.byte);
        CHECK(text_ends(it->message, it->demand));
        check_text(it->message, 300);
        check_text(it->expected, 200);
        CHECK(it->message.len > 0 && it->schema_path.at[0] == '#');
        if (it->instance_path.len < 500)
            CHECK(document_at(document, 0, it->instance_path) != CELL_NONE);
    }
}

/* Asking the fast program what is not worth explaining must not change what is explained. */
static void check_same(const struct violations *a, const struct violations *b)
{
    CHECK(a->total == b->total && a->listed == b->listed);
    for (size_t i = 0; i < a->listed; i++) {
        CHECK(text_equal(a->items[i].message, b->items[i].message));
        CHECK(text_equal(a->items[i].schema_path, b->items[i].schema_path));
    }
}

/* What is written for others can be read by them. */
static void check_written(const struct schema *schema, const struct document *document, bool holds,
                          const struct violations *violations, struct arena *arena)
{
    static const struct json_limits limits = {.nodes = JSON_UNLIMITED};
    struct buffer json = buffer_in(arena), lines = buffer_in(arena);
    struct document read;
    size_t breaks = 0;

    buffer_put_byte(&json, '{');
    violations_write_json(violations, &json);
    buffer_put_byte(&json, '}');
    CHECK(json_read(buffer_text(&json), &limits, arena, &read, NULL, NULL));
    json = buffer_in(arena);
    CHECK(schema_output(schema, document, 0, OUTPUT_BASIC, arena, &json) == holds);
    CHECK(json_read(buffer_text(&json), &limits, arena, &read, NULL, NULL));
    violations_write_lines(violations, &lines);
    for (size_t i = 0; i < lines.len; i++)
        breaks += lines.at[i] == '\n';
    CHECK(breaks == violations->listed + (violations->total > violations->listed));
}

static void run(struct text schema_text, struct text document_text, struct arena *arena)
{
    struct diagnostics *diagnostics = ARENA_NEW(arena, struct diagnostics);
    struct document schema_document, document;
    struct violations violations, plainly;
    const struct schema *schema;
    size_t bytewise = 0, in_sevens = 0;
    bool holds, decided;

    diagnostics->arena = arena;
    if (!json_read(schema_text, NULL, arena, &schema_document, NULL, NULL))
        return;
    schema = schema_compile(&schema_document, 0, arena, diagnostics);
    CHECK((schema == NULL) == (diagnostics->error_count > 0));
    if (schema == NULL || !json_read(document_text, NULL, arena, &document, NULL, NULL))
        return;
    holds = schema_check(schema, &document, 0, arena);
    schema_explain(schema, &document, 0, arena, &violations);
    decided = explain_plainly(schema, &document, 0, true, arena, &plainly);
    CHECK(holds == (violations.total == 0));
    CHECK(!decided || holds == (plainly.total == 0));
    CHECK(holds == (follow_text(schema, document_text, 1, arena, &bytewise) == FOLLOWING_FITS));
    CHECK(holds == (follow_text(schema, document_text, 7, arena, &in_sevens) == FOLLOWING_FITS));
    CHECK(bytewise == in_sevens);
    check_violations(&document, &violations);
    check_violations(&document, &plainly);
    if (decided)
        check_same(&violations, &plainly);
    check_written(schema, &document, holds, &violations, arena);
    schema_root_is_closed(schema);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct dice dice = {data, data + size, buffer_in(&arena)};
    struct text whole = {(const char *)data, size}, schema;

    if (size > 0 && data[0] == '{') {
        schema = text_split(&whole, '\0');
        run(schema, whole, &arena);
    } else {
        put_root(&dice);
        schema = arena_copy(&arena, buffer_text(&dice.out));
        dice.out = buffer_in(&arena);
        put_value(&dice, 4);
        run(schema, buffer_text(&dice.out), &arena);
    }
    arena_release(&arena);
    return 0;
}
