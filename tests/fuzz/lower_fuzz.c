/* A random schema and a random document, made from the input byte by byte, or taken from an input
 * that begins with '{': a schema's text, a NUL, a document's text. Whatever a dialect gets must be
 * in the dialect, and must take every document that the author's schema takes. */
#include "base/buffer.h"
#include "base/check.h"
#include "document/json_read.h"
#include "document/json_write.h"
#include "schema/lower_dialect.h"
#include "schema_dice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct json_limits unlimited = {.depth = 1000, .nodes = JSON_UNLIMITED};

struct trial {
    const struct schema *schema;
    const struct document *document;
    bool holds;
    bool made; /* by the dice, which know few names */
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

/* A document with more members, all null: the bits of `more` say which names which object gets. */
struct nulls {
    const struct document *document;
    struct buffer out;
    uint32_t more;
    unsigned objects;
};
enum { NAMES_MADE = sizeof names / sizeof *names, OBJECTS_TRIED = 2 };

static void put_with_nulls(struct nulls *it, uint32_t at)
{
    const struct document *document = it->document;
    const struct cell *cell = document_cell(document, at);
    bool object = cell->type == CELL_OBJECT, first = true;
    uint32_t more = object ? it->more >> (NAMES_MADE * it->objects++) : 0;

    if (cell->type < CELL_ARRAY) {
        json_put_cell(&it->out, document, at);
        return;
    }
    buffer_put_byte(&it->out, object ? '{' : '[');
    for (uint32_t child = at + 1; child < cell->end; child = document_next(document, child)) {
        buffer_put(&it->out, first ? TEXT("") : TEXT(","));
        first = false;
        if (object) {
            json_put_cell(&it->out, document, child++);
            buffer_put_byte(&it->out, ':');
        }
        put_with_nulls(it, child);
    }
    for (unsigned i = 0; object && i < NAMES_MADE; i++) {
        if ((more >> i & 1) != 0)
            buffer_printf(&it->out, "%s%s:null", first ? "" : ",", names[i]);
        first = first && (more >> i & 1) == 0;
    }
    buffer_put_byte(&it->out, object ? '}' : ']');
}

static unsigned count_objects(const struct document *document)
{
    unsigned count = 0;

    for (uint32_t i = 0; i < document->count; i++)
        count += document_cell(document, i)->type == CELL_OBJECT;
    return count;
}

/* Where all members are required, some nulls make every document that the author's schema takes
 * one of the dialect's. */
static void check_required(const struct trial *trial, const struct lower_dialect *dialect)
{
    struct lower_dialect loose = without_demands(dialect);
    unsigned objects = count_objects(trial->document);
    struct lowered lowered;
    const struct schema *schema;
    bool taken = false;

    loose.all_required = true;
    if (!trial->holds || !trial->made || objects > OBJECTS_TRIED ||
        !schema_lower(trial->schema, &loose, trial->arena, &lowered))
        return;
    schema = compile_text(lowered.text, trial->arena);
    CHECK(schema != NULL);
    for (uint32_t more = 0; !taken && more < 1u << (NAMES_MADE * objects); more++) {
        struct nulls nulls = {.document = trial->document, .more = more};
        struct arena scratch = {0};
        struct document with;

        nulls.out = buffer_in(&scratch);
        put_with_nulls(&nulls, 0);
        taken = json_read(buffer_text(&nulls.out), NULL, &scratch, &with, NULL, NULL) &&
                schema_check(schema, &with, 0, &scratch);
        arena_release(&scratch);
    }
    CHECK(taken);
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
}

static void run(struct text schema_text, struct text document_text, bool made, struct arena *arena)
{
    struct document document;
    const struct lower_dialect *dialect;
    struct trial trial = {.arena = arena, .document = &document, .made = made};

    trial.schema = compile_text(schema_text, arena);
    if (trial.schema == NULL || !json_read(document_text, NULL, arena, &document, NULL, NULL))
        return;
    trial.holds = schema_check(trial.schema, &document, 0, arena);
    for (size_t i = 0; (dialect = lower_dialect_at(i)) != NULL; i++) {
        check_dialect(&trial, dialect);
        check_accepts(&trial, dialect);
    }
    check_required(&trial, lower_dialect_find(TEXT("openai")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct dice dice = {data, data + size, buffer_in(&arena)};
    struct text whole = {(const char *)data, size}, schema;

    if (size > 0 && data[0] == '{') {
        schema = text_split(&whole, '\0');
        run(schema, whole, false, &arena);
    } else {
        put_root(&dice);
        schema = arena_copy(&arena, buffer_text(&dice.out));
        dice.out = buffer_in(&arena);
        put_value(&dice, 4);
        run(schema, buffer_text(&dice.out), true, &arena);
    }
    arena_release(&arena);
    return 0;
}
