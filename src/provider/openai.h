/* provider/openai.h
 * Private to the provider room: the parts of the Chat Completions dialect, which the demo provider
 * speaks too. */
#pragma once
#include "provider/dialect.h"

/* The members of struct dialect. */
void openai_request(const struct chat *chat, const struct provider *provider, struct arena *arena,
                    struct wire_request *out);
bool openai_answer(struct text body, struct arena *arena, struct chat_answer *out,
                   struct error *err);
bool openai_event(struct text data, struct arena *arena, struct chat_event *out, struct error *err);
void openai_refusal(int status, struct text body, uint32_t retry_after_s, struct arena *arena,
                    struct error *err);

/* Fills *err with what an error inside a 200 means and returns false; `error` is the cell of the
 * error: an object, or a string at some hosts. Never fills in the provider's own words. */
bool openai_error_inside(const struct document *document, uint32_t error, struct error *err);
