/* The schema is walked and JSON written as it goes. Where there is a choice (a branch, a type, one
 * of several values, whether to give an optional member) the first is taken. The whole is then
 * checked; every place that a violation names counts as tried once more, and its next choice is
 * taken in the next round. A lean second series of rounds gives only what is required. */
#include "provider/demo_instance.h"

#include "document/json_read.h"
#include "document/json_write.h"
#include "provider/demo_leaf.h"
#include "provider/demo_pattern.h"
#include "schema/schema.h"

#include <stdio.h>

enum {
    ROUNDS = 12,      /* of each series */
    NODES_MAX = 3000, /* values in one round */
    NODES_RICH = 400, /* beyond it only what is required is given */
    DEPTH_MAX = 40,
    DEPTH_RICH = 5,
    ITEMS_RICH = 3,
    ITEMS_MAX = 1000,
    NAMES_MAX = 256,
    PLACES_MAX = 256,
    OMIT_AFTER = 2, /* attempts after which an optional member is left out */
    NOT_WANTED = 100,
};

/* A place in the instance that a violation named. */
struct place {
    struct text pointer;
    unsigned attempts;
};

struct maker {
    const struct document *document;
    uint32_t root;
    struct demo_source source;
    struct arena *arena;
    struct demo_leaf_cache *cache;
    struct place places[PLACES_MAX];
    size_t place_count;
    bool lean;
    size_t nodes, turn;                /* of this round */
    uint32_t ancestors[DEPTH_MAX + 1]; /* the first schema of each value we are inside of */
};

/* Where we are. */
struct spot {
    struct text pointer;
    struct text name; /* of the property or of the array */
    size_t index;     /* in the array */
    unsigned depth;
};

static bool make(struct maker *maker, const struct demo_set *set, const struct spot *spot,
                 unsigned choice, struct buffer *out);

static unsigned attempts_at(const struct maker *maker, struct text pointer)
{
    for (size_t i = 0; i < maker->place_count; i++)
        if (text_equal(maker->places[i].pointer, pointer))
            return maker->places[i].attempts;
    return 0;
}

static void count_attempt(struct maker *maker, struct text pointer, unsigned attempts)
{
    for (size_t i = 0; i < maker->place_count; i++)
        if (text_equal(maker->places[i].pointer, pointer)) {
            maker->places[i].attempts += attempts;
            return;
        }
    if (maker->place_count < PLACES_MAX)
        maker->places[maker->place_count++] =
            (struct place){arena_copy(maker->arena, pointer), attempts};
}

static bool is_rich(const struct maker *maker, const struct spot *spot)
{
    return !maker->lean && spot->depth < DEPTH_RICH && maker->nodes < NODES_RICH;
}

static struct demo_set empty_set(const struct maker *maker)
{
    return (struct demo_set){.document = maker->document, .root = maker->root};
}

static struct text child_pointer(const struct maker *maker, struct text parent, struct text step)
{
    struct buffer out = buffer_in(maker->arena);

    buffer_put(&out, parent);
    buffer_put_byte(&out, '/');
    for (size_t i = 0; i < step.len; i++)
        if (step.at[i] == '~')
            buffer_put(&out, TEXT("~0"));
        else if (step.at[i] == '/')
            buffer_put(&out, TEXT("~1"));
        else
            buffer_put_byte(&out, step.at[i]);
    return buffer_text(&out);
}

/* How often the schema is already around us: a recursive one must end. */
static size_t times_inside(const struct maker *maker, const struct demo_set *set, unsigned depth)
{
    size_t times = 0;

    for (unsigned i = 0; i < depth && i <= DEPTH_MAX; i++)
        for (size_t j = 0; j < set->count; j++)
            times += maker->ancestors[i] == set->at[j];
    return times;
}

/* Members an object gets. */
struct names {
    struct text items[NAMES_MAX];
    bool required[NAMES_MAX];
    size_t count;
};

static void add_name(struct names *names, struct text name, bool required)
{
    for (size_t i = 0; i < names->count; i++)
        if (text_equal(names->items[i], name)) {
            names->required[i] = names->required[i] || required;
            return;
        }
    if (names->count == NAMES_MAX)
        return;
    names->required[names->count] = required;
    names->items[names->count++] = name;
}

static void add_listed(struct names *names, const struct document *document, uint32_t list)
{
    if (document_cell(document, list)->type != CELL_ARRAY)
        return;
    for (uint32_t at = list + 1; at < document_next(document, list);
         at = document_next(document, at))
        if (document_cell(document, at)->type == CELL_STRING)
            add_name(names, document_text(document, at), true);
}

/* Adds what depends on the members there are: more required names, more schemas. */
static void add_dependents(struct maker *maker, struct demo_set *set, struct names *names)
{
    for (size_t i = 0; i < set->count; i++) {
        uint32_t lists = document_member(set->document, set->at[i], TEXT("dependentRequired"));
        uint32_t schemas = document_member(set->document, set->at[i], TEXT("dependentSchemas"));

        for (size_t j = 0; j < names->count; j++) {
            uint32_t list = CELL_NONE, schema = CELL_NONE;
            unsigned choice = 0;

            if (maker->lean && !names->required[j])
                continue;
            if (lists != CELL_NONE)
                list = document_member(set->document, lists, names->items[j]);
            if (schemas != CELL_NONE)
                schema = document_member(set->document, schemas, names->items[j]);
            if (list != CELL_NONE)
                add_listed(names, set->document, list);
            if (schema != CELL_NONE)
                demo_set_add(set, schema, &choice, maker->lean);
        }
    }
}

static void find_names(struct maker *maker, struct demo_set *set, struct names *names)
{
    const struct document *document = set->document;

    for (size_t i = 0; i < set->count; i++) { /* the set may grow meanwhile */
        uint32_t properties = document_member(document, set->at[i], TEXT("properties"));
        uint32_t required = document_member(document, set->at[i], TEXT("required"));

        if (properties != CELL_NONE && document_cell(document, properties)->type == CELL_OBJECT)
            for (uint32_t key = properties + 1; key < document_next(document, properties);
                 key = document_next(document, key + 1))
                add_name(names, document_text(document, key), false);
        if (required != CELL_NONE)
            add_listed(names, document, required);
        if (i + 1 == set->count)
            add_dependents(maker, set, names);
    }
}

/* Whether a name matches a pattern of patternProperties. */
static bool name_matches(struct maker *maker, struct text pattern, struct text name)
{
    struct document schema, instance;
    struct buffer text = buffer_in(maker->arena);
    struct diagnostics *diagnostics = ARENA_NEW(maker->arena, struct diagnostics);
    const struct schema *compiled;
    size_t value;

    diagnostics->arena = maker->arena;
    buffer_put(&text, TEXT("{\"pattern\":"));
    json_put_string(&text, pattern);
    buffer_put_byte(&text, '}');
    value = text.len;
    json_put_string(&text, name);
    if (!json_read(text_first(buffer_text(&text), value), NULL, maker->arena, &schema, NULL,
                   NULL) ||
        !json_read(text_after(buffer_text(&text), value), NULL, maker->arena, &instance, NULL,
                   NULL))
        return false;
    compiled = schema_compile(&schema, 0, maker->arena, diagnostics);
    return compiled != NULL && schema_check(compiled, &instance, 0, maker->arena);
}

/* The schemas for the member `name` of an object that satisfies `set`. */
static struct demo_set member_set(struct maker *maker, const struct demo_set *set, struct text name,
                                  unsigned *choice)
{
    const struct document *document = set->document;
    struct demo_set member = empty_set(maker);

    for (size_t i = 0; i < set->count; i++) {
        uint32_t properties = document_member(document, set->at[i], TEXT("properties"));
        uint32_t patterns = document_member(document, set->at[i], TEXT("patternProperties"));
        uint32_t others = document_member(document, set->at[i], TEXT("additionalProperties"));
        uint32_t declared = CELL_NONE;
        bool named = false;

        if (properties != CELL_NONE)
            declared = document_member(document, properties, name);
        if (declared != CELL_NONE)
            demo_set_add(&member, declared, choice, maker->lean), named = true;
        if (patterns != CELL_NONE && document_cell(document, patterns)->type == CELL_OBJECT)
            for (uint32_t key = patterns + 1; key < document_next(document, patterns);
                 key = document_next(document, key + 1))
                if (name_matches(maker, document_text(document, key), name))
                    demo_set_add(&member, key + 1, choice, maker->lean), named = true;
        if (!named && others != CELL_NONE)
            demo_set_add(&member, others, choice, maker->lean);
    }
    return member;
}

static bool make_member(struct maker *maker, const struct demo_set *set, const struct spot *spot,
                        struct text name, bool required, struct buffer *out)
{
    struct spot inside = {.pointer = child_pointer(maker, spot->pointer, name),
                          .name = name,
                          .index = spot->index,
                          .depth = spot->depth + 1};
    unsigned attempts = attempts_at(maker, inside.pointer), choice = attempts;
    struct demo_set member = member_set(maker, set, name, &choice);
    size_t before = out->len;

    if (!required && (member.never || attempts >= OMIT_AFTER || !is_rich(maker, spot) ||
                      times_inside(maker, &member, inside.depth) > 0))
        return false;
    if (out->at[out->len - 1] != '{')
        buffer_put_byte(out, ',');
    json_put_string(out, name);
    buffer_put_byte(out, ':');
    if (make(maker, &member, &inside, choice, out))
        return true;
    if (!required) {
        out->len = before;
        return false;
    }
    buffer_put(out, TEXT("null"));
    return true;
}

/* A name for a member nobody declared: what a pattern asks for, else words, else "key1". */
static struct text spare_name(struct maker *maker, const struct demo_set *set, size_t number)
{
    const struct document *document = set->document;
    struct buffer out = buffer_in(maker->arena);
    size_t from = 0;
    uint32_t patterns = demo_set_next(set, "patternProperties", &from), names;

    from = 0;
    names = demo_set_next(set, "propertyNames", &from);
    if (names != CELL_NONE)
        names = document_member(document, names, TEXT("pattern"));
    if (patterns != CELL_NONE && document_cell(document, patterns)->type == CELL_OBJECT &&
        document_cell(document, patterns)->size > 0 &&
        demo_pattern(document_text(document, patterns + 1), (unsigned)(2 * number), &out))
        return buffer_text(&out);
    if (names != CELL_NONE && document_cell(document, names)->type == CELL_STRING &&
        demo_pattern(document_text(document, names), (unsigned)(2 * number), &out))
        return buffer_text(&out);
    if (number < maker->source.words.count)
        return demo_pick(&maker->source.words, number);
    return arena_printf(maker->arena, "key%zu", number + 1);
}

/* Whether members beyond those declared are wanted: a map has no others. */
static size_t spare_members(const struct maker *maker, const struct demo_set *set,
                            const struct spot *spot, size_t declared)
{
    bool is_map = declared == 0 && (demo_set_has(set, "patternProperties") ||
                                    demo_set_has(set, "additionalProperties"));
    double least = demo_set_greatest(set, "minProperties", 0);
    size_t wanted = is_map && is_rich(maker, spot) && attempts_at(maker, spot->pointer) == 0;

    return least > (double)wanted ? (size_t)(least < ITEMS_MAX ? least : ITEMS_MAX) : wanted;
}

static bool make_object(struct maker *maker, const struct demo_set *given, const struct spot *spot,
                        struct buffer *out)
{
    struct names *names = ARENA_NEW(maker->arena, struct names);
    struct demo_set set = *given;
    double most = demo_set_least(&set, "maxProperties", NAMES_MAX);
    size_t members = 0, required = 0, spare;

    find_names(maker, &set, names);
    for (size_t i = 0; i < names->count; i++)
        required += names->required[i];
    buffer_put_byte(out, '{');
    for (size_t i = 0; i < names->count; i++) {
        bool room = (double)(members + required) < most;

        required -= names->required[i];
        if (names->required[i] || room)
            members += make_member(maker, &set, spot, names->items[i], names->required[i], out);
    }
    spare = spare_members(maker, &set, spot, names->count);
    for (size_t number = 0; members < spare && number < 2 * spare + 8; number++) {
        struct text name = spare_name(maker, &set, number);
        size_t before = names->count;

        add_name(names, name, false);
        if (names->count > before)
            members += make_member(maker, &set, spot, name, true, out);
        else if (number < names->count)
            members += make_member(maker, &set, spot, names->items[number], true, out);
    }
    buffer_put_byte(out, '}');
    return true;
}

/* The schemas for one item of an array. */
static struct demo_set item_set(struct maker *maker, const struct demo_set *set, size_t index,
                                unsigned *choice)
{
    const struct document *document = set->document;
    struct demo_set item = empty_set(maker);
    double contained = demo_set_greatest(set, "minContains", 1);

    for (size_t i = 0; i < set->count; i++) {
        uint32_t prefix = document_member(document, set->at[i], TEXT("prefixItems"));
        uint32_t items = document_member(document, set->at[i], TEXT("items"));
        uint32_t contains = document_member(document, set->at[i], TEXT("contains"));

        if (contains != CELL_NONE && (double)index < contained)
            demo_set_add(&item, contains, choice, maker->lean);
        if (prefix != CELL_NONE && document_cell(document, prefix)->type == CELL_ARRAY &&
            index < document_cell(document, prefix)->size) {
            uint32_t at = prefix + 1;

            for (size_t skip = index; skip > 0; skip--)
                at = document_next(document, at);
            demo_set_add(&item, at, choice, maker->lean);
        } else if (items != CELL_NONE) {
            demo_set_add(&item, items, choice, maker->lean);
        }
    }
    return item;
}

static size_t items_wanted(struct maker *maker, const struct demo_set *set, const struct spot *spot)
{
    unsigned choice = 0;
    struct demo_set first = item_set(maker, set, 0, &choice);
    double least = demo_set_greatest(set, "minItems", 0);
    double most = demo_set_least(set, "maxItems", ITEMS_MAX);
    double wanted = is_rich(maker, spot) ? ITEMS_RICH : 0;
    size_t from = 0, times = times_inside(maker, &first, spot->depth + 1);
    uint32_t prefix = demo_set_next(set, "prefixItems", &from);

    if (times > 0)
        wanted = times == 1 && wanted > 0 ? 2 : 0;
    if (prefix != CELL_NONE)
        wanted = document_cell(maker->document, prefix)->size;
    if (demo_set_has(set, "contains"))
        least = least > demo_set_greatest(set, "minContains", 1)
                    ? least
                    : demo_set_greatest(set, "minContains", 1);
    if (attempts_at(maker, spot->pointer) >= OMIT_AFTER)
        wanted = 0;
    wanted = wanted > most ? most : wanted;
    wanted = wanted < least ? least : wanted;
    return wanted < 0 ? 0 : wanted > ITEMS_MAX ? ITEMS_MAX : (size_t)wanted;
}

static bool is_repeated(const struct text *items, size_t count, struct text item)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(items[i], item))
            return true;
    return false;
}

/* One item into *out: for distinct items other indexes are tried. */
static bool make_item(struct maker *maker, const struct demo_set *set, const struct spot *spot,
                      const struct text *items, size_t index, struct buffer *out)
{
    char digits[24];
    struct spot inside = {.name = spot->name, .index = index, .depth = spot->depth + 1};
    unsigned attempts;

    snprintf(digits, sizeof digits, "%zu", index);
    inside.pointer = child_pointer(maker, spot->pointer, text_of(digits));
    attempts = attempts_at(maker, inside.pointer);
    for (unsigned again = 0; again < 8; again++) {
        unsigned tried = attempts + again;
        unsigned first = tried + (maker->lean ? 0 : (unsigned)index), choice = first;
        struct demo_set item = item_set(maker, set, index, &choice);
        size_t before = out->len;

        choice =
            choice == first ? tried : choice; /* the place chooses a branch, and nothing else */

        inside.index = index + again;
        if (item.never)
            return false;
        if (!make(maker, &item, &inside, choice, out))
            continue;
        if (!demo_set_has(set, "uniqueItems") ||
            !is_repeated(items, index, text_after(buffer_text(out), before)))
            return true;
        out->len = before;
    }
    return false;
}

static bool make_array(struct maker *maker, const struct demo_set *set, const struct spot *spot,
                       struct buffer *out)
{
    size_t wanted = items_wanted(maker, set, spot);
    struct text *items = ARENA_ARRAY(maker->arena, struct text, wanted + 1);

    buffer_put_byte(out, '[');
    for (size_t i = 0; i < wanted; i++) {
        size_t comma = out->len;

        if (i > 0)
            buffer_put_byte(out, ',');
        if (!make_item(maker, set, spot, items, i, out)) {
            out->len = comma;
            break;
        }
        items[i] = arena_copy(maker->arena, text_after(buffer_text(out), comma + (i > 0)));
    }
    buffer_put_byte(out, ']');
    return true;
}

/* A whole array or object written in the schema as const or in enum. */
static bool put_written(struct maker *maker, const struct demo_set *set, unsigned choice,
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

/* The types that fit, but for those a keyword speaks of when no type is said. */
static unsigned types_of(const struct demo_set *set)
{
    unsigned types = demo_set_types(set);

    if (types != DEMO_TYPES_ALL)
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
    return types & ~(1u << CELL_OBJECT | 1u << CELL_ARRAY);
}

static bool make_leaf(struct maker *maker, const struct demo_set *set, const struct spot *spot,
                      unsigned types, unsigned choice, struct buffer *out)
{
    bool tiny = maker->lean || maker->nodes >= NODES_RICH;
    const struct demo_leaf leaf = {.source = &maker->source,
                                   .name = spot->name,
                                   .index = spot->index,
                                   .skip = choice,
                                   .turn = &maker->turn,
                                   .cache = maker->cache};

    return demo_leaf_put(&leaf, set, types, tiny && choice % 2 == 0, out);
}

static bool make(struct maker *maker, const struct demo_set *set, const struct spot *spot,
                 unsigned choice, struct buffer *out)
{
    unsigned types = types_of(set);
    unsigned scalars = types & ~(1u << CELL_OBJECT | 1u << CELL_ARRAY);
    bool is_nested = scalars != types && (scalars == 0 || (is_rich(maker, spot) && choice == 0));

    if (set->never || types == 0 || spot->depth >= DEPTH_MAX || maker->nodes >= NODES_MAX)
        return false;
    maker->nodes++;
    maker->ancestors[spot->depth] = set->count > 0 ? set->at[0] : CELL_NONE;
    if ((demo_set_has(set, "const") || demo_set_has(set, "enum")) &&
        (make_leaf(maker, set, spot, types, choice, out) ||
         make_leaf(maker, set, spot, types, 0, out) || put_written(maker, set, choice, out)))
        return true;
    if (!is_nested && scalars != 0) {
        unsigned skip = choice - (scalars != types && choice > 0 && is_rich(maker, spot));

        if (make_leaf(maker, set, spot, scalars, skip, out) ||
            make_leaf(maker, set, spot, scalars, 0, out))
            return true;
    }
    if ((types >> CELL_OBJECT & 1) != 0)
        return make_object(maker, set, spot, out);
    return (types >> CELL_ARRAY & 1) != 0 && make_array(maker, set, spot, out);
}

/* One round: the whole instance. */
static struct text make_all(struct maker *maker)
{
    struct buffer out = buffer_in(maker->arena);
    struct demo_set set = empty_set(maker);
    struct spot spot = {.pointer = TEXT("")};
    unsigned choice = attempts_at(maker, spot.pointer);

    maker->nodes = maker->turn = 0;
    demo_set_add(&set, maker->root, &choice, maker->lean);
    if (!make(maker, &set, &spot, choice, &out))
        return TEXT("null");
    return buffer_text(&out);
}

static void learn(struct maker *maker, const struct violations *violations)
{
    for (size_t i = 0; i < violations->listed; i++) {
        const struct violation *violation = &violations->items[i];
        bool unwanted = text_equal(violation->keyword, TEXT("additionalProperties")) ||
                        text_equal(violation->keyword, TEXT("unevaluatedProperties"));

        count_attempt(maker, violation->instance_path, unwanted ? NOT_WANTED : 1);
    }
}

/* Rounds until one is valid. The best so far is kept in *best, with its number of violations. */
static bool try_rounds(struct maker *maker, const struct schema *schema, struct text *best,
                       size_t *best_violations)
{
    struct violations *violations = ARENA_NEW(maker->arena, struct violations);

    maker->place_count = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct text candidate = make_all(maker);
        struct document document;

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
    struct maker *maker = ARENA_NEW(arena, struct maker);
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
