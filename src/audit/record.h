/* audit/record.h
 * A record of the audit log as stored: an event with its place in the chain (audit/chain.h). Actor
 * and action are words, so that one which a later version wrote can still be read. */
#pragma once
#include "audit/chain.h"
#include "audit/event.h"

struct audit_record {
    uint64_t sequence;
    int64_t wall_ms;
    struct text actor, actor_id, peer, action, object, outcome, details, request_id;
    unsigned char hash[AUDIT_HASH_BYTES], seal[AUDIT_HASH_BYTES];
    struct text said; /* the bytes of everything above the hash, which the hash is over */
};

/* Some of the log: what is wanted, and what was found. */
struct audit_page {
    uint64_t after; /* records behind this one; 0: from the first, or the last */
    bool newest_first;
    int64_t from_ms, to_ms; /* of this time and later; before that time, 0: no end */
    struct text kind;       /* actions of this kind (audit_action_is); empty: all */
    size_t most;            /* at most 1000; 0: only where the log begins and ends */

    const struct audit_record *records;
    size_t count;
    uint64_t reached; /* the last record that was looked at */
    bool more;
    struct audit_head ends;
};
