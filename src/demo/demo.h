/* demo/demo.h
 * The provider inside the process, for trying things out: no host, no key, and an answer that
 * depends on nothing but the chat. */
#pragma once
#include "base/arena.h"
#include "chat/chat.h"

/* Builds the whole reply to a chat as the bytes an OpenAI-compatible server would send: a
 * chat.completion object, or with chat->stream the SSE text of all chunks up to [DONE], or the list
 * of vectors of a chat that embeds;
 * *out_pieces are its events, one text each, in order. All in the arena. Cannot fail. */
void demo_reply(const struct chat *chat, struct arena *arena, const struct text **out_pieces,
                size_t *out_count);
