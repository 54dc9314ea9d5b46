/* provider/gemini.h
 * Private to the Gemini dialect: what its files share. */
#pragma once
#include "base/buffer.h"
#include "document/document.h"
#include "provider/dialect.h"
#include "provider/gemini_model.h"
#include "provider/turn.h"

/* How the model is to be held to the output schema. */
enum gemini_output {
    GEMINI_FREE,
    GEMINI_SCHEMA, /* it is given the schema */
    GEMINI_JSON,   /* it is held to JSON, and told the schema */
    GEMINI_TOLD    /* by words alone */
};
/* What is settled before anything is written, since it depends on one another. */
struct gemini_plan {
    const struct gemini_model *model;
    bool openapi; /* schemas are written in the subset of OpenAPI */
    bool tools;   /* are sent */
    enum gemini_output output;
};

/* The contents as far as they are written. */
struct gemini_writing {
    struct buffer *body;
    const struct gemini_plan *plan;
    struct arena *arena;
    struct text system; /* still to be said by the user; empty: nothing */
    struct turn before; /* the last one */
    bool any, model;    /* something was written, last of this side */
};
/* One part each; an empty text is none, and so is what the API does not want of this role. */
void gemini_put_text(const struct gemini_writing *it, struct text text);
void gemini_put_part(const struct gemini_writing *it, enum chat_role role,
                     const struct chat_part *part, bool first_call);
void gemini_put_result(const struct gemini_writing *it, const struct chat_part *part);

/* Parts of the request's body: each adds its members. The system's words go with the messages. */
void gemini_put_contents(struct buffer *body, const struct chat *chat,
                         const struct gemini_plan *plan, struct arena *arena);
void gemini_put_tools(struct buffer *body, const struct chat *chat, const struct gemini_plan *plan);
void gemini_put_config(struct buffer *body, const struct chat *chat, const struct gemini_plan *plan,
                       struct arena *arena);
/* Names of tools may begin with a digit or a dash here, and not there. */
void gemini_put_tool_name(struct buffer *body, struct text name);
/* The name it has here. */
struct text gemini_tool_name(struct text name);
/* "/v1beta/models/gemini-2.5-flash:generateContent", and its query, `query` first. */
struct text gemini_path(const struct provider *provider, struct text model, const char *method,
                        const char *query, struct arena *arena);
struct text gemini_headers(const struct provider *provider, struct text key, struct arena *arena);
/* As the API calls it. */
struct text gemini_model_on_the_wire(struct text model);

/* Members of struct dialect. */
bool gemini_answer(struct text body, struct arena *arena, struct chat_answer *out,
                   struct failure *failure);
bool gemini_event(void *stream, const struct wire_event *event, struct arena *kept,
                  struct arena *arena, struct chat_events *out, struct failure *failure);
void gemini_refusal(const struct wire_refusal *refusal, struct arena *arena,
                    struct failure *failure);
void gemini_embed_request(const struct embed *embed, const struct provider *provider,
                          struct text key, struct arena *arena, struct wire_request *out);
bool gemini_embed_answer(struct text body, size_t inputs, struct arena *arena,
                         struct embed_answer *out, struct failure *failure);

/* What of a stream is remembered. */
struct gemini_stream {
    bool id_told, model_told, finished;
    uint32_t calls;
};

/* Fills *failure with what an error inside a 200 means and returns false. */
bool gemini_error_inside(const struct document *document, uint32_t error, struct failure *failure);
