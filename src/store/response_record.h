/* store/response_record.h
 * An answer that a client may refer to later by its id, with what it was an answer to: enough to go
 * on from it. Of one token; another one's is not there. The JSON texts are their maker's business.
 */
#pragma once
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    RESPONSE_DIGEST_BYTES = 32,
    RESPONSE_BYTES_MAX = 16 << 20, /* of one; a larger one is not kept */
    RESPONSE_CHAIN_MAX = 500       /* so many may go on from one another */
};

struct response_record {
    unsigned char key[RESPONSE_DIGEST_BYTES];      /* response_key() */
    unsigned char previous[RESPONSE_DIGEST_BYTES]; /* of the one it goes on from; zeros: of none */
    int64_t created_ms, expires_ms;                /* wall */
    struct text id, token_id, endpoint;
    struct text input;  /* JSON: a list of the items that were new in it */
    struct text asked;  /* what the model was given in place of the text of its last user message;
                           empty: just that. Nobody is shown it */
    struct text body;   /* JSON: the answer as it was given */
    size_t output_at;   /* where in it the list of its items stands ... */
    struct text output; /* ... which are these: of one that is read */
};
static inline struct text response_record_key(const struct response_record *record)
{
    return (struct text){(const char *)record->key, sizeof record->key};
}
bool response_has_previous(const struct response_record *record);

/* Whose it is, and its id, as one SHA-256. */
void response_key(struct text token_id, struct text id, unsigned char out[RESPONSE_DIGEST_BYTES]);

/* One that is wanted, and what there is of it. */
struct response_want {
    unsigned char key[RESPONSE_DIGEST_BYTES];
    bool chain;       /* with all that it goes on from */
    bool whole;       /* with its body, of which else only the output is wanted */
    int64_t until_ms; /* of one that is to live longer */
    /* Out: what there is, in the order in which it was said, the wanted one last; none where it, or
     * one that it goes on from, is not kept, or not any more. */
    const struct response_record *found;
    size_t found_count;
    bool too_long; /* there is more than may be had; then nothing is found */
};
