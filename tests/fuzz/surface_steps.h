/* tests/fuzz/surface_steps.h
 * What a model answers, out of a fuzzer's bytes. */
#pragma once
#include "base/arena.h"
#include "chat/chat.h"

/* So many of the bytes, as text. */
static inline struct text steps_words(struct arena *arena, const struct text *bytes, size_t count)
{
    struct text taken = text_first(*bytes, count);
    char *copy = arena_bytes(arena, taken.len);

    for (size_t i = 0; i < taken.len; i++)
        copy[i] = taken.at[i] >= ' ' && taken.at[i] <= '~' ? taken.at[i] : '"';
    return (struct text){copy, taken.len};
}

/* The steps that the bytes mean: a kind and a length, and so many bytes. */
static inline struct chat_event steps_next(struct arena *arena, struct text *bytes, uint32_t *calls)
{
    unsigned char kind = (unsigned char)bytes->at[0];
    struct chat_event event = {.type = CHAT_EVENT_TEXT};

    *bytes = text_after(*bytes, 1);
    event.text = steps_words(arena, bytes, kind / 8);
    *bytes = text_after(*bytes, kind / 8);
    if (kind % 8 == 1)
        event.type = CHAT_EVENT_REFUSAL;
    if (kind % 8 == 2) {
        event.type = CHAT_EVENT_CALL;
        event.id = arena_printf(arena, "call_%u", *calls);
        event.name = TEXT("f");
        event.call = (*calls)++;
    } else if (kind % 8 == 3 && *calls > 0) {
        event.type = CHAT_EVENT_ARGUMENTS;
        event.call = kind / 8 % *calls;
    } else if (kind % 8 == 4) {
        event = (struct chat_event){.type = CHAT_EVENT_FINISH, .finish = CHAT_FINISH_LENGTH};
    }
    return event;
}
