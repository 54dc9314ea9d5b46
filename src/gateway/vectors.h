/* gateway/vectors.h
 * What an attempt asks a target for, and gets, where its chat embeds: a vector of each text. Some
 * providers take few texts at a time, so it may be asked for in parts, one after the other; all of
 * them are one attempt, which has failed when one of them has, and is then charged for those before
 * it. */
#pragma once
#include "provider/dialect.h"

struct attempt;

struct vectors {
    const float **items; /* in the arena of the request, as many as there are texts */
    size_t count;        /* that have come */
    size_t asked;        /* texts of the part under way */
    size_t dimensions;
    struct text model;
    struct chat_usage usage; /* of the parts that were answered */
};

/* Fills attempt->wire for the texts that come next, with `key` as its credential. */
void vectors_ask(struct attempt *attempt, struct text key);
/* The longest reply there may be to that. */
size_t vectors_reply_bytes(const struct attempt *attempt);
/* The reply is complete, with a status of 200. True when the attempt is over, answered or with
 * *failure; else its next part was sent. */
bool vectors_end(struct attempt *attempt, struct failure *failure);
