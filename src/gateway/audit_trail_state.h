/* gateway/audit_trail_state.h
 * Private to audit_trail*.c. */
#pragma once
#include "audit/failures.h"
#include "audit/uses.h"
#include "gateway/audit_trail.h"

struct audit_trail {
    pthread_mutex_t lock; /* of failures and uses; never held while waiting */
    struct audit_failures failures;
    struct audit_uses uses;
    _Atomic uint64_t lost;  /* records that could not be written, and are not recorded as such */
    struct audit_link told; /* main thread: the end of the log as it was last told ... */
    uint64_t next_tell_ms;  /* ... and when it may be told next */
};

/* Records what was counted so far; waits. */
void audit_trail_flush(struct gateway *gateway);
/* Tells where the log ends, if that has moved; waits. */
void audit_trail_tell_head(struct gateway *gateway);
