/* The fast program. For every node and kind of value the keywords that say something about that
 * kind become a run of code. What is known already disappears: a type that fits, a reference to
 * something that accepts or rejects the whole kind, the alternatives of another kind. So a union of
 * a string and null is not a union any more, and one whose objects have a tag is a look-up. */
#include "schema/compile.h"

#include "base/check.h"

enum { INLINE_MAX = 16 }; /* a called run this short is copied */

/* The run being made. */
struct making {
    struct compiler *compiler;
    const struct node *node;
    unsigned kind;
    struct code run[64];
    size_t count;
    struct code *more; /* of those beyond the array; rare */
    size_t more_count, more_room;
    bool rejects;
    bool has_length, has_count, has_members, tracked;
    uint64_t low, high; /* of the length or count */
};

static void put(struct making *it, struct code code)
{
    struct compiler *compiler = it->compiler;

    if (it->count < sizeof it->run / sizeof *it->run) {
        it->run[it->count++] = code;
        return;
    }
    if (it->more_count == it->more_room) {
        size_t room = it->more_room ? it->more_room * 2 : 64;

        it->more = arena_grow(compiler->scratch, it->more, it->more_room * sizeof(struct code),
                              room * sizeof(struct code));
        it->more_room = room;
    }
    it->more[it->more_count++] = code;
}

static uint32_t entry_of(const struct making *it, uint32_t node)
{
    return node == NODE_NONE ? (uint32_t)ENTRY_ACCEPT : it->compiler->nodes[node].entry[it->kind];
}

/* Everything at that entry must hold too. */
static void call(struct making *it, uint32_t entry)
{
    const struct code *target = &it->compiler->code[entry];
    size_t len = 0;

    if (entry == ENTRY_REJECT)
        it->rejects = true;
    if (entry < ENTRY_FIRST)
        return;
    while (len <= INLINE_MAX && target[len].op != OP_ACCEPT)
        len++;
    if (len > INLINE_MAX) {
        put(it, (struct code){.op = OP_CALL, .a = entry});
        return;
    }
    for (size_t i = 0; i < len; i++)
        put(it, target[i]);
}

static void put_entries(struct making *it, enum op op, const uint32_t *entries, uint32_t count)
{
    uint32_t *kept = ARENA_ARRAY(it->compiler->arena, uint32_t, count);

    memcpy(kept, entries, count * sizeof *entries);
    put(it, (struct code){.op = (uint8_t)op, .a = count, .data = kept});
}

/* A look-up of the tag instead of trying; every remaining alternative has one of its own. */
static void put_by_tag(struct making *it, const struct alternatives *alternatives)
{
    struct arena *arena = it->compiler->arena;
    struct tag_choice *choice = ARENA_NEW(arena, struct tag_choice);
    uint32_t count = 0;

    choice->tag = alternatives->tag;
    choice->slots = ARENA_ARRAY(arena, struct slot, alternatives->count);
    for (uint32_t i = 0; i < alternatives->count; i++) {
        uint32_t entry = entry_of(it, alternatives->nodes[i]);

        if (entry != ENTRY_REJECT)
            choice->slots[count++] =
                (struct slot){.name = alternatives->tag_values[i], .node = entry};
    }
    name_table_init(&choice->table, choice->slots, count, arena);
    put(it, (struct code){.op = OP_BY_TAG, .data = choice});
}

static void make_union(struct making *it, struct alternatives *alternatives, bool exactly_one)
{
    uint32_t *entries = ARENA_ARRAY(it->compiler->scratch, uint32_t, alternatives->count);
    uint32_t count = 0, accepting = 0;

    for (uint32_t i = 0; i < alternatives->count; i++) {
        uint32_t entry = entry_of(it, alternatives->nodes[i]);

        accepting += entry == ENTRY_ACCEPT;
        if (entry != ENTRY_REJECT)
            entries[count++] = entry;
    }
    if (count == 0 || (exactly_one && accepting > 1)) {
        it->rejects = true;
    } else if (count == 1) {
        call(it, entries[0]);
    } else if (accepting > 0 && !exactly_one) {
        return;
    } else {
        if (it->kind == CELL_OBJECT && alternatives->tag_values == NULL)
            find_tag(it->compiler, alternatives);
        if (it->kind == CELL_OBJECT && alternatives->tag_values != NULL)
            put_by_tag(it, alternatives);
        else
            put_entries(it, exactly_one ? OP_EXACTLY_ONE : OP_ANY, entries, count);
    }
}

static void make_not(struct making *it, uint32_t node)
{
    uint32_t entry = entry_of(it, node);

    if (entry == ENTRY_ACCEPT)
        it->rejects = true;
    else if (entry != ENTRY_REJECT)
        put(it, (struct code){.op = OP_NOT, .a = entry});
}

static void make_if(struct making *it, const struct instruction *from)
{
    uint32_t entries[3] = {entry_of(it, from->node), entry_of(it, from->condition->then_node),
                           entry_of(it, from->condition->else_node)};

    if (entries[0] == ENTRY_ACCEPT)
        call(it, entries[1]);
    else if (entries[0] == ENTRY_REJECT)
        call(it, entries[2]);
    else if (entries[1] != ENTRY_ACCEPT || entries[2] != ENTRY_ACCEPT)
        put_entries(it, OP_IF, entries, 3);
}

static void make_choice(struct making *it, const struct choice *choice)
{
    if ((choice->kinds & KIND_BIT(it->kind)) == 0)
        it->rejects = true;
    else if (it->kind != CELL_NULL)
        put(it, (struct code){.op = OP_ONE_OF, .data = choice});
}

static void make_members(struct making *it, const struct members *members)
{
    bool nothing = members->slot_count == 0 && members->rule_count == 0 &&
                   members->additional == NODE_NONE && members->names == NODE_NONE;

    if (it->has_members || nothing)
        return;
    it->has_members = true;
    put(it, (struct code){.op = OP_MEMBERS, .data = members});
    if (members->required_count > 64)
        put(it, (struct code){.op = OP_REQUIRED, .data = members});
}

static void make_limit(struct making *it, enum keyword keyword, uint64_t count)
{
    bool least = keyword == KEYWORD_MIN_LENGTH || keyword == KEYWORD_MIN_ITEMS ||
                 keyword == KEYWORD_MIN_PROPERTIES;

    it->has_length = it->has_length || it->kind == CELL_STRING;
    it->has_count = it->has_count || it->kind != CELL_STRING;
    if (least && count > it->low)
        it->low = count;
    if (!least && count < it->high)
        it->high = count;
}

static void make_instruction(struct making *it, const struct instruction *from)
{
    switch ((enum keyword)from->keyword) {
    case KEYWORD_NONE:
        it->rejects = true;
        break;
    case KEYWORD_TYPE:
        it->rejects = it->rejects || (from->types & KIND_BIT(it->kind)) == 0;
        if (from->written && it->kind == KIND_BIG_INTEGER)
            put(it, (struct code){.op = OP_WRITTEN});
        break;
    case KEYWORD_ENUM:
    case KEYWORD_CONST:
        make_choice(it, from->choice);
        break;
    case KEYWORD_MULTIPLE_OF:
    case KEYWORD_MINIMUM:
    case KEYWORD_EXCLUSIVE_MINIMUM:
    case KEYWORD_MAXIMUM:
    case KEYWORD_EXCLUSIVE_MAXIMUM:
        put(it, (struct code){.op = OP_NUMBER, .a = from->keyword, .data = &from->bound});
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
        put(it, (struct code){.op = OP_PATTERN, .data = from->pattern});
        break;
    case KEYWORD_FORMAT:
        put(it, (struct code){.op = OP_FORMAT, .a = from->format});
        break;
    case KEYWORD_CONTENT_ENCODING:
    case KEYWORD_CONTENT_MEDIA_TYPE:
        put(it, (struct code){.op = OP_CONTENT, .a = from->content});
        break;
    case KEYWORD_UNIQUE_ITEMS:
        put(it, (struct code){.op = OP_UNIQUE});
        break;
    case KEYWORD_PREFIX_ITEMS:
        put(it, (struct code){.op = OP_TUPLE, .data = from->alternatives});
        break;
    case KEYWORD_ITEMS:
        put(it, (struct code){.op = OP_ALL, .a = from->node, .low = from->first});
        break;
    case KEYWORD_CONTAINS:
        put(it, (struct code){.op = OP_CONTAINS, .a = from->node, .data = from->containment});
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
        put(it, (struct code){.op = OP_DEPENDENT, .data = from->dependencies});
        break;
    case KEYWORD_REF:
    case KEYWORD_DYNAMIC_REF:
        call(it, entry_of(it, from->node));
        break;
    case KEYWORD_ALL_OF:
        for (uint32_t i = 0; i < from->alternatives->count; i++)
            call(it, entry_of(it, from->alternatives->nodes[i]));
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
        it->tracked = true;
        break;
    default:
        NEVER("a keyword that asserts nothing");
    }
}

/* Cheap before dear. */
static int cost(const struct code *code)
{
    switch ((enum op)code->op) {
    case OP_LENGTH:
    case OP_COUNT:
    case OP_WRITTEN:
        return 0;
    case OP_NUMBER:
    case OP_ONE_OF:
        return 1;
    case OP_BY_TAG:
    case OP_FORMAT:
        return 2;
    case OP_PATTERN:
        return 3;
    case OP_MEMBERS:
    case OP_REQUIRED:
    case OP_ALL:
    case OP_TUPLE:
    case OP_CALL:
        return 4;
    default:
        return 5;
    }
}

/* The run into the code; returns its entry. */
static uint32_t settle(struct making *it)
{
    struct compiler *compiler = it->compiler;
    size_t count = it->count + it->more_count, start = compiler->code_count;

    if (compiler->code_room - compiler->code_count < count + 1) {
        size_t room = compiler->code_room * 2 + count + 64;

        compiler->code =
            arena_grow(compiler->arena, compiler->code, compiler->code_room * sizeof(struct code),
                       room * sizeof(struct code));
        compiler->code_room = room;
    }
    for (int rank = 0; rank <= 5; rank++) {
        for (size_t i = 0; i < count; i++) {
            const struct code *code = i < it->count ? &it->run[i] : &it->more[i - it->count];

            if (cost(code) == rank)
                compiler->code[compiler->code_count++] = *code;
        }
    }
    compiler->code[compiler->code_count++] = (struct code){.op = OP_ACCEPT};
    return (uint32_t)start;
}

static uint32_t make_kind(struct compiler *compiler, const struct node *node, unsigned kind)
{
    struct making it = {.compiler = compiler, .node = node, .kind = kind, .high = UINT64_MAX};
    const struct code *only;

    for (uint32_t i = 0; i < node->plain_count && !it.rejects; i++) {
        if ((node->plain[i].kinds & KIND_BIT(kind)) != 0)
            make_instruction(&it, &node->plain[i]);
    }
    if (it.rejects)
        return ENTRY_REJECT;
    if (it.tracked) {
        it.count = it.more_count = 0;
        put(&it, (struct code){.op = OP_TRACKED, .a = (uint32_t)(node - compiler->nodes)});
        return settle(&it);
    }
    if (it.has_length || it.has_count)
        put(&it, (struct code){
                     .op = it.has_length ? OP_LENGTH : OP_COUNT, .low = it.low, .high = it.high});
    if (it.count == 0)
        return ENTRY_ACCEPT;
    only = it.count == 1 ? &it.run[0] : NULL;
    return only != NULL && only->op == OP_CALL ? only->a : settle(&it);
}

/* Kinds of which the node accepts every value. */
static uint8_t accepted_by(const struct compiler *compiler, uint32_t node)
{
    uint8_t kinds = 0;

    if (node == NODE_NONE)
        return KINDS_ANY;
    for (unsigned kind = 0; kind < KIND_COUNT; kind++) {
        if (compiler->nodes[node].entry[kind] == ENTRY_ACCEPT)
            kinds |= (uint8_t)KIND_BIT(kind);
    }
    return kinds;
}

/* Nodes of members and items may lead back, so what they accept is known only at the end. */
static void note_accepted(struct compiler *compiler, const struct node *node)
{
    for (uint32_t i = 0; i < node->plain_count; i++) {
        struct members *members;

        switch ((enum keyword)node->plain[i].keyword) {
        case KEYWORD_PROPERTIES:
        case KEYWORD_PATTERN_PROPERTIES:
        case KEYWORD_ADDITIONAL_PROPERTIES:
        case KEYWORD_PROPERTY_NAMES:
        case KEYWORD_REQUIRED:
            break;
        default:
            continue;
        }
        members = node->plain[i].members;
        for (uint32_t k = 0; k < members->slot_count; k++)
            members->slots[k].accepted = accepted_by(compiler, members->slots[k].node);
        for (uint32_t k = 0; k < members->rule_count; k++)
            members->rules[k].accepted = accepted_by(compiler, members->rules[k].node);
        members->additional_accepted = accepted_by(compiler, members->additional);
        members->names_accepted = accepted_by(compiler, members->names);
        return; /* all its keywords share one */
    }
}

void compile_fast(struct compiler *compiler)
{
    compiler->code_room = 256;
    compiler->code = ARENA_ARRAY(compiler->arena, struct code, compiler->code_room);
    compiler->code_count = ENTRY_FIRST;
    for (size_t i = 0; i < compiler->node_count; i++) {
        struct node *node = &compiler->nodes[compiler->order[i]];

        for (unsigned kind = 0; kind < KIND_COUNT; kind++)
            node->entry[kind] = make_kind(compiler, node, kind);
    }
    for (size_t i = 0; i < compiler->node_count; i++)
        note_accepted(compiler, &compiler->nodes[i]);
    for (size_t i = ENTRY_FIRST; i < compiler->code_count; i++) {
        struct code *code = &compiler->code[i];

        if (code->op == OP_ALL || code->op == OP_CONTAINS)
            code->accepted = accepted_by(compiler, code->a);
    }
}
