/* The fast program. For every node and kind of value the keywords that say something about that
 * kind become a run of code. What is known already disappears: a type that fits, a reference to
 * something that accepts or rejects the whole kind, the alternatives of another kind. So a union of
 * a string and null is not a union any more, and one whose objects have a tag is a look-up. */
#include "schema/fast_make.h"

#include "base/check.h"

uint32_t entry_of(const struct making *it, uint32_t node)
{
    return node == NODE_NONE ? (uint32_t)ENTRY_ACCEPT : it->compiler->nodes[node].entry[it->kind];
}

static void make_strings(struct making *it, const struct slot *slots, uint32_t count)
{
    struct name_set *set = ARENA_NEW(it->compiler->arena, struct name_set);

    set->names = ARENA_ARRAY(it->compiler->arena, struct known_name, count);
    for (uint32_t i = 0; i < count; i++)
        set->names[i] = known_name_of(slots[i].name);
    set->count = count;
    name_set_init(set, it->compiler->arena);
    making_put(it, (struct code){.op = OP_STRINGS, .data = set});
}

/* Those that are no more than a prefix, or one string, need no automaton. */
static void make_pattern(struct making *it, const struct pattern *pattern)
{
    struct slot slot = {.node = NODE_NONE};
    struct text *prefix;

    if (pattern_always(pattern))
        return;
    if (pattern_literal(pattern, &slot.name)) {
        make_strings(it, &slot, 1);
    } else if (pattern_prefix(pattern, &slot.name)) {
        prefix = ARENA_NEW(it->compiler->arena, struct text);
        *prefix = slot.name;
        making_put(it, (struct code){.op = OP_PREFIX, .data = prefix});
    } else {
        making_put(it, (struct code){.op = OP_PATTERN, .data = pattern});
    }
}

static void make_choice(struct making *it, const struct choice *choice)
{
    if ((choice->kinds & KIND_BIT(it->kind)) == 0)
        it->rejects = true;
    else if (it->kind == CELL_STRING)
        make_strings(it, choice->slots, choice->slot_count);
    else if (it->kind != CELL_NULL)
        making_put(it, (struct code){.op = OP_ONE_OF, .data = choice});
}

static void make_limit(struct making *it, enum keyword keyword, uint64_t count)
{
    bool least = keyword == KEYWORD_MIN_LENGTH || keyword == KEYWORD_MIN_ITEMS ||
                 keyword == KEYWORD_MIN_PROPERTIES;

    if (least && count == 0)
        return;
    making_put(it, (struct code){.op = it->kind == CELL_STRING ? OP_LENGTH : OP_COUNT,
                                 .low = least ? count : 0,
                                 .high = least ? UINT64_MAX : count});
}

/* A bound for 64-bit integers: the nearest one inside. False when it cannot be had exactly. */
static bool make_int_range(struct making *it, enum keyword keyword, const struct bound *bound)
{
    bool low = keyword == KEYWORD_MINIMUM || keyword == KEYWORD_EXCLUSIVE_MINIMUM;
    bool open = keyword == KEYWORD_EXCLUSIVE_MINIMUM || keyword == KEYWORD_EXCLUSIVE_MAXIMUM;
    struct code code = {.op = OP_INT_RANGE, .least = INT64_MIN, .most = INT64_MAX};
    int64_t floor;
    bool integral;

    if (!bound_floor(bound, &floor, &integral))
        return false;
    if (low && (open || !integral)) {
        it->rejects = it->rejects || floor == INT64_MAX;
        code.least = floor < INT64_MAX ? floor + 1 : floor;
    } else if (low) {
        code.least = floor;
    } else if (open && integral) {
        it->rejects = it->rejects || floor == INT64_MIN;
        code.most = floor > INT64_MIN ? floor - 1 : floor;
    } else {
        code.most = floor;
    }
    making_put(it, code);
    return true;
}

static void make_range(struct making *it, enum keyword keyword, const struct bound *bound)
{
    struct bounds *range;

    if (it->kind == CELL_INTEGER && make_int_range(it, keyword, bound))
        return;
    range = ARENA_NEW(it->compiler->arena, struct bounds);
    if (keyword == KEYWORD_MINIMUM || keyword == KEYWORD_EXCLUSIVE_MINIMUM)
        range->low = *bound;
    else
        range->high = *bound;
    range->above = keyword == KEYWORD_EXCLUSIVE_MINIMUM;
    range->below = keyword == KEYWORD_EXCLUSIVE_MAXIMUM;
    making_put(it, (struct code){.op = OP_RANGE, .data = range});
}

void make_reference(struct making *it, uint32_t node)
{
    if (it->tracking != NULL)
        make_included(it, node);
    else
        making_call(it, entry_of(it, node));
}

void make_instruction(struct making *it, const struct instruction *from)
{
    if (it->tracking != NULL)
        note_evaluated(it, from);
    switch ((enum keyword)from->keyword) {
    case KEYWORD_NONE:
        it->rejects = true;
        break;
    case KEYWORD_TYPE:
        it->rejects = it->rejects || (from->types & KIND_BIT(it->kind)) == 0;
        if (from->written && it->kind == KIND_BIG_INTEGER)
            making_put(it, (struct code){.op = OP_WRITTEN});
        break;
    case KEYWORD_ENUM:
    case KEYWORD_CONST:
        make_choice(it, from->choice);
        break;
    case KEYWORD_MULTIPLE_OF:
        making_put(it, (struct code){.op = OP_MULTIPLE, .data = &from->bound});
        break;
    case KEYWORD_MINIMUM:
    case KEYWORD_EXCLUSIVE_MINIMUM:
    case KEYWORD_MAXIMUM:
    case KEYWORD_EXCLUSIVE_MAXIMUM:
        make_range(it, (enum keyword)from->keyword, &from->bound);
        break;
    case KEYWORD_MIN_LENGTH:
    case KEYWORD_MAX_LENGTH:
    case KEYWORD_MIN_ITEMS:
    case KEYWORD_MAX_ITEMS:
    case KEYWORD_MIN_PROPERTIES:
    case KEYWORD_MAX_PROPERTIES:
        make_limit(it, (enum keyword)from->keyword, from->count);
        break;
    case KEYWORD_PATTERN:
        make_pattern(it, from->pattern);
        break;
    case KEYWORD_FORMAT:
        making_put(it, (struct code){.op = OP_FORMAT, .a = from->format});
        break;
    case KEYWORD_CONTENT_ENCODING:
    case KEYWORD_CONTENT_MEDIA_TYPE:
        making_put(it, (struct code){.op = OP_CONTENT, .a = from->content});
        break;
    case KEYWORD_UNIQUE_ITEMS:
        making_put(it, (struct code){.op = OP_UNIQUE});
        break;
    case KEYWORD_PREFIX_ITEMS:
        making_put(it, (struct code){.op = OP_TUPLE, .data = from->alternatives});
        break;
    case KEYWORD_ITEMS:
        making_put(it, (struct code){.op = OP_ALL, .a = from->node, .low = from->first});
        break;
    case KEYWORD_CONTAINS:
        making_put(it,
                   (struct code){.op = OP_CONTAINS, .a = from->node, .data = from->containment});
        break;
    case KEYWORD_PROPERTIES:
    case KEYWORD_PATTERN_PROPERTIES:
    case KEYWORD_ADDITIONAL_PROPERTIES:
    case KEYWORD_PROPERTY_NAMES:
    case KEYWORD_REQUIRED:
        make_members(it, from->members);
        break;
    case KEYWORD_DEPENDENT_REQUIRED:
    case KEYWORD_DEPENDENT_SCHEMAS:
    case KEYWORD_DEPENDENCIES:
        make_dependencies(it, from->dependencies);
        break;
    case KEYWORD_REF:
    case KEYWORD_DYNAMIC_REF:
        make_reference(it, from->node);
        break;
    case KEYWORD_ALL_OF:
        for (uint32_t i = 0; i < from->alternatives->count; i++)
            make_reference(it, from->alternatives->nodes[i]);
        break;
    case KEYWORD_ANY_OF:
    case KEYWORD_ONE_OF:
        make_union(it, from->alternatives, from->keyword == KEYWORD_ONE_OF);
        break;
    case KEYWORD_NOT:
        make_not(it, from->node);
        break;
    case KEYWORD_IF:
        make_if(it, from);
        break;
    case KEYWORD_UNEVALUATED_ITEMS:
    case KEYWORD_UNEVALUATED_PROPERTIES:
        break; /* of the node itself, after all others */
    default:
        NEVER("a keyword that asserts nothing");
    }
}

static uint32_t make_alone(struct compiler *compiler, unsigned kind, struct code code)
{
    struct making it = {.compiler = compiler, .kind = kind};

    making_put(&it, code);
    return making_settle(&it);
}

static uint32_t make_kind(struct compiler *compiler, const struct node *node, unsigned kind)
{
    const struct instruction *rest = unevaluated_of(node, kind);
    struct tracking tracking = {.sources = 0};
    struct making it = {.compiler = compiler,
                        .kind = kind,
                        .source = SOURCE_ALWAYS,
                        .tracking = rest != NULL ? &tracking : NULL};
    struct code track = {.op = OP_TRACK, .high = (uint64_t)(node - compiler->nodes)};
    size_t own = compiler->code_count;

    for (uint32_t i = 0; i < node->plain_count && !it.rejects; i++) {
        if ((node->plain[i].kinds & KIND_BIT(kind)) != 0)
            make_instruction(&it, &node->plain[i]);
    }
    if (rest != NULL && !it.rejects)
        make_unevaluated(&it, rest);
    if (tracking.failed && !it.rejects)
        return make_alone(compiler, kind,
                          (struct code){.op = OP_PLAIN, .a = (uint32_t)(node - compiler->nodes)});
    track.a = making_settle(&it);
    if (!tracking.asked || track.a < ENTRY_FIRST)
        return track.a;
    track.data = make_survey(compiler, own);
    return make_alone(compiler, kind, track);
}

/* What the nodes of items accept is known only when all are made. */
static void complete(struct compiler *compiler)
{
    complete_members(compiler);
    for (size_t i = ENTRY_FIRST; i < compiler->code_count; i++) {
        struct code *code = &compiler->code[i];

        if (code->op == OP_ALL || code->op == OP_CONTAINS)
            code->accepted = accepted_by(compiler, code->a);
    }
    for (struct rest_items *it = compiler->rest_items; it != NULL; it = it->next) {
        it->accepted = accepted_by(compiler, it->node);
        for (uint32_t i = 0; i < it->count; i++)
            it->sources[i].accepted = accepted_by(compiler, it->sources[i].contains);
    }
}

static void pack_entries(struct compiler *compiler)
{
    compiler->entries = ARENA_ARRAY(compiler->arena, struct entries, compiler->node_count);
    for (size_t i = 0; i < compiler->node_count; i++)
        memcpy(compiler->entries[i].of, compiler->nodes[i].entry, sizeof compiler->nodes[i].entry);
}

void compile_fast(struct compiler *compiler)
{
    compiler->code_room = 256;
    compiler->code = ARENA_ARRAY(compiler->arena, struct code, compiler->code_room);
    compiler->code_count = ENTRY_FIRST;
    for (size_t i = 0; i < compiler->node_count && !outline_is_late(&compiler->outline); i++) {
        struct node *node = &compiler->nodes[compiler->order[i]];

        for (unsigned kind = 0; kind < KIND_COUNT; kind++)
            node->entry[kind] = make_kind(compiler, node, kind);
    }
    if (compiler->outline.late)
        return;
    complete(compiler);
    pack_entries(compiler);
}
