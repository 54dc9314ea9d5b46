/* surface/surface.h
 * How one kind of client speaks: a pure translation between its bytes and the neutral chat, as
 * provider/dialect.h is on the other side. A surface never sees a socket, reads no clock, and keeps
 * nothing between calls but what a stream's memory gives it. Everything it writes goes through what
 * it is told here, so that one pipeline serves all of them. */
#pragma once
#include "surface/body.h"
#include "surface/head.h"

struct body_reader;

/* What is said of an answer besides the answer. Borrowed; what is not known yet is empty. */
struct surface_said {
    struct text id;                  /* of the request: "req_..." */
    int64_t wall_ms;                 /* when it came */
    struct text model;               /* that answers, as its provider names it */
    const struct endpoint *endpoint; /* that was called */
    const struct call_body *body;
    struct text session_id;           /* of its session; empty: it has none */
    const struct chat_answer *answer; /* complete; NULL: its stream is under way */
    const struct chat_usage *usage;
    const struct document *output; /* the validated value; NULL: there is none */
    bool bare;                     /* only that is wanted */
    struct text meta;              /* what the gateway did, a JSON object */
    /* The answer's vectors, in pieces, as `put_vectors` has written them; NULL: it has not. */
    const struct text *written;
    size_t written_count;
    struct text asked;       /* what the model got as the input's text */
    bool late;               /* of a stream: a piece of a text may come when a call has begun */
    struct arena *arena;     /* the request's */
    const struct chat *chat; /* what was asked, as it was rendered */
};

/* What is said when there is no answer. */
struct surface_fault {
    const struct error_row *row;
    struct text id;      /* of the request */
    struct text message; /* the error's, by itself */
    struct text object;  /* the error as a JSON object: {"message", "type", "code", ...} */
    struct text members; /* those behind its type but for the details, each behind a comma */
    struct text details; /* a JSON object */
    struct text beside;  /* further members of what holds it, each behind a comma; may be empty */
    const struct call_body *body;
};

/* The name of what is called, as the body has it: "summarize", "summarize@7". */
struct surface_name {
    struct text name;
    struct text version; /* where it is named beside it; empty: it is not */
    const char *param;   /* the member that the name stands in, as a JSON Pointer */
    bool model;          /* aliases and models are called by it too: config/callable.h */
};

/* An answer to keep, so that it can be referred to later; texts in the request's arena. */
struct surface_kept {
    struct text previous; /* the id of the one it goes on from; empty: of none */
    struct text input;    /* JSON: a list of the items that were new in its call */
    struct text asked;    /* said->asked where the text of the last of them that a user said is
                             another; else empty */
    struct text body;     /* JSON: the answer ... */
    size_t output_at, output_bytes; /* ... and the list of its items in it */
};
/* Of a surface whose answers are kept. */
struct surface_keeping {
    const char *prefix; /* of their ids */
    /* Lists in body->references what an opened body refers to. False with *err. */
    bool (*refer)(struct call_body *body, struct arena *arena, struct error *err);
    /* What is to be kept of an answer; false: nothing is. */
    bool (*keep)(const struct surface_said *said, struct surface_kept *out);
};

struct surface {
    const char *name;                      /* as it is logged */
    const struct surface_keeping *keeping; /* NULL: nothing is kept */
    bool embeds; /* its calls want vectors of texts; else answers to a conversation */
    /* Whoever asks for a stream reads nothing else: where the endpoint is not to stream, the answer
     * comes as one when it is whole and checked. */
    bool streams_only;
    struct text ping; /* what tells that a silent stream lives; empty: a comment */
    /* Which endpoint or model is called, out of an opened body; NULL: the path says it. False with
     * *err. What it gives borrows from the document. */
    bool (*name_call)(const struct call_body *body, struct surface_name *out, struct error *err);
    /* Reads an opened body into the neutral form: body.h says what can be wrong. */
    bool (*read)(struct body_reader *reader);
    /* A whole answer: the body of a 200. */
    void (*answer)(const struct surface_said *said, struct buffer *out);
    /* Headers that its clients look for at answers, errors and streams; NULL: none of their own. */
    const struct surface_head *head;
    /* Where it embeds: vectors as they stand in the answer, the first being that of text `first`;
     * in any thread. */
    void (*put_vectors)(const struct embed_answer *answer, size_t first, bool base64,
                        struct buffer *out);
    /* The body of an error. */
    void (*fault)(const struct surface_fault *fault, struct buffer *out);
    /* The status of the response with it; NULL: that of the row. */
    int (*status)(const struct error_row *row, const struct call_body *body);
    /* Where the body wants notes: one, after so many steps, in a sentence; and the end of them, the
     * body of the answer or of the error, as events of a stream. NULL: its bodies never do. */
    void (*note)(const struct call_body *body, uint64_t step, struct text sentence,
                 struct buffer *out);
    void (*last)(struct text whole, struct buffer *out);
    /* A streamed one: what is remembered from one event to the next, so many bytes, zeroed when it
     * begins, in the request's arena; the events that begin it, that one step means, and that end
     * it, or cut it short with an error. Each is called in this order, `event` once per step. */
    size_t stream_bytes;
    void (*begin)(void *stream, const struct surface_said *said, struct buffer *out);
    void (*event)(void *stream, const struct surface_said *said, const struct chat_event *event,
                  struct buffer *out);
    void (*end)(void *stream, const struct surface_said *said, struct buffer *out);
    void (*cut)(void *stream, const struct surface_fault *fault, struct buffer *out);
};

extern const struct surface surface_slug;       /* POST /{slug} */
extern const struct surface surface_named;      /* the same, where the body names the endpoint */
extern const struct surface surface_chat;       /* OpenAI's Chat Completions */
extern const struct surface surface_responses;  /* OpenAI's Responses */
extern const struct surface surface_embeddings; /* and its embeddings */
extern const struct surface surface_mcp;      /* tools/call of the Model Context Protocol: mcp.h */
extern const struct surface surface_messages; /* Anthropic's Messages */
/* Their count_tokens: `answer` says of what is asked how much it is. */
extern const struct surface surface_count;

/* Parts that several surfaces read or write alike. */

/* {"model": "summarize", ...} */
bool surface_name_model(const struct call_body *body, struct surface_name *out, struct error *err);

/* {"prompt_tokens": ..., ...}: OpenAI's names, as of Chat Completions. */
void surface_put_usage(const struct chat_usage *usage, struct buffer *out);
/* The arguments as the object that they should be; else what the model wrote, in a string. */
void surface_put_arguments(struct text text, struct buffer *out);
/* {"ok":false,"error":{...}} */
void surface_put_fault(const struct surface_fault *fault, struct buffer *out);
