/* A random schema and a random document, made from the input byte by byte, or taken from an input
 * that begins with '{': a schema's text, a NUL, a document's text. Whatever a dialect gets must be
 * in the dialect, and must take every document that the author's schema takes. */
#include "base/buffer.h"
#include "base/check.h"
#include "document/json_read.h"
#include "schema/lower_dialect.h"
#include "schema_dice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct json_limits unlimited = {.depth = 1000, .nodes = JSON_UNLIMITED};

struct trial {
    const struct schema *schema;
    const struct document *document;
    bool holds;
    struct arena *arena;
};

static const struct schema *compile_text(struct text text, struct arena *arena)
{
    struct diagnostics *diagnostics = ARENA_NEW(arena, struct diagnostics);
    struct document *document = ARENA_NEW(arena, struct document);

    diagnostics->arena = arena;
    if (!json_read(text, &unlimited, arena, document, NULL, NULL))
        return NULL;
    return schema_compile(document, 0, arena, diagnostics);
}

/* The same schemas, without the two things that may make a dialect's narrower than the author's. */
static struct lower_dialect without_demands(const struct lower_dialect *dialect)
{
    struct lower_dialect loose = *dialect;

    loose.object_root = loose.closes = loose.all_required = loose.one_required = false;
    loose.nullable = false;
    loose.any_value = loose.type_arrays = true;
    return loose;
}

static void check_accepts(const struct trial *trial, const struct lower_dialect *dialect)
{
    struct lower_dialect loose = without_demands(dialect);
    struct lowered lowered;
    const struct schema *schema;

    if (!trial->holds || !schema_lower(trial->schema, &loose, trial->arena, &lowered))
        return;
    schema = compile_text(lowered.text, trial->arena);
    CHECK(schema != NULL);
    CHECK(schema_check(schema, trial->document, 0, trial->arena));
}

/* What the author's schema takes as it is has no null that stands for absence. */
static void check_raised(const struct trial *trial, const struct lowered *lowered)
{
    struct document raised, again;

    schema_raise(lowered, trial->document, trial->arena, &raised);
    CHECK(!trial->holds || raised.cells == trial->document->cells);
    schema_raise(lowered, &raised, trial->arena, &again);
    CHECK(again.cells == raised.cells || again.count < raised.count);
}

static void check_dialect(const struct trial *trial, const struct lower_dialect *dialect)
{
    struct document document;
    struct lowered lowered;
    bool expressed = schema_lower(trial->schema, dialect, trial->arena, &lowered);

    CHECK(expressed == (lowered.text.len > 0) && expressed == (lowered.reason.len == 0));
    CHECK(lowered.text.len <= LOWERED_BYTES_MAX * 2);
    for (size_t i = 0; i < lowered.drop_count; i++)
        CHECK(lowered.drops[i].says.len > 0);
    if (!expressed)
        return;
    CHECK(json_read(lowered.text, &unlimited, trial->arena, &document, NULL, NULL));
    CHECK(lower_dialect_takes(dialect, &document, 0, NULL));
    CHECK(compile_text(lowered.text, trial->arena) != NULL || dialect->nullable);
    check_raised(trial, &lowered);
    check_accepts(trial, dialect);
}

static void run(struct text schema_text, struct text document_text, struct arena *arena)
{
    struct document document;
    const struct lower_dialect *dialect;
    struct trial trial = {.arena = arena, .document = &document};

    trial.schema = compile_text(schema_text, arena);
    if (trial.schema == NULL || !json_read(document_text, NULL, arena, &document, NULL, NULL))
        return;
    trial.holds = schema_check(trial.schema, &document, 0, arena);
    for (size_t i = 0; (dialect = lower_dialect_at(i)) != NULL; i++)
        check_dialect(&trial, dialect);
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
