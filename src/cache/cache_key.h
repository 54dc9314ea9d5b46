/* cache/cache_key.h
 * Which calls are the same: SHA-256 over everything that a provider is told, by whom it may be
 * heard, and how the answer is judged. Two calls with one key may have one answer; whatever is not
 * certain to make no difference makes two keys. */
#pragma once
#include "chat/chat.h"

enum { CACHE_KEY_BYTES = 32 };

struct cache_key {
    unsigned char bytes[CACHE_KEY_BYTES];
};
static inline bool cache_key_equal(const struct cache_key *a, const struct cache_key *b)
{
    return memcmp(a->bytes, b->bytes, CACHE_KEY_BYTES) == 0;
}

/* What there is to a call besides the conversation. */
struct cache_question {
    struct text tenant;               /* whose answer it may be: a project's name */
    struct text token_id;             /* where one token's answers are its own; else empty */
    struct text version;              /* of the endpoint, and of what answers in its place */
    struct text provider, model;      /* that the call was routed to */
    const struct chat_params *params; /* in force */
    bool streamed; /* an answer in pieces is judged by other rules than a whole one */
    /* Where the caller's input is a document and the text of a message is that document and nothing
     * else, the document counts and not how it was written. */
    struct text written; /* the message's text itself: known by where it is; empty: none */
    const struct document *document;
    uint32_t document_at;
};

/* Memory that is needed meanwhile comes from the arena. */
void cache_key_make(const struct cache_question *question, const struct chat *chat,
                    struct arena *arena, struct cache_key *out);
