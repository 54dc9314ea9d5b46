/* Everything about the members of an object becomes one set of rules where that is possible, so
 * that one walk decides it: what several schemas say about different names, by `allOf` or `$ref`,
 * is put together. A set that says something about names it does not know (`additionalProperties`
 * and the like) never merges with another such; it may take in one that only says something about
 * names, which stay as additional as they were. */
#include "schema/fast_make.h"

enum {
    REQUIRED_MAX = 64,  /* names with a bit */
    NAMES_FEW_MAX = 2,  /* names that are looked for, instead of looking up those that are there */
    MERGED_MAX = 64,    /* names of a set made of several */
    MATCHED_MAX = 4096, /* names matched with patterns beforehand, of one set */
};

static void take_names(struct object_rules *rules, const struct members *members,
                       struct arena *arena)
{
    bool bits = members->required_count <= REQUIRED_MAX;
    unsigned bit = 0;

    rules->set.names = ARENA_ARRAY(arena, struct known_name, members->slot_count);
    for (uint32_t i = 0; i < members->slot_count; i++) {
        const struct slot *slot = &members->slots[i];
        struct known_name *name = &rules->set.names[i];

        *name = members->known[i];
        name->node = slot->node;
        name->sources = slot->node == NODE_NONE ? 0 : ~UINT64_C(0);
        if (bits && slot->requested != 0)
            name->required = UINT64_C(1) << bit++;
        rules->required |= name->required;
    }
    rules->set.count = members->slot_count;
}

static void take_rules(struct object_rules *rules, const struct members *members,
                       struct arena *arena)
{
    rules->rules = ARENA_ARRAY(arena, struct rule, members->rule_count);
    for (uint32_t i = 0; i < members->rule_count; i++)
        rules->rules[i] = (struct rule){.pattern = members->rules[i].pattern,
                                        .node = members->rules[i].node,
                                        .sources = ~UINT64_C(0)};
    rules->rule_count = members->rule_count;
}

/* All keywords of a schema about members share one description of them. */
static bool is_made(struct making *it, const struct members *members)
{
    for (size_t i = 0; i < it->count + it->more_count; i++) {
        const struct code *code = making_at(it, i);

        if (code->op == OP_MEMBERS && ((const struct object_rules *)code->data)->from == members)
            return true;
    }
    return false;
}

void make_members(struct making *it, const struct members *members)
{
    struct object_rules *rules;

    if (is_made(it, members))
        return;
    if (members->required_count > REQUIRED_MAX)
        making_put(it, (struct code){.op = OP_REQUIRED, .data = members});
    if (members->declared_count == 0 && members->rule_count == 0 &&
        members->additional == NODE_NONE && members->names == NODE_NONE &&
        (members->required_count == 0 || members->required_count > REQUIRED_MAX))
        return;
    rules = ARENA_NEW(it->compiler->scratch, struct object_rules);
    take_names(rules, members, it->compiler->scratch);
    take_rules(rules, members, it->compiler->scratch);
    rules->from = members;
    rules->additional = members->additional;
    rules->names = members->names;
    making_put(it, (struct code){.op = OP_MEMBERS, .data = rules});
}

struct known_name *find_name(const struct object_rules *rules, const struct known_name *name)
{
    const struct cell cell = {.type = CELL_STRING, .size = name->len, .text = name->at};

    for (uint32_t i = 0; i < rules->set.count; i++) {
        if (name_is(&rules->set.names[i], &cell))
            return &rules->set.names[i];
    }
    return NULL;
}

static struct rule *find_rule(const struct object_rules *rules, const struct pattern *pattern)
{
    for (uint32_t i = 0; i < rules->rule_count; i++) {
        if (rules->rules[i].pattern == pattern && rules->rules[i].node == NODE_NONE)
            return &rules->rules[i];
    }
    return NULL;
}

/* Whether `into`, which has the last word on unknown names, can take in the other. */
static bool can_take(const struct object_rules *into, const struct object_rules *other)
{
    int required = __builtin_popcountll(into->required) + __builtin_popcountll(other->required);

    if (other->additional != NODE_NONE || other->names != NODE_NONE || required > REQUIRED_MAX ||
        into->set.count + other->set.count > MERGED_MAX)
        return false;
    for (uint32_t i = 0; i < other->set.count; i++) {
        const struct known_name *ours = find_name(into, &other->set.names[i]);

        if (ours != NULL && ours->node != NODE_NONE && other->set.names[i].node != NODE_NONE &&
            ours->node != other->set.names[i].node)
            return false;
    }
    for (uint32_t i = 0; i < other->rule_count; i++) {
        if (find_rule(into, other->rules[i].pattern) == NULL)
            return false;
    }
    return true;
}

static uint64_t next_bit(const struct object_rules *rules)
{
    return rules->required + 1; /* bits are given in order */
}

/* The names of the other become names of `into`, whose array has room for them. */
static void take_in(struct object_rules *into, const struct object_rules *other)
{
    bool open = into->additional == NODE_NONE;

    for (uint32_t i = 0; i < other->set.count; i++) {
        const struct known_name *from = &other->set.names[i];
        struct known_name *name = find_name(into, from);

        if (name == NULL) {
            name = &into->set.names[into->set.count++];
            *name = *from;
            name->required = 0;
            if (!open)
                name->sources = 0;
        }
        if (from->node != NODE_NONE)
            name->node = from->node;
        if (open)
            name->sources |= from->sources;
        if (from->required != 0 && name->required == 0) {
            name->required = next_bit(into);
            into->required |= name->required;
        }
    }
    for (uint32_t i = 0; i < other->rule_count; i++)
        find_rule(into, other->rules[i].pattern)->node = other->rules[i].node;
}

/* Which of the names some pattern matches: the others need not be matched when they are met. */
static void match_names(struct object_rules *rules, struct arena *scratch)
{
    struct pattern_scratch memory = {.arena = scratch};
    bool many = (uint64_t)rules->set.count * rules->rule_count > MATCHED_MAX;

    for (uint32_t i = 0; i < rules->set.count; i++) {
        struct known_name *name = &rules->set.names[i];

        name->ruled = many && rules->rule_count > 0;
        for (uint32_t k = 0; k < rules->rule_count && !name->ruled; k++)
            name->ruled = pattern_match(rules->rules[k].pattern, (struct text){name->at, name->len},
                                        &memory) != PATTERN_DIFFERS;
    }
}

struct object_rules *copy_rules(const struct object_rules *from, size_t room, struct arena *arena)
{
    struct object_rules *rules = ARENA_NEW(arena, struct object_rules);

    *rules = *from;
    rules->set.names = ARENA_ARRAY(arena, struct known_name, room);
    rules->rules = ARENA_ARRAY(arena, struct rule, from->rule_count);
    if (from->set.count > 0)
        memcpy(rules->set.names, from->set.names, from->set.count * sizeof *from->set.names);
    if (from->rule_count > 0)
        memcpy(rules->rules, from->rules, from->rule_count * sizeof *from->rules);
    return rules;
}

static bool is_members(const struct code *code)
{
    return code->op == OP_MEMBERS || code->op == OP_REST;
}

/* The one that the others can best be taken into: what asks for the rest, else one that says
 * something about unknown names. */
static struct code *find_base(struct making *it)
{
    struct code *base = making_find(it, OP_REST);

    for (size_t i = 0; i < it->count + it->more_count; i++) {
        struct code *code = making_at(it, i);
        const struct object_rules *rules = code->data, *best = base ? base->data : NULL;

        if (code->op != OP_MEMBERS || (base != NULL && base->op == OP_REST))
            continue;
        if (best == NULL || (best->additional == NODE_NONE && best->names == NODE_NONE &&
                             (rules->additional != NODE_NONE || rules->names != NODE_NONE)))
            base = code;
    }
    return base;
}

/* What a name that is asked for without being declared is: additional. */
static void take_additional(struct object_rules *rules)
{
    for (uint32_t i = 0; i < rules->set.count; i++) {
        struct known_name *name = &rules->set.names[i];

        if (name->sources != 0)
            continue;
        if (name->node == NODE_NONE && rules->rule_count == 0) {
            name->node = rules->additional;
            name->sources = ~UINT64_C(0);
        } else {
            rules->simple = false;
        }
    }
}

/* A set that is not part of the program yet is given its place in it. */
static void settle(struct making *it, struct code *code)
{
    struct compiler *compiler = it->compiler;
    const struct object_rules *from = code->data;
    struct object_rules *rules;

    if (from->settled)
        return;
    rules = copy_rules(from, from->set.count + 1, compiler->arena); /* the last one is no name */
    name_set_init(&rules->set, compiler->arena);
    match_names(rules, compiler->scratch);
    rules->simple = rules->rule_count == 0 && rules->names == NODE_NONE;
    rules->few =
        rules->simple && rules->additional == NODE_NONE && rules->set.count <= NAMES_FEW_MAX;
    for (uint32_t i = 0; i < rules->set.count && rules->additional == NODE_NONE; i++)
        rules->set.names[i].sources = ~UINT64_C(0); /* nothing is asked of what is additional */
    if (code->op == OP_MEMBERS) {
        take_additional(rules);
        code->a = rules->few ? MEMBERS_FEW : rules->simple ? MEMBERS_SIMPLE : MEMBERS_RULED;
    }
    rules->settled = true;
    rules->next = compiler->object_rules;
    compiler->object_rules = rules;
    code->data = rules;
}

void merge_members(struct making *it)
{
    struct code *base = find_base(it);
    struct object_rules *rules = NULL;
    size_t count = it->count + it->more_count;

    for (size_t i = 0; base != NULL && i < count; i++) {
        struct code *code = making_at(it, i);

        if (!is_members(code) || code == base || !can_take(base->data, code->data))
            continue;
        if (rules == NULL) {
            rules = copy_rules(base->data, MERGED_MAX * 2, it->compiler->scratch);
            rules->settled = false;
            rules->from = NULL;
            base->data = rules;
        }
        take_in(rules, code->data);
        code->op = OP_ACCEPT;
    }
    if (rules != NULL)
        making_compact(it);
    for (size_t i = 0; base != NULL && i < it->count + it->more_count; i++) {
        if (is_members(making_at(it, i)))
            settle(it, making_at(it, i));
    }
}

uint8_t accepted_by(const struct compiler *compiler, uint32_t node)
{
    uint8_t kinds = 0;

    if (node == NODE_NONE)
        return KINDS_ANY;
    for (unsigned kind = 0; kind < KIND_COUNT; kind++) {
        if (compiler->nodes[node].entry[kind] == ENTRY_ACCEPT)
            kinds |= (uint8_t)KIND_BIT(kind);
    }
    if ((kinds & KIND_BIT(KIND_BIG_INTEGER)) == 0) /* their cells have the same type */
        kinds &= (uint8_t)~KIND_BIT(CELL_NUMBER);
    return kinds;
}

void complete_members(struct compiler *compiler)
{
    for (struct object_rules *it = compiler->object_rules; it != NULL; it = it->next) {
        for (uint32_t i = 0; i < it->set.count; i++)
            it->set.names[i].accepted = accepted_by(compiler, it->set.names[i].node);
        for (uint32_t i = 0; i < it->rule_count; i++)
            it->rules[i].accepted = accepted_by(compiler, it->rules[i].node);
        it->additional_accepted = accepted_by(compiler, it->additional);
        it->names_accepted = accepted_by(compiler, it->names);
    }
}
