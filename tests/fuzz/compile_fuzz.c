/* Schemas as texts, the first being compiled and the others what it may refer to, a NUL between
 * them. Whatever they are, compiling ends, within its limits; what compiles satisfies its
 * meta-schema, and answers about a few documents the same whichever way it is asked. */
#include "base/check.h"
#include "document/json_read.h"
#include "schema/explain.h"
#include "schema/schema.h"
#include "schema/set.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct json_limits reading = {.depth = 200, .nodes = JSON_UNLIMITED};

static const char *const documents[] = {
    "null", "true",      "0",
    "1.0",  "-3.5",      "12345678901234567890123",
    "\"\"", "\"a\"",     "\"2024-02-29\"",
    "[]",   "[1,1]",     "[\"a\",2]",
    "{}",   "{\"a\":1}", "{\"a\":{\"b\":[null,\"x\"]},\"c\":false}",
};
enum { DOCUMENTS = sizeof documents / sizeof *documents };

/* Compiled once, kept for the life of the process. */
static const struct schema *metaschema(void)
{
    static const char uri[] = "{\"$ref\":\"https://json-schema.org/draft/2020-12/schema\"}";
    static struct arena arena;
    static struct document document;
    static const struct schema *schema;
    static struct diagnostics diagnostics = {.arena = &arena};
    static const struct schema_options options = {.formats = FORMATS_ANNOTATE};

    if (schema == NULL) {
        CHECK(json_read(text_of(uri), NULL, &arena, &document, NULL, NULL));
        schema = schema_compile_with(&document, 0, &options, &arena, &diagnostics);
        CHECK(schema != NULL);
    }
    return schema;
}

/* The others, as file:///1.json and so on. */
static struct schema_set *read_others(struct text rest, struct arena *arena)
{
    struct schema_set *set = schema_set_new(arena);

    for (int number = 1; rest.len > 0; number++) {
        struct document *document = ARENA_NEW(arena, struct document);

        if (json_read(text_split(&rest, '\0'), &reading, arena, document, NULL, NULL))
            schema_set_add(set, arena_printf(arena, "file:///%d.json", number), document, 0);
    }
    return set;
}

static void check_answers(const struct schema *schema)
{
    for (size_t i = 0; i < DOCUMENTS; i++) {
        struct arena arena = {0};
        struct document document;
        struct violations violations, plainly;
        bool holds;

        CHECK(json_read(text_of(documents[i]), NULL, &arena, &document, NULL, NULL));
        holds = schema_check(schema, &document, 0, &arena);
        schema_explain(schema, &document, 0, &arena, &violations);
        explain_plainly(schema, &document, 0, true, &arena, &plainly);
        CHECK(holds == (violations.total == 0) && holds == (plainly.total == 0));
        arena_release(&arena);
    }
}

static void compile(const struct document *document, const struct schema_options *options,
                    struct text source)
{
    struct arena arena = {0};
    struct diagnostics *diagnostics = ARENA_NEW(&arena, struct diagnostics);
    const struct schema *schema;

    diagnostics->arena = &arena;
    schema = schema_compile_with(document, 0, options, &arena, diagnostics);
    CHECK((schema == NULL) == (diagnostics->error_count > 0));
    CHECK(arena.total_bytes <= 64 * 1024 * 1024);
    if (schema != NULL) {
        if (text_find(source, TEXT("schema")) == source.len)
            CHECK(schema_check(metaschema(), document, 0, &arena));
        check_answers(schema);
    }
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text rest = {(const char *)data, size}, source = text_split(&rest, '\0');
    struct schema_options callers = {.limits = &schema_limits_callers},
                          authors = {.uri = TEXT("file:///0.json")};
    struct arena arena = {0};
    struct document document;

    if (json_read(source, &reading, &arena, &document, NULL, NULL)) {
        compile(&document, &callers, source);
        authors.set = read_others(rest, &arena);
        compile(&document, &authors, source);
    }
    arena_release(&arena);
    return 0;
}
