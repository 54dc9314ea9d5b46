/* surface/chat.h
 * Private to chat*.c: OpenAI's Chat Completions, as its clients speak them (API reference, "Create
 * chat completion", and what the SDKs send and expect). */
#pragma once
#include "surface/surface.h"

/* What a call asks of the form of its answer. */
struct chat_wishes {
    bool usage; /* stream_options.include_usage */
};

/* chat_read.c */
bool chat_read(struct body_reader *reader);
