/* gateway/vectors.h
 * What an attempt asks a target for, and gets, where its chat embeds: a vector of each text. Some
 * providers take few texts at a time, so it may be asked for in parts, one after the other; all of
 * them are one attempt, which has failed when one of them has, and is then charged for those before
 * it. A long reply is read, and written as the caller wants it, aside of the loop. */
#pragma once
#include "provider/dialect.h"

struct attempt;
struct vectors_part;

struct vectors {
    const float **items; /* as many as there are texts */
    size_t count;        /* that have come */
    size_t dimensions;
    struct text model;
    struct chat_usage usage;   /* of the parts that were answered */
    struct text *written;      /* each part as the surface has put it down */
    size_t written_count;      /* parts that have come */
    struct vectors_part *part; /* under way; NULL: none is */
    bool aside;                /* ... its reply is being read */
};

/* Fills attempt->wire for the texts that come next, with `key` as its credential, and prepares
 * attempt->body for the reply. */
void vectors_ask(struct attempt *attempt, struct text key);
/* The longest reply there may be to that. */
size_t vectors_reply_bytes(const struct attempt *attempt);
/* The reply is complete, with a status of 200. True when the attempt is over, answered or with
 * *failure; else it goes on: its next part was sent, or attempt_end follows. */
bool vectors_end(struct attempt *attempt, struct failure *failure);
/* Nobody waits for what is being read any more. */
void vectors_drop(struct attempt *attempt);
