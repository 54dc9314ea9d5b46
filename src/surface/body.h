/* surface/body.h
 * What a call says, in neutral form, whatever surface it came through.
 *
 * In a conversation the input is the last user message. Behind it may stand a turn of tools: the
 * model's calls, then what came of each; the conversation is then rendered as it was before the
 * model called, the template around the same input, so that the model finds what it knows. */
#pragma once
#include "config/config.h"
#include "schema/cache.h"
#include "store/response_record.h"

struct surface;

enum { BODY_DEPTH_MAX = 32 };

/* A kept answer that a body refers to, or to items of. */
struct surface_reference {
    struct text id;
    bool chain;                       /* with all that it goes on from */
    const struct response_want *want; /* what there is of it; NULL: nothing was looked for */
};

struct call_body {
    struct document document;     /* as received */
    const struct document *input; /* what the schema checks and the template reads */
    uint32_t input_at;
    const struct document *sent; /* the same as the caller wrote it, where places are told from */
    uint32_t sent_at;
    const struct document *input_as_text; /* a message that happens to be JSON, taken as a string;
                                             NULL when there is no other reading */
    const struct chat_part *parts;        /* TEXT and IMAGE: the message that is the input, as it
                                             was written; NULL: it is one text */
    size_t part_count;
    const struct chat_message *earlier; /* of `messages`: what stands before the input ... */
    size_t earlier_count;
    const struct chat_message *later; /* ... and behind it: calls of tools and their results */
    size_t later_count;
    const struct chat_tool *tools; /* where the endpoint allows them, with `choice` likewise */
    size_t tool_count;
    enum chat_choice choice;
    struct text choice_name;
    bool one_call;           /* "parallel_tool_calls": false */
    struct text caller_text; /* the caller's own words */
    struct text session_id;
    bool session_off; /* "session": false */
    bool stream;
    struct chat_params params;        /* those the endpoint allows */
    const struct chat_message *texts; /* of a call that embeds: of each a vector is wanted, and all
                                         that is about a conversation is empty; NULL: it is none */
    size_t text_count;
    bool token_texts;   /* each is a JSON list of the numbers of its tokens */
    int64_t dimensions; /* of the vectors; 0: nothing was said */
    bool base64;        /* each is wanted as the bytes of its numbers, in base64 */
    /* The caller's own schema of the answer, where the endpoint has none and allows one: compiled,
     * to be given back to the cache; and where it stands. NULL: there is none. */
    const struct schema_held *output_held;
    const struct document *output_document;
    uint32_t output_at;
    bool output_loose; /* any JSON object: no provider is held to its schema */
    bool notes; /* its caller hears how the call is getting on, until the answer comes whole */
    const char *told_at; /* the conversation, in an error about it; NULL: "/messages" and a place */
    void *own;           /* what its surface noted while reading, for writing */
    /* Of surfaces whose answers are kept (surface_keeping). */
    bool keeps;                           /* they are, as far as the call does not say otherwise */
    struct text reply_id;                 /* of its answer */
    struct surface_reference *references; /* what it refers to */
    size_t reference_count;
};

/* Begins: parses the bytes, which must outlive *out, into its document. Errors: ERROR_INVALID_JSON
 * with the byte, ERROR_INVALID_REQUEST. */
bool body_open(struct text bytes, struct arena *arena, struct call_body *out, struct error *err);
/* Likewise for a call through that surface: texts to embed may be long lists of numbers. */
bool body_open_for(const struct surface *surface, struct text bytes, struct arena *arena,
                   struct call_body *out, struct error *err);
/* Reads and sorts out an opened body as a call of the endpoint on that surface; schemas that
 * callers bring along are compiled in `schemas`, within the limits for callers. Errors:
 * ERROR_INVALID_REQUEST, ERROR_UNKNOWN_FIELD, ERROR_ROLE_NOT_ALLOWED, ERROR_PARAMETER_NOT_ALLOWED
 * with `at` = the field's JSON Pointer; whatever came of it, output_held is to be given back. */
bool body_read(struct call_body *body, const struct surface *surface,
               const struct endpoint *endpoint, struct schema_cache *schemas, struct arena *arena,
               struct error *err);
/* Every string of a subtree, the longest first: one text with the caller's own words. */
struct text body_words(const struct document *document, uint32_t at, struct arena *arena);
