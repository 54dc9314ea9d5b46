/* transport/exchange.h
 * What the two ways of answering an exchange have in common: its life, its deadlines, what it
 * tells. transport.c owns it; http_exchange.c, demo_exchange.c and tape_exchange.c are the ways. */
#pragma once
#include "transport/http_pool.h"
#include "transport/http_reply.h"
#include "transport/transport.h"

struct exchange_way {
    /* The first thing to do, in the turn of the start or the next. */
    void (*begin)(struct exchange *exchange);
    /* Go on after a pause, or after having let others have their turn. */
    void (*resume)(struct exchange *exchange);
    /* Let go of what the way has open; `complete` when the reply came to its good end. Memory that
     * was told from stays: whoever was told may be the one who ends it. */
    void (*release)(struct exchange *exchange, bool complete);
};
extern const struct exchange_way http_way;
extern const struct exchange_way demo_way;

struct http_call {
    struct connection *connection; /* dialling or in use; NULL: neither yet */
    bool open;
    bool deaf;          /* writing has failed: only what was said before may still be read */
    struct buffer head; /* of the request; with TLS the body too, unless it is large */
    struct text body;   /* what is not in head */
    size_t sent;
    uint64_t dial_ms; /* when dialling began */
    struct http_reply reply;
    struct buffer held; /* read when a pause began */
    size_t held_told;   /* of it, since */
};

struct demo_call {
    struct arena arena;
    const struct text *pieces;
    size_t count, told;
    bool head_told;
};

struct tape_call {
    const struct taped_reply *reply;
    size_t told; /* of its pieces */
    bool head_told;
};

struct exchange_ear;
enum exchange_state { EXCHANGE_NEW, EXCHANGE_RUNNING, EXCHANGE_ENDED };

struct exchange {
    struct loop_task turn; /* begins or resumes */
    struct loop_timer deadline;
    struct transport *transport;
    const struct exchange_way *way;
    struct exchange_options options;
    enum exchange_state state;
    bool paused;
    bool heard; /* a body byte came */
    struct exchange_facts facts;
    uint64_t start_ms;
    uint64_t heard_ms;     /* the last one, or the end of the last pause */
    struct exchange *next; /* among those that have ended */
    struct http_call http;
    struct demo_call demo;
    struct tape_call tape;
    struct exchange_ear *ear; /* of a tape that listens; NULL: none does */
};

enum { READ_BYTES = 64 * 1024 };

struct transport {
    struct loop *loop;
    struct transport_options options;
    struct pools *pools;
    struct transport_counts counts;
    uint32_t running;
    struct exchange *ended; /* in this turn: somebody up the stack may still look at them */
    struct exchange *spare;
    uint32_t spare_count;
    struct loop_task reclaim;
    char buffer[READ_BYTES]; /* what was read last, for all exchanges */
};

/* Whether the exchange goes on after a call-back, and is not paused. */
static inline bool exchange_reads(const struct exchange *exchange)
{
    return exchange->state == EXCHANGE_RUNNING && !exchange->paused;
}
/* Calls the events. The exchange may have ended or been paused when they return. */
void exchange_tell_head(struct exchange *exchange, const struct http_head *head);
void exchange_tell_body(struct exchange *exchange, struct text piece);
/* Ends it: complete, or with a cause whose message is put behind "provider 'name'". */
void exchange_complete(struct exchange *exchange);
void exchange_fail(struct exchange *exchange, const struct error *cause);
/* Has the way's resume called at the end of this turn. */
void exchange_yield(struct exchange *exchange);
