/* A run of code on its way into the program. Assertions about the same thing become one when they
 * are put: lengths, counts, ranges, sets of strings; one that nothing can satisfy makes the whole
 * run refuse. Runs that are called are copied in unless they are long, so a `$ref` to something
 * small costs nothing, and what `allOf` says merges with what is said beside it. In the end the run
 * is put in order: cheap before dear. */
#include "schema/fast_make.h"

#include "base/check.h"

enum {
    INLINE_MAX = 48, /* a called run this long is copied */
    PAY_EVERY = 32,  /* instructions are paid for in advance */
};

static size_t total(const struct making *it)
{
    return it->count + it->more_count;
}

struct code *making_find(struct making *it, enum op op)
{
    for (size_t i = 0; i < total(it); i++) {
        if (making_at(it, i)->op == op)
            return making_at(it, i);
    }
    return NULL;
}

void making_compact(struct making *it)
{
    size_t kept = 0, count = total(it), inside = sizeof it->run / sizeof *it->run;

    for (size_t i = 0; i < count; i++) {
        if (making_at(it, i)->op != OP_ACCEPT)
            *making_at(it, kept++) = *making_at(it, i);
    }
    it->count = kept < inside ? kept : inside;
    it->more_count = kept - it->count;
}

static void append(struct making *it, struct code code)
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

static void merge_limits(struct making *it, struct code *into, const struct code *code)
{
    if (code->low > into->low)
        into->low = code->low;
    if (code->high < into->high)
        into->high = code->high;
    it->rejects = it->rejects || into->low > into->high;
}

static void merge_int_range(struct making *it, struct code *into, const struct code *code)
{
    if (code->least > into->least)
        into->least = code->least;
    if (code->most < into->most)
        into->most = code->most;
    it->rejects = it->rejects || into->least > into->most;
}

/* The new bound replaces one that is looser. */
static void tighten(struct bound *bound, bool *open, const struct bound *other, bool other_open,
                    int direction)
{
    int compared;

    if (other->cell == NULL)
        return;
    compared = bound->cell == NULL ? direction : bound_compare(other->cell, bound) * direction;
    if (compared > 0 || bound->cell == NULL) {
        *bound = *other;
        *open = other_open;
    } else if (compared == 0) {
        *open = *open || other_open;
    }
}

static void merge_range(struct making *it, struct code *into, const struct code *code)
{
    const struct bounds *other = code->data;
    struct bounds *range = ARENA_NEW(it->compiler->arena, struct bounds);
    int compared;

    *range = *(const struct bounds *)into->data;
    tighten(&range->low, &range->above, &other->low, other->above, 1);
    tighten(&range->high, &range->below, &other->high, other->below, -1);
    into->data = range;
    if (range->low.cell == NULL || range->high.cell == NULL)
        return;
    compared = bound_compare(range->low.cell, &range->high);
    it->rejects = it->rejects || compared > 0 || (compared == 0 && (range->above || range->below));
}

static bool has_string(const struct name_set *set, const struct known_name *name)
{
    const struct cell cell = {.type = CELL_STRING, .size = name->len, .text = name->at};

    return name_set_find(set, &cell) != NULL;
}

/* The strings that are in both sets. */
static void merge_strings(struct making *it, struct code *into, const struct code *code)
{
    const struct name_set *a = into->data, *b = code->data;
    struct name_set *both = ARENA_NEW(it->compiler->arena, struct name_set);

    both->names = ARENA_ARRAY(it->compiler->arena, struct known_name, a->count);
    for (uint32_t i = 0; i < a->count; i++) {
        if (has_string(b, &a->names[i]))
            both->names[both->count++] = a->names[i];
    }
    name_set_init(both, it->compiler->arena);
    into->data = both;
    it->rejects = it->rejects || both->count == 0;
}

static bool is_same(const struct code *a, const struct code *b)
{
    return a->op == b->op && a->a == b->a && a->data == b->data && a->high == b->high;
}

void making_put(struct making *it, struct code code)
{
    struct code *same = making_find(it, (enum op)code.op);

    switch (same != NULL ? (enum op)code.op : OP_ACCEPT) {
    case OP_LENGTH:
    case OP_COUNT:
        merge_limits(it, same, &code);
        return;
    case OP_INT_RANGE:
        merge_int_range(it, same, &code);
        return;
    case OP_RANGE:
        merge_range(it, same, &code);
        return;
    case OP_STRINGS:
        merge_strings(it, same, &code);
        return;
    default:
        break;
    }
    for (size_t i = 0; same != NULL && i < total(it); i++) {
        if (is_same(making_at(it, i), &code))
            return;
    }
    append(it, code);
}

void making_call(struct making *it, uint32_t entry)
{
    const struct compiler *compiler = it->compiler;
    size_t len = 0;

    if (entry == ENTRY_REJECT)
        it->rejects = true;
    if (entry < ENTRY_FIRST)
        return;
    while (len <= INLINE_MAX && compiler->code[entry + len].op != OP_ACCEPT)
        len++;
    if (len > INLINE_MAX) {
        making_put(it, (struct code){.op = OP_CALL, .a = entry});
        return;
    }
    for (size_t i = 0; i < len; i++) {
        struct code code = compiler->code[entry + i];

        if (code.op == OP_STRING) /* one of one: it may yet meet another set */
            code.op = OP_STRINGS;
        if (code.op != OP_PAY)
            making_put(it, code);
    }
}

static uint64_t code_points(const struct known_name *name)
{
    uint64_t count = 0;

    for (uint32_t i = 0; i < name->len; i++)
        count += ((unsigned char)name->at[i] & 0xC0) != 0x80;
    return count;
}

/* The strings whose length is right; nothing else is to be asked about it then. */
static void fold_strings(struct making *it)
{
    struct code *strings = making_find(it, OP_STRINGS), *length = making_find(it, OP_LENGTH);
    const struct name_set *all;
    struct name_set *kept;

    if (strings == NULL)
        return;
    all = strings->data;
    if (length != NULL) {
        kept = ARENA_NEW(it->compiler->arena, struct name_set);
        kept->names = ARENA_ARRAY(it->compiler->arena, struct known_name, all->count);
        for (uint32_t i = 0; i < all->count; i++) {
            uint64_t count = code_points(&all->names[i]);

            if (count >= length->low && count <= length->high)
                kept->names[kept->count++] = all->names[i];
        }
        name_set_init(kept, it->compiler->arena);
        strings->data = all = kept;
        length->op = OP_ACCEPT;
        making_compact(it);
    }
    it->rejects = it->rejects || all->count == 0;
    strings = making_find(it, OP_STRINGS);
    if (all->count == 1)
        strings->op = OP_STRING;
}

/* Sorted as they stand in OPS, which is by cost. */
static void put_in_order(struct making *it)
{
    struct compiler *compiler = it->compiler;
    size_t paid = 0;

    for (int op = 0; op <= OP_PLAIN; op++) {
        for (size_t i = 0; i < total(it); i++) {
            const struct code *code = making_at(it, i);

            if (code->op != op)
                continue;
            if (++paid % PAY_EVERY == 0)
                compiler->code[compiler->code_count++] =
                    (struct code){.op = OP_PAY, .low = PAY_EVERY};
            compiler->code[compiler->code_count++] = *code;
        }
    }
    compiler->code[compiler->code_count++] = (struct code){.op = OP_ACCEPT};
}

uint32_t making_settle(struct making *it)
{
    struct compiler *compiler = it->compiler;
    size_t start = compiler->code_count, most;

    if (!it->rejects)
        fold_strings(it);
    if (it->rejects)
        return ENTRY_REJECT;
    merge_members(it);
    if (total(it) == 0)
        return ENTRY_ACCEPT;
    if (total(it) == 1 && it->run[0].op == OP_CALL)
        return it->run[0].a;
    most = total(it) + total(it) / PAY_EVERY + 1;
    if (compiler->code_room - compiler->code_count < most) {
        size_t room = compiler->code_room * 2 + most + 64;

        compiler->code =
            arena_grow(compiler->arena, compiler->code, compiler->code_room * sizeof(struct code),
                       room * sizeof(struct code));
        compiler->code_room = room;
    }
    put_in_order(it);
    return (uint32_t)start;
}
