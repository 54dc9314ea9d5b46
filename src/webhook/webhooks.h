/* webhook/webhooks.h
 * Events on their way to those who are to be told of them. Each is written into the store, once for
 * each receiver, and then sent by a thread that the receiver has for itself, until it is taken or
 * given up: so a receiver that is slow or away holds up neither requests nor other receivers, and
 * an event that was written is sent at least once, whatever happens to the process. What is written
 * is bounded (store/webhook_record.h); what there is no place for is counted and told in the log.
 *
 * Any thread, unless it says otherwise. */
#pragma once
#include "base/arena.h"
#include "webhook/webhook.h"

#include <stdint.h>

struct store;
struct webhooks;

/* Keeps both; the log may be NULL. Nobody is told of anything yet. */
struct webhooks *webhooks_new(struct store *store, struct log *log);
/* From now on these are told (copied), and others not any more: what still waits for those stays.
 * In no worker's thread: it waits for those that go, a second at most. One caller at a time. */
void webhooks_adopt(struct webhooks *webhooks, const struct webhook *items, size_t count);
/* Ends the threads; what is under way is sent again another time. Before the store is closed. NULL
 * does nothing. */
void webhooks_stop(struct webhooks *webhooks);
/* After the store is closed. NULL does nothing. */
void webhooks_free(struct webhooks *webhooks);

/* What of the log is to be told: for log_observe, which keeps it. */
const struct log_observer *webhooks_observer(const struct webhooks *webhooks);
/* Something of the store's has changed: looks what is to be sent now. */
void webhooks_wake(struct webhooks *webhooks);

/* A receiver as it is now; texts in the arena. */
struct webhook_look {
    struct text name, shown, last_reason;
    unsigned events;
    bool missing;
    uint64_t delivered, failed; /* attempts since the process began */
    int64_t last_ms;            /* wall time of the last attempt; 0: there was none */
    int last_status;            /* 0: no answer came */
};
/* The i-th; false behind the last. */
bool webhooks_look(struct webhooks *webhooks, size_t i, struct arena *arena,
                   struct webhook_look *out);
/* Events that nobody got because there was no place for them. */
uint64_t webhooks_dropped(const struct webhooks *webhooks);

/* What an attempt came to. */
struct webhook_answer {
    bool taken;
    int status;         /* 0: no answer came */
    struct text reason; /* why it was not taken; in the arena, as is */
    struct text id;     /* of the event */
    uint64_t took_ms;
    uint64_t asked_ms; /* for how long the receiver wants to be left alone; 0: it did not say */
};
/* Sends an event of type "test" to the receiver of that name, once and now. False when there is
 * none. Blocks for ten seconds at most: in no worker's thread. */
bool webhooks_test(struct webhooks *webhooks, struct text name, struct arena *arena,
                   struct webhook_answer *out);
