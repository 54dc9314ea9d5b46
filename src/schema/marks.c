/* Bits in words on a growing stack; sets are named by offset, because the stack moves. */
#include "schema/marks.h"

struct marks marks_begin(struct run *run, uint32_t container)
{
    struct marks marks = {run->words_used, ((size_t)run->cells[container].size + 63) / 64};
    size_t end = marks.at + marks.count;

    spend(run, marks.count);
    if (end > run->words_room || run->words == NULL) {
        size_t room = end * 2 + 16;

        run->words = arena_grow(run->arena, run->words, run->words_used * sizeof(uint64_t),
                                room * sizeof(uint64_t));
        run->words_room = room;
    }
    memset(run->words + marks.at, 0, marks.count * sizeof(uint64_t));
    run->words_used = end;
    return marks;
}

void marks_end(struct run *run, struct marks marks)
{
    run->words_used = marks.at;
}

void marks_set(struct run *run, struct marks marks, uint32_t index)
{
    run->words[marks.at + index / 64] |= UINT64_C(1) << index % 64;
}

void marks_set_all(struct run *run, struct marks marks)
{
    memset(run->words + marks.at, 0xFF, marks.count * sizeof(uint64_t));
}

bool marks_has(const struct run *run, struct marks marks, uint32_t index)
{
    return (run->words[marks.at + index / 64] >> index % 64 & 1) != 0;
}

void marks_add(struct run *run, struct marks to, struct marks from)
{
    for (size_t i = 0; i < to.count; i++)
        run->words[to.at + i] |= run->words[from.at + i];
}
