#include "chat/gather.h"

/* --- parts
 * ------------------------------------------------------------------------------------------- */

static struct gather_part *add_part(struct chat_gather *gather, enum chat_part_type type)
{
    struct gather_part *part;

    if (gather->part_count == GATHER_PARTS_MAX)
        return NULL;
    if (gather->part_count == gather->part_room) {
        size_t room = gather->part_room > 0 ? gather->part_room * 2 : 4;

        gather->parts =
            arena_grow(gather->arena, gather->parts, gather->part_room * sizeof *gather->parts,
                       room * sizeof *gather->parts);
        gather->part_room = room;
    }
    part = &gather->parts[gather->part_count++];
    *part = (struct gather_part){.part.type = type, .text = buffer_in(gather->arena)};
    return part;
}

/* The part under way when it is of that type, else a new one: what comes between two texts (a call,
 * a thought) parts them. */
static struct gather_part *under_way(struct chat_gather *gather, enum chat_part_type type)
{
    struct gather_part *last =
        gather->part_count > 0 ? &gather->parts[gather->part_count - 1] : NULL;

    /* A state closes its reasoning: what follows is another one. */
    if (last != NULL && last->part.type == type &&
        !(type == CHAT_REASONING && last->part.state.len > 0))
        return last;
    return add_part(gather, type);
}

static struct gather_part *find_call(struct chat_gather *gather, uint32_t call)
{
    uint32_t seen = 0;

    for (size_t i = 0; i < gather->part_count; i++)
        if (gather->parts[i].part.type == CHAT_CALL && seen++ == call)
            return &gather->parts[i];
    return NULL;
}

static void append(struct chat_gather *gather, enum chat_part_type type, struct text text)
{
    struct gather_part *part = text.len > 0 ? under_way(gather, type) : NULL;

    if (part != NULL)
        buffer_put(&part->text, text);
}

static void begin_call(struct chat_gather *gather, const struct chat_event *event)
{
    struct gather_part *part = add_part(gather, CHAT_CALL);

    if (part == NULL)
        return;
    part->part.id = arena_copy(gather->arena, event->id);
    part->part.name = arena_copy(gather->arena, event->name);
}

static void append_arguments(struct chat_gather *gather, const struct chat_event *event)
{
    struct gather_part *part = find_call(gather, event->call);

    if (part != NULL)
        buffer_put(&part->text, event->text);
}

static void take_state(struct chat_gather *gather, const struct chat_event *event)
{
    struct gather_part *part = gather->part_count > 0 ? &gather->parts[gather->part_count - 1]
                                                      : add_part(gather, CHAT_REASONING);

    if (part != NULL && part->part.state.len > 0)
        part = add_part(gather, CHAT_REASONING);
    if (part == NULL)
        return;
    part->part.state = arena_copy(gather->arena, event->text);
    part->part.state_of = event->state_of;
}

/* --- events
 * ------------------------------------------------------------------------------------------ */

static void take_start(struct chat_gather *gather, const struct chat_event *event)
{
    if (gather->id.len == 0)
        gather->id = arena_copy(gather->arena, event->id);
    if (gather->model.len == 0)
        gather->model = arena_copy(gather->arena, event->model);
}

static void take_reasoning(struct chat_gather *gather, struct text text)
{
    if (text.len == 0) /* begins here, and may have no more than a state */
        under_way(gather, CHAT_REASONING);
    append(gather, CHAT_REASONING, text);
}

static void take_text(struct chat_gather *gather, struct text text)
{
    if (gather->content.arena == NULL)
        gather->content = buffer_in(gather->arena);
    buffer_put(&gather->content, text);
    append(gather, CHAT_TEXT, text);
}

void gather_take(struct chat_gather *gather, const struct chat_event *event)
{
    if (event->type != CHAT_EVENT_STATE && event->type != CHAT_EVENT_FINISH)
        gather->bytes += event->text.len;
    switch (event->type) {
    case CHAT_EVENT_START:
        take_start(gather, event);
        break;
    case CHAT_EVENT_TEXT:
        take_text(gather, event->text);
        break;
    case CHAT_EVENT_REFUSAL:
        if (gather->refusal.arena == NULL)
            gather->refusal = buffer_in(gather->arena);
        buffer_put(&gather->refusal, event->text);
        break;
    case CHAT_EVENT_REASONING:
        take_reasoning(gather, event->text);
        break;
    case CHAT_EVENT_CALL:
        begin_call(gather, event);
        break;
    case CHAT_EVENT_ARGUMENTS:
        append_arguments(gather, event);
        break;
    case CHAT_EVENT_STATE:
        take_state(gather, event);
        break;
    case CHAT_EVENT_FINISH:
        gather->finish = event->finish;
        gather->stop = arena_copy(gather->arena, event->text);
        break;
    case CHAT_EVENT_USAGE:
        gather->usage = event->usage;
        gather->has_usage = true;
        break;
    case CHAT_EVENT_DONE:
        gather->done = true;
        break;
    }
}

void gather_answer(const struct chat_gather *gather, struct chat_answer *out)
{
    struct chat_part *parts = ARENA_ARRAY(gather->arena, struct chat_part, gather->part_count);
    bool called = false;

    for (size_t i = 0; i < gather->part_count; i++) {
        parts[i] = gather->parts[i].part;
        parts[i].text = buffer_text(&gather->parts[i].text);
        called |= parts[i].type == CHAT_CALL;
    }
    *out = (struct chat_answer){
        .id = gather->id,
        .model = gather->model,
        .content = buffer_text(&gather->content),
        .refusal = buffer_text(&gather->refusal),
        .parts = gather->part_count > 0 ? parts : NULL,
        .part_count = gather->part_count,
        .finish = gather->finish,
        .stop = gather->stop,
        .usage = gather->usage,
    };
    if (called && out->finish == CHAT_FINISH_STOP)
        out->finish = CHAT_FINISH_TOOL_CALLS;
}
