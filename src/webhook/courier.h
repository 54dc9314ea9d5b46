/* webhook/courier.h
 * Private to the room: the thread of one receiver, and the receivers that are in force. */
#pragma once
#include "store/store.h"
#include "webhook/webhooks.h"

#include <pthread.h>
#include <stdatomic.h>

/* The receivers of one configuration, in memory of their own, for as long as anybody holds them. */
struct webhook_set {
    _Atomic size_t holders;
    struct arena arena;
    struct webhook *items;
    size_t count;
};

struct courier {
    struct courier *next;
    struct webhooks *all;
    struct text name; /* the courier's own */
    pthread_t thread;
    _Atomic bool ending;
    pthread_mutex_t lock; /* of what is below */
    pthread_cond_t changed;
    bool woken;
    uint64_t delivered, failed;
    int64_t last_ms;
    int last_status;
    char last_reason[WEBHOOK_REASON_BYTES_MAX];
};

struct webhooks {
    struct store *store;
    struct log *log;
    struct log_observer observer;
    _Atomic uint64_t dropped, told; /* told: of those, as the log has it */
    _Atomic size_t writing;         /* commands that the store has */
    _Atomic uint64_t said_ms;       /* monotonic: when it was last told that some were dropped */
    pthread_mutex_t lock;           /* of what is below */
    struct webhook_set *set;        /* NULL: nobody is told */
    struct courier *first;
};

/* webhooks.c: one more holder of those in force, or NULL. */
struct webhook_set *webhook_set_hold(struct webhooks *webhooks);
void webhook_set_release(struct webhook_set *set);
const struct webhook *webhook_set_find(const struct webhook_set *set, struct text name);

/* courier.c: starts the thread of a receiver; NULL when there is none to be had. */
struct courier *courier_start(struct webhooks *all, struct text name);
void courier_wake(struct courier *courier);
/* Says that it is to end, and does not wait for it. */
void courier_end(struct courier *courier);
/* Waits for one that is ending. */
void courier_free(struct courier *courier);

/* delivery.c: one attempt. `stop` as struct fetch has it. */
struct delivery {
    const struct webhook *webhook;
    struct text id, type, body;
    uint32_t attempt; /* from 1 */
    bool (*stop)(void *context);
    void *context;
};
void delivery_send(const struct delivery *delivery, struct arena *arena,
                   struct webhook_answer *out);
/* The body of an event: `data` is a JSON value. */
struct text delivery_body(struct arena *arena, struct text id, const char *type, int64_t wall_ms,
                          struct text data);
