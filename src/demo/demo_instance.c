/* The schema is walked and JSON written as it goes. Where there is a choice (a branch, a type, one
 * of several values, whether to give an optional member) the first is taken. The whole is then
 * checked; every place that a violation names counts as tried once more, and its next choice is
 * taken in the next round. A lean second series of rounds gives only what is required. */
#include "demo/demo_instance.h"

#include "demo/demo_maker.h"
#include "document/json_read.h"
#include "document/json_write.h"
#include "schema/schema.h"

enum {
    ROUNDS = 12,         /* of each series */
    NODES_SERIES = 6000, /* values in all rounds of a series */
    NOT_WANTED = 100,
    SCALAR_AFTER = 4,
};

unsigned demo_attempts(const struct demo_maker *maker, struct text pointer)
{
    for (size_t i = 0; i < maker->place_count; i++)
        if (text_equal(maker->places[i].pointer, pointer))
            return maker->places[i].attempts;
    return 0;
}

static void count_attempt(struct demo_maker *maker, struct text pointer, unsigned attempts)
{
    for (size_t i = 0; i < maker->place_count; i++)
        if (text_equal(maker->places[i].pointer, pointer)) {
            maker->places[i].attempts += attempts;
            return;
        }
    if (maker->place_count < DEMO_PLACES_MAX)
        maker->places[maker->place_count++] =
            (struct demo_place){arena_copy(maker->arena, pointer), attempts};
}

bool demo_is_rich(const struct demo_maker *maker, const struct demo_spot *spot)
{
    return !maker->lean && spot->depth < DEMO_DEPTH_RICH && maker->nodes < DEMO_NODES_RICH;
}

struct demo_set demo_set_none(const struct demo_maker *maker)
{
    return (struct demo_set){.document = maker->document, .root = maker->root};
}

struct text demo_child_pointer(const struct demo_maker *maker, struct text parent, struct text step)
{
    struct buffer escaped = buffer_in(maker->arena);

    if (text_find_byte(step, '~') == step.len && text_find_byte(step, '/') == step.len)
        return arena_printf(maker->arena, "%.*s/%.*s", TEXT_ARG(parent), TEXT_ARG(step));
    for (size_t i = 0; i < step.len; i++)
        if (step.at[i] == '~' || step.at[i] == '/')
            buffer_put(&escaped, step.at[i] == '~' ? TEXT("~0") : TEXT("~1"));
        else
            buffer_put_byte(&escaped, step.at[i]);
    return arena_printf(maker->arena, "%.*s/%.*s", TEXT_ARG(parent),
                        TEXT_ARG(buffer_text(&escaped)));
}

size_t demo_times_inside(const struct demo_maker *maker, const struct demo_set *set, unsigned depth)
{
    size_t times = 0;

    for (unsigned i = 0; i < depth && i <= DEMO_DEPTH_MAX; i++)
        for (size_t j = 0; j < set->count; j++)
            times += maker->ancestors[i] == set->at[j];
    return times;
}

/* A whole array or object written in the schema as const or in enum. */
static bool put_written(struct demo_maker *maker, const struct demo_set *set, unsigned choice,
                        struct buffer *out)
{
    const struct document *document = maker->document;
    size_t from = 0;
    uint32_t at = demo_set_next(set, "const", &from);

    if (at == CELL_NONE) {
        from = 0;
        at = demo_set_next(set, "enum", &from);
        if (at == CELL_NONE || document_cell(document, at)->type != CELL_ARRAY ||
            document_cell(document, at)->size == 0)
            return false;
        choice %= document_cell(document, at)->size;
        for (at++; choice > 0; choice--)
            at = document_next(document, at);
    }
    json_put_cell(out, document, at);
    return true;
}

/* The types that fit. When no type is said, first the one that keywords speak of; a scalar, which
 * those keywords do not concern, when that has failed a few times. */
static unsigned types_of(const struct demo_set *set, unsigned choice)
{
    unsigned types = demo_set_types(set);

    if (types != DEMO_TYPES_ALL)
        return types;
    types &= ~(1u << CELL_OBJECT | 1u << CELL_ARRAY);
    if (choice >= SCALAR_AFTER)
        return types;
    if (demo_set_has(set, "properties") || demo_set_has(set, "required") ||
        demo_set_has(set, "patternProperties") || demo_set_has(set, "minProperties"))
        return 1u << CELL_OBJECT;
    if (demo_set_has(set, "items") || demo_set_has(set, "prefixItems") ||
        demo_set_has(set, "contains") || demo_set_has(set, "minItems"))
        return 1u << CELL_ARRAY;
    if (demo_set_has(set, "minimum") || demo_set_has(set, "maximum") ||
        demo_set_has(set, "multipleOf") || demo_set_has(set, "exclusiveMinimum"))
        return 1u << CELL_NUMBER;
    return types;
}

static bool make_leaf(struct demo_maker *maker, const struct demo_set *set,
                      const struct demo_spot *spot, unsigned types, unsigned choice,
                      struct buffer *out)
{
    bool tiny = maker->lean || maker->nodes >= DEMO_NODES_RICH;
    const struct demo_leaf leaf = {.source = &maker->source,
                                   .name = spot->name,
                                   .index = spot->index,
                                   .skip = choice,
                                   .turn = &maker->turn,
                                   .cache = maker->cache};

    return demo_leaf_put(&leaf, set, types, tiny && choice % 2 == 0, out);
}

bool demo_make(struct demo_maker *maker, const struct demo_set *set, const struct demo_spot *spot,
               unsigned choice, struct buffer *out)
{
    unsigned types = types_of(set, choice);
    unsigned scalars = types & ~(1u << CELL_OBJECT | 1u << CELL_ARRAY);
    bool is_nested =
        scalars != types && (scalars == 0 || (demo_is_rich(maker, spot) && choice == 0));

    if (set->never || types == 0 || spot->depth >= DEMO_DEPTH_MAX || maker->nodes >= DEMO_NODES_MAX)
        return false;
    maker->nodes++;
    maker->ancestors[spot->depth] = set->count > 0 ? set->at[0] : CELL_NONE;
    if ((demo_set_has(set, "const") || demo_set_has(set, "enum")) &&
        (make_leaf(maker, set, spot, types, choice, out) ||
         make_leaf(maker, set, spot, types, 0, out) || put_written(maker, set, choice, out)))
        return true;
    if (!is_nested && scalars != 0) {
        unsigned skip = choice - (scalars != types && choice > 0 && demo_is_rich(maker, spot));

        if (make_leaf(maker, set, spot, scalars, skip, out) ||
            make_leaf(maker, set, spot, scalars, 0, out))
            return true;
    }
    if ((types >> CELL_OBJECT & 1) != 0)
        return demo_make_object(maker, set, spot, out);
    return (types >> CELL_ARRAY & 1) != 0 && demo_make_array(maker, set, spot, out);
}

/* One round: the whole instance. */
static struct text make_all(struct demo_maker *maker)
{
    struct buffer out = buffer_in(maker->arena);
    struct demo_set set = demo_set_none(maker);
    struct demo_spot spot = {.pointer = TEXT("")};
    unsigned choice = demo_attempts(maker, spot.pointer);

    maker->nodes = maker->turn = 0;
    demo_set_add(&set, maker->root, &choice, maker->lean);
    if (!demo_make(maker, &set, &spot, choice, &out))
        return TEXT("null");
    return buffer_text(&out);
}

static void learn(struct demo_maker *maker, const struct violations *violations)
{
    for (size_t i = 0; i < violations->listed; i++) {
        const struct violation *violation = &violations->items[i];
        bool unwanted = text_equal(violation->keyword, TEXT("additionalProperties")) ||
                        text_equal(violation->keyword, TEXT("unevaluatedProperties"));

        count_attempt(maker, violation->instance_path, unwanted ? NOT_WANTED : 1);
    }
}

/* Rounds until one is valid. The best so far is kept in *best, with its number of violations. */
static bool try_rounds(struct demo_maker *maker, const struct schema *schema, struct text *best,
                       size_t *best_violations)
{
    struct violations *violations = ARENA_NEW(maker->arena, struct violations);
    size_t nodes = 0;

    maker->place_count = 0;
    for (int round = 0; round < ROUNDS && nodes < NODES_SERIES; round++) {
        struct text candidate = make_all(maker);
        struct document document;

        nodes += maker->nodes;
        if (!json_read(candidate, NULL, maker->arena, &document, NULL, NULL))
            continue;
        *violations = (struct violations){0};
        if (schema != NULL && !schema_check(schema, &document, 0, maker->arena))
            schema_explain(schema, &document, 0, maker->arena, violations);
        if (violations->total < *best_violations) {
            *best = candidate;
            *best_violations = violations->total;
        }
        if (violations->total == 0)
            return true;
        learn(maker, violations);
    }
    return false;
}

struct text demo_instance(const struct document *schema, uint32_t root, struct text caller_text,
                          struct arena *arena, bool *out_valid)
{
    struct demo_maker *maker = ARENA_NEW(arena, struct demo_maker);
    struct diagnostics *diagnostics = ARENA_NEW(arena, struct diagnostics);
    const struct schema *compiled;
    struct text best = TEXT("null");
    size_t best_violations = SIZE_MAX;

    diagnostics->arena = arena;
    compiled = schema_compile(schema, root, arena, diagnostics);
    maker->document = schema;
    maker->root = root;
    maker->arena = arena;
    maker->cache = demo_leaf_cache_new(arena);
    demo_source_read(caller_text, arena, &maker->source);
    *out_valid = try_rounds(maker, compiled, &best, &best_violations);
    if (!*out_valid) {
        maker->lean = true;
        *out_valid = try_rounds(maker, compiled, &best, &best_violations);
    }
    return best;
}
