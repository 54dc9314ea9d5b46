/* gateway/notes.h
 * What a client that asks for it (call_body.notes) hears while its answer is made: a stream of
 * short notes, each of one step more, and the answer whole behind them. Nothing of the answer is
 * shown before all of it is checked, so all that may become of a call that is not streamed may
 * become of this one: it is repaired, asked for again, or somebody else is asked. */
#pragma once
#include "base/loop.h"

struct attempt;
struct request;

struct notes {
    bool begun;     /* the head of the stream is sent */
    bool backed_up; /* the client does not read: nothing more is told until it does */
    uint64_t steps;
    uint64_t told_ms; /* monotonic: when the last was */
    uint64_t bytes;   /* that models have written so far */
};

/* Each does nothing for a request that wants no notes. A provider is asked; it has written so many
 * bytes more. */
void notes_asked(struct request *request, const struct attempt *attempt);
void notes_written(struct request *request, size_t bytes);
/* The client has read what was sent. */
void notes_drained(struct request *request);
/* Sends request->reply behind the notes, and ends the stream. */
void notes_end(struct request *request);
