/* A random schema and a random document, or the texts of both behind one another with a NUL between
 * them: the schema's bundle stands alone, compiles by itself, and says of the document what the
 * schema says, but for what bundle.h names. */
#include "base/buffer.h"
#include "base/check.h"
#include "document/json_read.h"
#include "schema/bundle.h"
#include "schema/explain.h"
#include "schema_dice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct json_limits unlimited = {.nodes = JSON_UNLIMITED};

static const struct schema *compile(struct text text, const struct schema_limits *limits,
                                    struct arena *arena)
{
    struct diagnostics *diagnostics = ARENA_NEW(arena, struct diagnostics);
    struct document *document = ARENA_NEW(arena, struct document);
    const struct schema_options options = {.limits = limits};

    diagnostics->arena = arena;
    if (!json_read(text, &unlimited, arena, document, NULL, NULL))
        return NULL;
    return schema_compile_with(document, 0, &options, arena, diagnostics);
}

/* Older drafts have two words that the newest has not. */
static bool is_sayable(struct text schema)
{
    return text_find(schema, TEXT("$schema")) == schema.len;
}

static bool decides(const struct schema *schema, const struct document *document,
                    struct arena *arena, bool *out_holds)
{
    struct violations violations;

    schema_explain(schema, document, 0, arena, &violations);
    *out_holds = violations.total == 0;
    return !violations.undecided;
}

static void run(struct text schema_text, struct text document_text, struct arena *arena)
{
    /* The bundle is larger than the schema by its names. */
    struct schema_limits roomy = schema_limits_authors;
    const struct schema *schema = compile(schema_text, NULL, arena), *alone;
    struct schema_bundle bundle;
    struct document document;
    bool holds, its;

    if (schema == NULL)
        return;
    roomy.bytes *= 8;
    roomy.subschemas *= 2;
    roomy.nesting += 8;
    roomy.compile_ms = 60000;
    schema_bundle(schema, TEXT("#/$defs/"), TEXT("x_"), arena, &bundle);
    alone = compile(arena_printf(arena, "{\"allOf\":[%.*s],\"$defs\":{%.*s}}",
                                 TEXT_ARG(bundle.schema), TEXT_ARG(bundle.definitions)),
                    &roomy, arena);
    CHECK(alone != NULL);
    if (!json_read(document_text, NULL, arena, &document, NULL, NULL) || !is_sayable(schema_text))
        return;
    if (decides(schema, &document, arena, &holds) && decides(alone, &document, arena, &its))
        CHECK(holds == its);
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
