/* Schemas that refer to each other: a byte that chooses the draft and the limits, then the texts of
 * a.json, b.json and c.json and of a document, separated by NULs. Compiling a.json never fails but
 * with an error, and what was compiled has one verdict in all ways of running. */
#include "base/check.h"
#include "document/json_read.h"
#include "schema/dialect.h"
#include "schema/explain.h"
#include "schema/program.h"
#include "schema/set.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add(struct schema_set *set, struct text uri, struct text json, struct arena *arena)
{
    struct document *document = ARENA_NEW(arena, struct document);

    if (json_read(json, NULL, arena, document, NULL, NULL)) {
        document->file = uri;
        schema_set_add(set, uri, document, 0);
    }
}

static void run(const struct schema *schema, struct text json, struct arena *arena)
{
    struct violations violations, plainly;
    struct document document;
    bool holds;

    for (uint32_t i = 0; i < schema->node_count; i++)
        CHECK(schema_location(schema, schema->nodes[i].cell, arena).len > 0);
    if (!json_read(json, NULL, arena, &document, NULL, NULL))
        return;
    holds = schema_check(schema, &document, 0, arena);
    schema_explain(schema, &document, 0, arena, &violations);
    CHECK(holds == (violations.total == 0));
    if (explain_plainly(schema, &document, 0, true, arena, &plainly))
        CHECK(holds == (plainly.total == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct diagnostics *diagnostics = ARENA_NEW(&arena, struct diagnostics);
    struct schema_set *set = schema_set_new(&arena);
    struct schema_limits limits = schema_limits_authors;
    struct schema_options options = {.limits = &limits};
    struct text rest = {(const char *)data + 1, size - 1};
    const struct schema *schema;

    if (size > 0) {
        options.metaschema = dialect_of((enum draft)(data[0] % DRAFT_COUNT))->metaschema;
        options.formats = (data[0] / 8) % 3;
        options.content_asserts = (data[0] & 64) != 0;
        if ((data[0] & 128) != 0)
            limits = schema_limits_callers;
        limits.compile_ms = 10000; /* a verdict must not depend on the machine */
        diagnostics->arena = &arena;
        add(set, TEXT("a.json"), text_split(&rest, '\0'), &arena);
        add(set, TEXT("b.json"), text_split(&rest, '\0'), &arena);
        add(set, TEXT("c.json"), text_split(&rest, '\0'), &arena);
        schema = schema_set_compile(set, TEXT("a.json"), &options, &arena, diagnostics);
        CHECK((schema == NULL) == (diagnostics->error_count > 0));
        if (schema != NULL)
            run(schema, rest, &arena);
    }
    arena_release(&arena);
    return 0;
}
