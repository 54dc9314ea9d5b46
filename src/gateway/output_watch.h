/* gateway/output_watch.h
 * Follows an answer as it is streamed, and knows at which byte it can no longer become what the
 * output schema asks for (schema.h: schema_follow). */
#pragma once
#include "provider/failure.h"
#include "schema/schema.h"

struct attempt;
struct request;
struct target;

struct output_watch {
    struct schema_follower *follower; /* NULL: nothing is watched */
    bool begun;                       /* something else than white space has come */
    size_t taken;                     /* bytes of the content */
};

/* The output schema in the target's terms, or empty when it has none. */
struct text output_strict(const struct request *request, const struct target *target);
/* Whether answers to this request are watched. */
bool output_watched(const struct request *request);
/* Begins, if the attempt's answer is to be watched. */
void output_watch_open(struct attempt *attempt);
/* Takes the next text. False when the answer can no longer fit: *out_good is how much of the text
 * is in front of the byte that decided, and *failure says what was wrong. */
bool output_watch_take(struct attempt *attempt, struct text text, size_t *out_good,
                       struct failure *failure);
