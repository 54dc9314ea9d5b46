/* gateway/worker.h
 * What one thread owns: its loop, its connections to providers, its counters, and the configuration
 * it gives to new requests. */
#pragma once
#include "base/loop.h"
#include "config/config.h"
#include "gateway/gateway.h"
#include "gateway/ledger.h"
#include "gateway/log_purge.h"
#include "gateway/log_tail.h"
#include "gateway/mcp_listen.h"
#include "gateway/pipeline.h"
#include "transport/transport.h"

struct lease;
struct series_shard;
struct request;
struct shadow;

struct worker {
    struct gateway *gateway; /* kept */
    unsigned index;
    struct loop *loop;
    struct transport *transport;
    struct series_shard *metrics;
    struct series_shard *measures; /* of the gateway's meter; NULL: it has none */
    struct lease *lease;           /* the configuration of new requests */
    struct request *requests;      /* running ones, linked */
    struct shadow *shadows;        /* copies of calls, likewise */
    _Atomic size_t request_count;  /* others read it */
    struct loop_timer token_uses;  /* of one worker: token_uses.h */
    size_t commands;               /* asked of the store and not answered yet */
    size_t cache_puts;             /* answers that the store is to keep, not written yet */
    uint64_t cache_told_ms;        /* that it could not */
    struct ledger ledger;          /* of its requests */
    struct log_purge log_purge;
    struct mcp_listeners listeners;
    struct log_tails tails;
    enum stage_id rest_after; /* the last stage that is run, where it does not fail; STAGE_COUNT:
                                 all are */
    bool explains;            /* every request explains its route */
};

/* Opens loop and transport and joins the gateway; to be called in the worker's own thread. False
 * with *err when descriptors run out. */
bool worker_open(struct worker *worker, struct gateway *gateway, unsigned index, struct error *err);
/* What would go on without end is ended: nothing new comes. */
void worker_drain(struct worker *worker);
/* Every request must be free. Leaves the gateway. */
void worker_close(struct worker *worker);

/* A configuration as one worker holds it: counted without atomics in its thread; the configuration
 * itself is let go when the worker's last request on it has ended. */
struct lease {
    const struct config *config;
    struct shared_config *shared;
    size_t holders;
};
struct lease *worker_lease(struct worker *worker); /* one more holder */
/* A lease of another configuration (a holder of which is taken), for one request. */
struct lease *lease_of(struct shared_config *shared);
void lease_release(struct lease *lease);
