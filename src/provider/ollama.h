/* provider/ollama.h
 * Private to the Ollama dialect: what its files share. */
#pragma once
#include "document/document.h"
#include "provider/dialect.h"

struct ollama_stream {
    bool started;
    bool thinking; /* a reasoning is under way */
    uint32_t calls;
};

/* Members of struct dialect. */
bool ollama_answer(struct text body, struct arena *arena, struct chat_answer *out,
                   struct failure *failure);
bool ollama_event(void *stream, const struct wire_event *event, struct arena *kept,
                  struct arena *arena, struct chat_events *out, struct failure *failure);
void ollama_refusal(const struct wire_refusal *refusal, struct arena *arena,
                    struct failure *failure);
void ollama_embed_request(const struct embed *embed, const struct provider *provider,
                          struct text key, struct arena *arena, struct wire_request *out);
bool ollama_embed_answer(struct text body, size_t inputs, struct arena *arena,
                         struct embed_answer *out, struct failure *failure);

/* Adds the member `messages`; `told`: the output schema is said in words, there. */
void ollama_put_messages(struct buffer *body, const struct chat *chat, bool told,
                         struct arena *arena);
/* Fills *failure with what an error inside a 200 means and returns false; `error` is its cell. */
bool ollama_error_inside(const struct document *document, uint32_t error, struct failure *failure);
