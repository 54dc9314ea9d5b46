/* How alternatives end, and what ends with them. */
#include "schema/follow.h"

#include "schema/append.h"

static size_t later(size_t a, size_t b)
{
    return a > b ? a : b;
}
static size_t earlier(size_t a, size_t b)
{
    return a < b ? a : b;
}

uint32_t follow_group(struct schema_follower *f, enum follow_group_kind kind, uint32_t parent,
                      uint32_t count)
{
    uint32_t index = (uint32_t)f->group_count, first = (uint32_t)f->world_count;

    *APPEND(f->arena, f->groups, f->group_count, f->group_room) =
        (struct follow_group){.kind = kind, .parent = parent, .first = first, .count = count};
    for (uint32_t i = 0; i < count; i++)
        *APPEND(f->arena, f->worlds, f->world_count, f->world_room) =
            (struct follow_world){.ended_at = FOLLOW_ALIVE, .group = index};
    return first;
}

/* The byte on which a group can hold no longer whatever follows; FOLLOW_ALIVE when it still can. */
static size_t hopeless_at(const struct schema_follower *f, const struct follow_group *group)
{
    const struct follow_world *worlds = &f->worlds[group->first];
    size_t byte = 0;

    switch (group->kind) {
    case GROUP_ANY:
    case GROUP_ONE:
        for (uint32_t i = 0; i < group->count; i++)
            byte = later(byte, worlds[i].ended_at);
        return byte;
    case GROUP_IF: /* condition, then, else */
        return later(worlds[2].ended_at, earlier(worlds[0].ended_at, worlds[1].ended_at));
    case GROUP_NOT:
        break;
    }
    return FOLLOW_ALIVE;
}

void follow_fail(struct schema_follower *f, uint32_t world, size_t byte, enum keyword keyword)
{
    while (byte < f->worlds[world].ended_at) {
        const struct follow_group *group = &f->groups[f->worlds[world].group];

        f->worlds[world].ended_at = byte;
        f->keyword = (uint8_t)keyword;
        if (world == 0)
            return;
        byte = hopeless_at(f, group);
        world = group->parent;
    }
}

/* Whether a group holds, now that nothing more can end. */
static bool group_holds(const struct schema_follower *f, const struct follow_group *group)
{
    const struct follow_world *worlds = &f->worlds[group->first];
    uint32_t alive = 0;

    for (uint32_t i = 0; i < group->count; i++)
        alive += worlds[i].ended_at == FOLLOW_ALIVE;
    switch (group->kind) {
    case GROUP_ANY:
        return alive > 0;
    case GROUP_ONE:
        return alive == 1;
    case GROUP_NOT:
        return alive == 0;
    case GROUP_IF:
        break;
    }
    return worlds[worlds[0].ended_at == FOLLOW_ALIVE ? 1 : 2].ended_at == FOLLOW_ALIVE;
}

void follow_settle(struct schema_follower *f, size_t byte)
{
    static const uint8_t keywords[] = {[GROUP_ANY] = KEYWORD_ANY_OF,
                                       [GROUP_ONE] = KEYWORD_ONE_OF,
                                       [GROUP_NOT] = KEYWORD_NOT,
                                       [GROUP_IF] = KEYWORD_IF};
    const struct follow_frame *frame = follow_top(f);

    /* Groups within a group were made after it. */
    for (size_t i = f->group_count; i > frame->groups_from; i--) {
        const struct follow_group *group = &f->groups[i - 1];

        if (!group_holds(f, group))
            follow_fail(f, group->parent, byte, (enum keyword)keywords[group->kind]);
    }
    f->task_count = frame->tasks_from;
    f->world_count = frame->worlds_from;
    f->group_count = frame->groups_from;
    f->frame_count--;
}
