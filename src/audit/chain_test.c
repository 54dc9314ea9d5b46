#include "audit/chain.h"

#include "unit.h"

#include <stdio.h>

static const char *hex(const unsigned char hash[AUDIT_HASH_BYTES])
{
    static char out[2 * AUDIT_HASH_BYTES + 1];

    for (size_t i = 0; i < AUDIT_HASH_BYTES; i++)
        snprintf(out + 2 * i, 3, "%02x", hash[i]);
    return out;
}

static const struct audit_key key = {.bytes = {1, 2, 3}};
static const unsigned char zeros[AUDIT_HASH_BYTES];

/* $ (head -c 32 /dev/zero; printf first) | sha256sum */
TEST(a_record_is_hashed_behind_the_one_before_it)
{
    struct audit_chain *chain = audit_chain_open(NULL);
    unsigned char first[AUDIT_HASH_BYTES], again[AUDIT_HASH_BYTES];

    audit_chain_hash(chain, zeros, TEXT("first"), first);
    EXPECT_STR(hex(first), "3db4b4eb1df29e1585bc017b9194e30e583d7dbe9e2a7513a58442c6d4ac96bc");
    audit_chain_hash(chain, first, TEXT("first"), again);
    EXPECT(!audit_hash_equal(first, again));
    audit_chain_close(chain);
}

TEST(a_seal_needs_the_key_and_is_of_one_thing_only)
{
    struct audit_chain *chain = audit_chain_open(&key);
    struct audit_chain *other = audit_chain_open(&(struct audit_key){.bytes = {1, 2, 4}});
    struct audit_head head = {.last = {.sequence = 1}};
    unsigned char mine[AUDIT_HASH_BYTES], theirs[AUDIT_HASH_BYTES], again[AUDIT_HASH_BYTES];

    audit_chain_seal_record(chain, zeros, mine);
    audit_chain_seal_record(other, zeros, theirs);
    EXPECT(!audit_hash_equal(mine, theirs));
    audit_chain_seal_head(chain, &head, theirs);
    EXPECT(!audit_hash_equal(mine, theirs));
    head.before.sequence = 1;
    audit_chain_seal_head(chain, &head, again);
    EXPECT(!audit_hash_equal(theirs, again));
    audit_chain_seal_record(chain, zeros, again);
    EXPECT(audit_hash_equal(mine, again));
    audit_chain_close(chain);
    audit_chain_close(other);
}
