/* `unevaluatedProperties` and `unevaluatedItems`. Everything that looks at the same value without
 * being able to fail alone (`$ref`, `allOf`, what a branch itself says) is included into one run
 * with one source; what may fail alone is a branch with a source of its own. In the end it is known
 * of every name which sources look at it, and the keyword becomes a set of rules like that of
 * `additionalProperties`: where no branch looks at anything it is exactly that. */
#include "schema/fast_make.h"

#include "schema/append.h"

enum {
    SOURCES_MAX = 63,
    SCHEMAS_MAX = 1000, /* included for one node and kind; a schema may be so more than once */
    NOTED_MAX = 5000,
};

const struct instruction *unevaluated_of(const struct node *node, unsigned kind)
{
    for (uint32_t i = 0; i < node->plain_count; i++) {
        const struct instruction *it = &node->plain[i];

        if ((it->keyword == KEYWORD_UNEVALUATED_ITEMS && kind == CELL_ARRAY) ||
            (it->keyword == KEYWORD_UNEVALUATED_PROPERTIES && kind == CELL_OBJECT))
            return it;
    }
    return NULL;
}

static void note_name(struct making *it, struct text name)
{
    struct tracking *tracking = it->tracking;

    *APPEND(it->compiler->scratch, tracking->names, tracking->name_count, tracking->name_room) =
        (struct tracked_name){name, it->source};
}

static void note_items(struct making *it, uint64_t first, uint32_t contains)
{
    struct tracking *tracking = it->tracking;

    *APPEND(it->compiler->scratch, tracking->items, tracking->item_count, tracking->item_room) =
        (struct item_source){.source = it->source, .first = first, .contains = contains};
}

void note_evaluated(struct making *it, const struct instruction *from)
{
    struct tracking *tracking = it->tracking;
    const struct members *members = from->members;

    tracking->failed = tracking->failed || tracking->noted > NOTED_MAX;
    if (tracking->failed)
        return;
    tracking->noted++; /* undone below where it is nothing */
    switch ((enum keyword)from->keyword) {
    case KEYWORD_PROPERTIES:
        for (uint32_t i = 0; i < members->declared_count; i++)
            note_name(it, members->declared[i]);
        tracking->noted += members->declared_count;
        break;
    case KEYWORD_PATTERN_PROPERTIES:
        for (uint32_t i = 0; i < members->rule_count; i++)
            *APPEND(it->compiler->scratch, tracking->rules, tracking->rule_count,
                    tracking->rule_room) = (struct rule){
                .pattern = members->rules[i].pattern, .node = NODE_NONE, .sources = it->source};
        break;
    case KEYWORD_ADDITIONAL_PROPERTIES:
    case KEYWORD_ITEMS:
        tracking->all_sources |= it->source;
        break;
    case KEYWORD_PREFIX_ITEMS:
        note_items(it, from->alternatives->count, NODE_NONE);
        break;
    case KEYWORD_CONTAINS:
        if (from->containment->marks)
            note_items(it, 0, from->node);
        break;
    default:
        tracking->noted--;
        break;
    }
}

void make_included(struct making *it, uint32_t node)
{
    const struct node *included;

    if (node == NODE_NONE)
        return;
    included = &it->compiler->nodes[node];
    if (++it->tracking->schemas > SCHEMAS_MAX)
        it->tracking->failed = true;
    if (it->tracking->failed)
        return;
    if (unevaluated_of(included, it->kind) != NULL) { /* which leaves nothing */
        it->tracking->all_sources |= it->source;
        it->tracking->noted++;
        making_call(it, entry_of(it, node));
        return;
    }
    for (uint32_t i = 0; i < included->plain_count && !it->rejects; i++) {
        if ((included->plain[i].kinds & KIND_BIT(it->kind)) != 0)
            make_instruction(it, &included->plain[i]);
    }
}

struct branch make_branch(struct making *it, uint32_t node)
{
    struct tracking *tracking = it->tracking;
    struct branch branch = {entry_of(it, node), 0};
    struct making inner = {.compiler = it->compiler, .kind = it->kind, .tracking = tracking};
    uint32_t sources, noted;

    if (tracking == NULL || node == NODE_NONE || branch.entry == ENTRY_REJECT || tracking->failed)
        return branch;
    sources = tracking->sources;
    noted = tracking->noted;
    if (sources == SOURCES_MAX) {
        tracking->failed = true;
        return branch;
    }
    inner.source = UINT64_C(1) << ++tracking->sources;
    make_included(&inner, node);
    if (tracking->noted == noted) {
        tracking->sources = sources;
        if (making_find(&inner, OP_MEMBERS) != NULL && !tracking->failed)
            branch.entry = making_settle(&inner); /* a survey may serve it */
        return branch;
    }
    return (struct branch){making_settle(&inner), inner.source};
}

/* The names noted, each once, with all its sources; those that nothing depends on come first, as
 * they mostly do in documents. */
static void gather_names(struct making *it, struct object_rules *rules)
{
    const struct tracking *tracking = it->tracking;
    struct arena *scratch = it->compiler->scratch;
    struct slot *slots = ARENA_ARRAY(scratch, struct slot, tracking->name_count);
    uint32_t *index = ARENA_ARRAY(scratch, uint32_t, tracking->name_count); /* + 1; 0: none */
    struct name_table table;

    for (size_t i = 0; i < tracking->name_count; i++)
        slots[i].name = tracking->names[i].name;
    name_table_init(&table, slots, (uint32_t)tracking->name_count, scratch);
    rules->set.names = ARENA_ARRAY(scratch, struct known_name, tracking->name_count);
    for (int always = 1; always >= 0; always--) {
        for (uint32_t i = 0; i < tracking->name_count; i++) {
            uint32_t first = name_table_find(&table, slots, slots[i].name);

            if ((tracking->names[i].source == SOURCE_ALWAYS) != always)
                continue;
            if (index[first] == 0) {
                rules->set.names[rules->set.count] = known_name_of(slots[i].name);
                index[first] = ++rules->set.count;
            }
            rules->set.names[index[first] - 1].sources |= tracking->names[i].source;
        }
    }
}

static void make_rest(struct making *it, uint32_t node)
{
    const struct tracking *tracking = it->tracking;
    struct object_rules *rules = ARENA_NEW(it->compiler->scratch, struct object_rules);

    it->tracking->asked = tracking->sources > 0;
    gather_names(it, rules);
    rules->rules = tracking->rules;
    rules->rule_count = (uint32_t)tracking->rule_count;
    rules->additional = node;
    rules->names = NODE_NONE;
    rules->all_sources = tracking->all_sources;
    making_put(it,
               (struct code){.op = tracking->sources > 0 ? OP_REST : OP_MEMBERS, .data = rules});
}

static void make_rest_items(struct making *it, uint32_t node)
{
    const struct tracking *tracking = it->tracking;
    struct compiler *compiler = it->compiler;
    struct rest_items *rest = ARENA_NEW(compiler->arena, struct rest_items);
    uint64_t first = 0;
    bool plain = tracking->sources == 0;

    rest->sources = ARENA_ARRAY(compiler->arena, struct item_source, tracking->item_count);
    rest->node = node;
    rest->all_sources = tracking->all_sources;
    for (size_t i = 0; i < tracking->item_count; i++) {
        rest->sources[rest->count++] = tracking->items[i];
        plain = plain && tracking->items[i].contains == NODE_NONE;
        first = tracking->items[i].first > first ? tracking->items[i].first : first;
    }
    if (plain) {
        making_put(it, (struct code){.op = OP_ALL, .a = node, .low = first});
        return;
    }
    it->tracking->asked = true;
    rest->next = compiler->rest_items;
    compiler->rest_items = rest;
    making_put(it, (struct code){.op = OP_REST_ITEMS, .data = rest});
}

void make_unevaluated(struct making *it, const struct instruction *from)
{
    if (it->tracking->failed || (it->tracking->all_sources & SOURCE_ALWAYS) != 0)
        return;
    if (it->kind == CELL_OBJECT)
        make_rest(it, from->node);
    else
        make_rest_items(it, from->node);
}
