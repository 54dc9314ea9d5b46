/* provider/openai.h
 * Private to the provider room: the parts of the Chat Completions dialect, which the demo provider
 * speaks too. */
#pragma once
#include "document/document.h"
#include "provider/dialect.h"

struct openai_stream {
    bool started; /* id and model were told */
};

/* The members of struct dialect. */
void openai_request(const struct chat *chat, const struct provider *provider, struct text key,
                    struct arena *arena, struct wire_request *out);
bool openai_answer(struct text body, struct arena *arena, struct chat_answer *out,
                   struct failure *failure);
bool openai_event(void *stream, const struct wire_event *event, struct arena *kept,
                  struct arena *arena, struct chat_events *out, struct failure *failure);
void openai_refusal(const struct wire_refusal *refusal, struct arena *arena,
                    struct failure *failure);

/* Fills *failure with what an error inside a 200 means and returns false; `error` is the cell of
 * the error: an object, or a string at some hosts. Never fills in the provider's own words. */
bool openai_error_inside(const struct document *document, uint32_t error, struct failure *failure);
