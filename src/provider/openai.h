/* provider/openai.h
 * Private to the provider room: the parts of the Chat Completions dialect, which the Mistral
 * dialect and the demo provider speak too. */
#pragma once
#include "document/document.h"
#include "provider/dialect.h"

/* A tool call that a stream has begun; its number is its place. */
struct openai_call {
    int64_t index;  /* as the host counts them; -1: it does not */
    struct text id; /* as the host says it; may be empty */
};
/* Calls beyond it are passed over. */
enum { OPENAI_CALLS_MAX = 128 };

/* What was said of the reasoning under way that is to go back unchanged. */
struct openai_thoughts {
    struct buffer items; /* of the list reasoning_details, as JSON, but for the last: */
    struct text type;    /* of an item whose text still grows; empty: there is none */
    struct text raw;     /* the item as it came, while it came in one piece */
    struct text signature, id, format, index;
    struct buffer text;
    bool thinking; /* a part "thinking" of Mistral is under way; `signature` is its own */
};

/* Reasoning between <think> and </think> in front of a text. */
struct openai_tag {
    enum { TAG_MAY_COME, TAG_OPEN, TAG_CLOSED, TAG_PASSED } at;
    size_t matched; /* bytes of the tag looked for, held back */
};

struct openai_stream {
    bool started; /* id and model were told */
    struct openai_thoughts thoughts;
    struct openai_tag tag;
    struct openai_call *calls;
    uint32_t call_count, call_room;
};

/* One piece of an answer as it is read: a whole message, or a delta. */
struct openai_piece {
    struct openai_stream *stream;
    const char *dialect; /* whose states it has */
    const struct document *document;
    bool whole;
    struct arena *kept;  /* for what the stream remembers */
    struct arena *arena; /* for the steps */
    struct chat_events *out;
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
void openai_embed_request(const struct embed *embed, const struct provider *provider,
                          struct text key, struct arena *arena, struct wire_request *out);
bool openai_embed_answer(struct text body, size_t inputs, struct arena *arena,
                         struct embed_answer *out, struct failure *failure);

/* Fills *failure with what an error inside a 200 means and returns false; `error` is the cell of
 * the error: an object, or a string at some hosts. Never fills in the provider's own words. */
bool openai_error_inside(const struct document *document, uint32_t error, struct failure *failure);

/* --- what answers are made of (openai_read.c, openai_delta.c, openai_thoughts.c)
 * -------------------------- */

/* As the members of struct dialect, with the states of the dialect of that name. */
bool openai_read_answer(const char *dialect, struct text body, struct arena *arena,
                        struct chat_answer *out, struct failure *failure);
bool openai_read_event(const char *dialect, struct openai_stream *stream,
                       const struct wire_event *event, struct arena *kept, struct arena *arena,
                       struct chat_events *out, struct failure *failure);
/* Adds what a message or delta (a cell of the document, or CELL_NONE) says. False when its content
 * is neither a text nor a list of parts. */
bool openai_take(struct openai_piece *piece, uint32_t message);
/* Adds a text, unless it is empty; what was held back in front of it first. */
void openai_tell(struct openai_piece *piece, enum chat_event_type type, struct text text);
/* Tells what was held back: the answer ends. */
void openai_end(struct openai_piece *piece);
/* The content of a message, in which there may be thoughts between tags. */
void openai_tell_content(struct openai_piece *piece, struct text content);
/* Takes an item of reasoning_details. */
void openai_take_detail(struct openai_piece *piece, uint32_t item);
/* Takes the signature of a part "thinking". */
void openai_take_thinking(struct openai_piece *piece, uint32_t part);
/* Tells the state of the reasoning under way, if there is any. */
void openai_tell_state(struct openai_piece *piece);

/* --- what requests are made of (openai_message.c, openai_path.c)
 * ---------------- */

/* The schema of the output in words, for hosts that cannot be given it apart. */
struct text openai_instruction(const struct chat *chat, struct arena *arena);
/* The text of a message as a JSON string, or as a list of parts when it has images. */
void openai_put_content(struct buffer *body, const struct chat_message *message);
/* The member tool_calls of a message that has calls. */
void openai_put_calls(struct buffer *body, const struct chat_message *message);
/* The calls among the parts of a message. */
size_t openai_call_count(const struct chat_message *message);
/* The member messages, with the text of `instruction` (may be empty) at the end of the first system
 * message; `thoughts` as in struct host_habits. */
void openai_put_messages(struct buffer *body, const struct chat *chat, const char *thoughts,
                         struct text instruction);
/* The members tools and tool_choice. Tools may be strict whose parameters the dialect of
 * schema/lower.h named `strict` takes, none for NULL; `required` is the word for "call one". */
void openai_put_tools(struct buffer *body, const struct chat *chat, const char *strict,
                      const char *required);
/* response_format with the schema: strict where it could be lowered, else as a hint. */
void openai_put_schema(struct buffer *body, const struct chat *chat);
/* Where `what` ("/chat/completions") of a model is, the query included; an empty model is one that
 * the path never names. */
struct text openai_path(const struct provider *provider, struct text model, const char *what,
                        struct arena *arena);
/* The body of a request for embeddings, its object still open; `dimensions` is the name of that. */
void openai_put_embed(struct buffer *body, const struct embed *embed, const char *dimensions);
