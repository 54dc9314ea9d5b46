/* demo/demo_vectors.h
 * Embeddings of the provider inside the process. */
#pragma once
#include "base/buffer.h"
#include "chat/chat.h"

/* The whole reply to a chat that embeds, as an OpenAI-compatible server would send it: in the
 * arena. At most 4,096 numbers a text, whatever is asked for. */
struct text demo_vectors(const struct chat *chat, struct arena *arena);
