/* gateway/log_tail.h
 * Following the request log: streams of server-sent events (WHATWG HTML section 9.2) on which rows
 * come as soon as they are stored. A worker that has handed over a page of its ledger tells the
 * workers that have such streams, and each of them reads on in the log from the place where its
 * client is, with the filters of any other look into it. Nothing is queued per client: who is slow
 * is read for no further until he has taken what he got, and goes on from there; who comes back
 * does so from the place that he names. What the log itself has lost meanwhile he is told.
 *
 *   event: open   data: {"after":"log_..."}   from where on
 *   event: row    data: the row               as a list has it
 *   event: lost   data: {"rows":N}            that were never stored; null: how many is not known
 *   event: ping   data: {"after":"log_..."}   every 15 s: all before it has been looked at
 *
 * `id:` of each is a place, for Last-Event-ID. */
#pragma once
#include "base/loop.h"
#include "store/log_record.h"

#include <stdatomic.h>

struct gateway;
struct request;
struct worker;

enum {
    LOG_TAILS_MAX = 32
}; /* of all workers: each is read for on its own, and half of the
     connections to the admin listener are left to others */

/* A worker's. */
struct log_tail;
struct log_tails {
    struct loop_task task; /* rows were stored */
    _Atomic bool told;     /* the task is under way */
    _Atomic size_t count;  /* others read it */
    struct log_tail *first;
};

/* Serves a stream of the rows that `query` (its texts are the request's) is about: behind its
 * `after`, or since its `from_ms`, else those of requests that end from now on. `may` says, again
 * and again, whether the asker still may have them; else with request->error. */
void log_tail(struct request *request, const struct log_query *query,
              bool (*may)(struct request *request));

void log_tails_open(struct worker *worker);
/* Rows were stored, or could not be: those who follow look. Any worker's thread; costs one load
 * where nobody does. */
void log_tails_tell(struct gateway *gateway);
/* The worker has taken up another configuration. */
void log_tails_adopt(struct worker *worker);
/* The worker is to end: so do its streams, for their clients to come back to the next one. */
void log_tails_end(struct worker *worker);
