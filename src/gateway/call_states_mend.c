/* An assistant message put together again: the client says what was said and called, what was kept
 * says where the thoughts stood, and what each part must go back with. */
#include "gateway/call_states_mend.h"

/* An assistant message put together from what the client sent and what was kept of it. */
struct mending {
    const struct chat_message *sent;
    struct chat_part *parts;
    size_t count;
    bool *used;    /* by place in sent->parts */
    bool verbatim; /* the text is what the model wrote, so its pieces may stand where they stood */
};

static bool same_text(const struct chat_message *sent, const struct chat_part *kept, size_t count)
{
    struct text rest = sent->text;

    for (size_t i = 0; i < count; i++) {
        if (kept[i].type != CHAT_TEXT)
            continue;
        if (!text_starts(rest, kept[i].text))
            return false;
        rest = text_after(rest, kept[i].text.len);
    }
    return rest.len == 0;
}

static void put_sent(struct mending *it, size_t place)
{
    it->used[place] = true;
    it->parts[it->count++] = it->sent->parts[place];
}

static void put_texts(struct mending *it)
{
    for (size_t i = 0; i < it->sent->part_count; i++)
        if (!it->used[i] && it->sent->parts[i].type == CHAT_TEXT)
            put_sent(it, i);
}

static void put_call(struct mending *it, const struct chat_part *kept)
{
    put_texts(it); /* those that stand nowhere yet */
    for (size_t i = 0; i < it->sent->part_count; i++) {
        const struct chat_part *part = &it->sent->parts[i];

        if (it->used[i] || part->type != CHAT_CALL || !text_equal(part->id, kept->id) ||
            !text_equal(part->name, kept->name))
            continue;
        put_sent(it, i);
        it->parts[it->count - 1].state = kept->state;
        it->parts[it->count - 1].state_of = kept->state_of;
        return;
    }
}

void call_states_mend(struct chat_message *message, const struct chat_part *kept, size_t kept_count,
                      struct arena *arena)
{
    struct mending it = {
        .sent = message,
        .parts = ARENA_ARRAY(arena, struct chat_part, message->part_count + kept_count),
        .used = ARENA_ARRAY(arena, bool, message->part_count),
        .verbatim = same_text(message, kept, kept_count),
    };

    for (size_t i = 0; i < message->part_count; i++)
        it.used[i] = it.verbatim && message->parts[i].type == CHAT_TEXT;
    for (size_t i = 0; i < kept_count; i++) {
        if (kept[i].type == CHAT_REASONING || (kept[i].type == CHAT_TEXT && it.verbatim))
            it.parts[it.count++] = kept[i];
        else if (kept[i].type == CHAT_TEXT)
            put_texts(&it);
        else if (kept[i].type == CHAT_CALL)
            put_call(&it, &kept[i]);
    }
    for (size_t i = 0; i < message->part_count; i++)
        if (!it.used[i])
            put_sent(&it, i);
    message->parts = it.parts;
    message->part_count = it.count;
}
