/* store/webhook_record.h
 * One event on its way to one receiver: waiting to be sent, or given up. */
#pragma once
#include "base/text.h"

#include <stdint.h>

enum {
    WEBHOOK_NAME_BYTES_MAX = 63,
    WEBHOOK_ID_BYTES = 4 + 26, /* "evt_" and base/id.h */
    WEBHOOK_BODY_BYTES_MAX = 64 * 1024,
    WEBHOOK_TYPE_BYTES_MAX = 32,
    WEBHOOK_REASON_BYTES_MAX = 256,
    WEBHOOK_WAITING_MAX = 1000, /* for one receiver: one more is not taken */
    WEBHOOK_DEAD_MAX = 1000,    /* likewise; one more, and the oldest goes */
};

#define WEBHOOK_KEPT_MS (INT64_C(30) * 86400000) /* one given up, or of a receiver that is gone */

/* What keeps its letter, as it is stored. */
enum webhook_state { WEBHOOK_WAITING = 'w', WEBHOOK_DEAD = 'd' };

struct webhook_record {
    enum webhook_state state;
    struct text webhook; /* the receiver's name */
    int64_t at_ms;       /* wall time: when it is to be sent next, or was given up */
    struct text id;      /* the event's: the same for every receiver and every attempt */
    struct text type;    /* of event */
    int64_t created_ms;
    int64_t since_ms; /* from when on it has been tried: when it was made, or asked for again */
    uint32_t tries;
    uint32_t status;    /* of the last answer; 0: there was none */
    struct text reason; /* why it was not taken; empty: it has not been tried */
    struct text body;   /* JSON */
};

/* What became of an attempt, or of the wish to do something about those that were given up. */
enum webhook_act {
    WEBHOOK_DELIVERED, /* it goes */
    WEBHOOK_AGAIN,     /* it waits */
    WEBHOOK_GIVEN_UP,
};
