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
