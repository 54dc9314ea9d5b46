/* Objects: which members they get, and from which schemas each is made. */
#include "demo/demo_check.h"
#include "demo/demo_maker.h"
#include "demo/demo_pattern.h"
#include "document/json_write.h"

enum { NAMES_MAX = 256 };

/* Members an object gets. */
struct names {
    struct text items[NAMES_MAX];
    bool required[NAMES_MAX];
    bool written[NAMES_MAX];
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
static void add_dependents(struct demo_maker *maker, struct demo_set *set, struct names *names)
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

static void find_names(struct demo_maker *maker, struct demo_set *set, struct names *names)
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

/* The schemas for the member `name` of an object that satisfies `set`. */
static struct demo_set member_set(struct demo_maker *maker, const struct demo_set *set,
                                  struct text name, bool lean, unsigned *choice)
{
    const struct document *document = set->document;
    struct demo_set member = demo_set_none(maker);

    for (size_t i = 0; i < set->count; i++) {
        uint32_t properties = document_member(document, set->at[i], TEXT("properties"));
        uint32_t patterns = document_member(document, set->at[i], TEXT("patternProperties"));
        uint32_t others = document_member(document, set->at[i], TEXT("additionalProperties"));
        uint32_t declared = CELL_NONE;
        bool named = false;

        if (properties != CELL_NONE)
            declared = document_member(document, properties, name);
        if (declared != CELL_NONE)
            demo_set_add(&member, declared, choice, lean), named = true;
        if (patterns != CELL_NONE && document_cell(document, patterns)->type == CELL_OBJECT)
            for (uint32_t key = patterns + 1; key < document_next(document, patterns);
                 key = document_next(document, key + 1))
                if (demo_check_name(maker->cache, document, key, name))
                    demo_set_add(&member, key + 1, choice, lean), named = true;
        if (!named && others != CELL_NONE)
            demo_set_add(&member, others, choice, lean);
    }
    return member;
}

static bool member_never(struct demo_maker *maker, const struct demo_set *set, struct text name)
{
    unsigned choice = 0;

    return member_set(maker, set, name, maker->lean, &choice).never;
}

static bool make_member(struct demo_maker *maker, const struct demo_set *set,
                        const struct demo_spot *spot, struct text name, bool required,
                        struct buffer *out)
{
    struct demo_spot inside = {.pointer = demo_child_pointer(maker, spot->pointer, name),
                               .name = name,
                               .index = spot->index,
                               .depth = spot->depth + 1};
    unsigned attempts = demo_attempts(maker, inside.pointer), choice = attempts;
    struct demo_set member = member_set(maker, set, name, maker->lean, &choice);
    bool recurs = demo_times_inside(maker, &member, inside.depth) > 0;
    size_t before = out->len;

    if (!required &&
        (member.never || attempts >= DEMO_OMIT_AFTER || !demo_is_rich(maker, spot) || recurs))
        return false;
    if (recurs) { /* branches that end are preferred now */
        choice = attempts;
        member = member_set(maker, set, name, true, &choice);
    }
    if (out->at[out->len - 1] != '{')
        buffer_put_byte(out, ',');
    json_put_string(out, name);
    buffer_put_byte(out, ':');
    if (demo_make(maker, &member, &inside, choice, out))
        return true;
    if (!required) {
        out->len = before;
        return false;
    }
    buffer_put(out, TEXT("null"));
    return true;
}

/* A name for a member nobody declared: what a pattern asks for, else words, else "key1". */
static struct text spare_name(struct demo_maker *maker, const struct demo_set *set, size_t number)
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

/* How many members there shall be, when `members` have been written: as many as are asked for, and
 * for a map one that nobody declared. */
static size_t members_wanted(const struct demo_maker *maker, const struct demo_set *set,
                             const struct demo_spot *spot, size_t members, size_t declared)
{
    bool is_map = demo_set_has(set, "patternProperties") ||
                  (declared == 0 && demo_set_has(set, "additionalProperties"));
    double least = demo_set_greatest(set, "minProperties", 0);
    double most = demo_set_least(set, "maxProperties", DEMO_ITEMS_MAX);
    double wanted = (double)members;

    if (is_map && demo_is_rich(maker, spot) && demo_attempts(maker, spot->pointer) == 0)
        wanted += 1;
    wanted = wanted < least ? least : wanted;
    wanted = wanted > most ? most : wanted;
    return wanted < 0 ? 0 : wanted > DEMO_ITEMS_MAX ? DEMO_ITEMS_MAX : (size_t)wanted;
}

/* Adds members until there are as many as wanted: first those left out, then made-up ones. */
static void make_spare(struct demo_maker *maker, const struct demo_set *set,
                       const struct demo_spot *spot, struct names *names, size_t missing,
                       struct buffer *out)
{
    for (size_t i = 0; i < names->count && missing > 0; i++)
        if (!names->written[i] && !member_never(maker, set, names->items[i])) {
            names->written[i] = make_member(maker, set, spot, names->items[i], true, out);
            missing -= names->written[i];
        }
    for (size_t number = 0, tries = missing + 8; missing > 0 && number < tries; number++) {
        struct text name = spare_name(maker, set, number);
        size_t before = names->count;

        add_name(names, name, false);
        if (names->count > before && !member_never(maker, set, name))
            missing -= make_member(maker, set, spot, name, true, out);
    }
}

bool demo_make_object(struct demo_maker *maker, const struct demo_set *given,
                      const struct demo_spot *spot, struct buffer *out)
{
    struct names names = {0};
    struct demo_set set = *given;
    double most = demo_set_least(&set, "maxProperties", NAMES_MAX);
    size_t members = 0, required = 0, wanted;

    find_names(maker, &set, &names);
    for (size_t i = 0; i < names.count; i++)
        required += names.required[i];
    buffer_put_byte(out, '{');
    for (size_t i = 0; i < names.count; i++) {
        required -= names.required[i];
        if (names.required[i] || (double)(members + required) < most)
            names.written[i] =
                make_member(maker, &set, spot, names.items[i], names.required[i], out);
        members += names.written[i];
    }
    wanted = members_wanted(maker, &set, spot, members, names.count);
    if (wanted > members)
        make_spare(maker, &set, spot, &names, wanted - members, out);
    buffer_put_byte(out, '}');
    return true;
}
