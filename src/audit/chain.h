/* audit/chain.h
 * What makes the audit log tamper-evident. Its records are numbered from 1 without gaps, and each
 * has
 *
 *   hash = SHA-256(hash of the record before it, 32 zeros for the first, and its own bytes)
 *   seal = HMAC-SHA-256(key, "record", hash)
 *
 * The hashes can be checked by anybody; the seals show that whoever wrote a record had the key,
 * which is kept beside the store, not in it. So who can write into the store but has not the key
 * can neither change a record nor compute the chain anew behind it. The head says where the log
 * begins and ends, and has a seal over both, so that nobody without the key can cut either end.
 * Whoever has the key can do all of that: then only heads that were kept elsewhere tell. */
#pragma once
#include "base/random_key.h"
#include "base/text.h"

#include <stdint.h>

enum { AUDIT_HASH_BYTES = 32 };

struct audit_key {
    unsigned char bytes[RANDOM_KEY_BYTES];
};

/* A place in the chain: a record's number and hash; all zero: before the first one. */
struct audit_link {
    uint64_t sequence;
    unsigned char hash[AUDIT_HASH_BYTES];
};

struct audit_head {
    struct audit_link before; /* the record before the first that is kept */
    struct audit_link last;
};

/* Computes hashes and seals; for one thread at a time. Without a key (NULL) there are no seals. */
struct audit_chain;
struct audit_chain *audit_chain_open(const struct audit_key *key);
/* NULL does nothing. */
void audit_chain_close(struct audit_chain *chain);

void audit_chain_hash(struct audit_chain *chain, const unsigned char before[AUDIT_HASH_BYTES],
                      struct text record, unsigned char out[AUDIT_HASH_BYTES]);
void audit_chain_seal_record(struct audit_chain *chain, const unsigned char hash[AUDIT_HASH_BYTES],
                             unsigned char out[AUDIT_HASH_BYTES]);
void audit_chain_seal_head(struct audit_chain *chain, const struct audit_head *head,
                           unsigned char out[AUDIT_HASH_BYTES]);
/* In constant time. */
bool audit_hash_equal(const unsigned char a[AUDIT_HASH_BYTES],
                      const unsigned char b[AUDIT_HASH_BYTES]);
