/* provider/cohere.h
 * Private to the Cohere dialect: what its files share. */
#pragma once
#include "base/buffer.h"
#include "document/document.h"
#include "provider/dialect.h"

/* How the model is to be held to the output schema. */
enum cohere_output {
    COHERE_FREE,
    COHERE_SCHEMA, /* it is given the schema */
    COHERE_JSON,   /* it is held to a JSON object, and told the schema */
    COHERE_TOLD    /* by words alone */
};
/* What is settled before anything is written, since it depends on one another. */
struct cohere_plan {
    bool tools; /* are sent */
    enum cohere_output output;
};

/* Adds the member `messages`. */
void cohere_put_messages(struct buffer *body, const struct chat *chat,
                         const struct cohere_plan *plan, struct arena *arena);
/* The provider's path, "/v2" when it has none, and `path` behind it; and its query. */
struct text cohere_path(const struct provider *provider, const char *path, struct arena *arena);

/* Members of struct dialect. */
bool cohere_answer(struct text body, struct arena *arena, struct chat_answer *out,
                   struct failure *failure);
bool cohere_event(void *stream, const struct wire_event *event, struct arena *kept,
                  struct arena *arena, struct chat_events *out, struct failure *failure);
void cohere_refusal(const struct wire_refusal *refusal, struct arena *arena,
                    struct failure *failure);
void cohere_embed_request(const struct embed *embed, const struct provider *provider,
                          struct text key, struct arena *arena, struct wire_request *out);
bool cohere_embed_answer(struct text body, size_t inputs, struct arena *arena,
                         struct embed_answer *out, struct failure *failure);

/* What marks a thought as this provider's. It has no signature: it goes back as it came. */
#define COHERE_THOUGHT "{\"type\":\"thinking\"}"

struct cohere_stream {
    bool thinking;  /* a part of thoughts is under way */
    bool calling;   /* a call is under way... */
    bool argued;    /* ... and had arguments */
    int64_t index;  /* of that call; negative: not said */
    uint32_t calls; /* so far */
};

/* Why the model stopped, having `called` tools or not; false when it failed. `error`: what is said
 * of that, only ever searched. */
bool cohere_finish(struct text reason, struct text error, bool called, enum chat_finish *out,
                   struct failure *failure);
/* False, and nothing, when the provider did not report it. */
bool cohere_usage(const struct document *document, uint32_t usage, struct chat_usage *out);
/* Fills *failure with what an error's message inside a 200 means and returns false. */
bool cohere_error_inside(struct text message, struct failure *failure);
