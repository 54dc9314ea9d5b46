/* Tokens are only ever added, so readers need no lock: two indices, by digest and by id, each a
 * fixed number of chains that grow at the head. Nothing is ever moved, so no insertion takes long,
 * and a million tokens still make chains of one. What is known of a token is one pointer to a
 * record that nobody writes. Writers hold a lock.
 *
 * After a rotation two digests lead to a token, and its record says which of them is good; digests
 * of older secrets stay, and lead to a refusal.
 *
 * A digest is keyed, so nobody outside can choose where it falls. */
#include "auth/token_table.h"

#include "base/arena.h"
#include "base/check.h"
#include "document/json_read.h"
#include "guard/policy.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { CHAINS = 1 << 20, POLICY_CHAINS = 1 << 10, USE_NOTED_MS = 1000 };

/* Many tokens have the same guardrails, which are read once. */
struct known_policy {
    struct text source;
    struct guard_policy policy;
    const struct known_policy *next;
};
struct slot;
struct digest_node { /* const once it can be found */
    unsigned char digest[STORE_DIGEST_BYTES];
    struct slot *slot;
    struct digest_node *after;
};
struct slot {
    struct digest_node first; /* of the secret it began with */
    _Atomic(const struct token_record *) current;
    _Atomic int64_t used_ms;
    _Atomic bool used;       /* in the list of those ... */
    struct slot *after_used; /* ... behind which it is */
    struct slot *after_in_ids;
    _Atomic(struct slot *) next;
};

struct token_table {
    struct token_key key;
    _Atomic(struct digest_node *) *by_digest; /* CHAINS; pages never touched cost nothing */
    _Atomic(struct slot *) *by_id;            /* likewise */
    _Atomic(struct slot *) first;
    _Atomic(struct slot *) used; /* since they were last taken */
    pthread_mutex_t lock;        /* of what follows */
    struct slot *last;
    const struct known_policy *policies[POLICY_CHAINS];
    struct arena arena; /* slots, records and their texts */
};

static _Atomic(struct digest_node *) *digest_chain(struct token_table *table,
                                                   const unsigned char digest[STORE_DIGEST_BYTES])
{
    uint64_t hash;

    memcpy(&hash, digest, sizeof hash);
    return &table->by_digest[hash % CHAINS];
}

static _Atomic(struct slot *) *id_chain(struct token_table *table, struct text id)
{
    return &table->by_id[text_hash(id) % CHAINS];
}

struct token_table *token_table_new(const struct token_key *key)
{
    struct token_table *table = calloc(1, sizeof *table);

    CHECK(table != NULL);
    table->key = *key;
    CHECK(pthread_mutex_init(&table->lock, NULL) == 0);
    table->by_digest = calloc(CHAINS, sizeof *table->by_digest);
    table->by_id = calloc(CHAINS, sizeof *table->by_id);
    CHECK(table->by_digest != NULL && table->by_id != NULL);
    return table;
}

void token_table_free(struct token_table *table)
{
    if (table == NULL)
        return;
    free(table->by_digest);
    free(table->by_id);
    pthread_mutex_destroy(&table->lock);
    arena_release(&table->arena);
    OPENSSL_cleanse(&table->key, sizeof table->key);
    free(table);
}

static const struct token_record *record_of(const struct slot *slot)
{
    return atomic_load_explicit(&slot->current, memory_order_acquire);
}

static struct slot *find_id(struct token_table *table, struct text id)
{
    struct slot *slot = atomic_load_explicit(id_chain(table, id), memory_order_acquire);

    while (slot != NULL && !text_equal(record_of(slot)->id, id))
        slot = slot->after_in_ids;
    return slot;
}

static struct slot *find_digest(struct token_table *table,
                                const unsigned char digest[STORE_DIGEST_BYTES])
{
    struct digest_node *node =
        atomic_load_explicit(digest_chain(table, digest), memory_order_acquire);

    while (node != NULL && CRYPTO_memcmp(node->digest, digest, STORE_DIGEST_BYTES) != 0)
        node = node->after;
    return node != NULL ? node->slot : NULL;
}

/* --- putting ------------------------------------------------------------------------------------
 */

/* The node is complete before the store that lets a reader find it. */
static void add_digest(struct token_table *table, struct digest_node *node,
                       const unsigned char digest[STORE_DIGEST_BYTES], struct slot *slot)
{
    _Atomic(struct digest_node *) *chain = digest_chain(table, digest);

    memcpy(node->digest, digest, STORE_DIGEST_BYTES);
    node->slot = slot;
    node->after = atomic_load_explicit(chain, memory_order_relaxed);
    atomic_store_explicit(chain, node, memory_order_release);
}

static void say_nothing(void *context, uint32_t cell, enum diagnostic_code code,
                        const char *message, const char *hint)
{
    (void)context, (void)cell, (void)code, (void)message, (void)hint;
}

/* Guardrails that this version cannot read let nothing through that it can find. */
static const struct guard_policy *policy_of(struct token_table *table, struct text source)
{
    const struct known_policy **chain = &table->policies[text_hash(source) % POLICY_CHAINS];
    const struct known_policy *known = *chain;
    struct known_policy *fresh;
    struct document *document;

    if (source.len == 0)
        return NULL;
    while (known != NULL && !text_equal(known->source, source))
        known = known->next;
    if (known != NULL)
        return &known->policy;
    fresh = ARENA_NEW(&table->arena, struct known_policy);
    document = ARENA_NEW(&table->arena, struct document);
    fresh->source = arena_copy(&table->arena, source);
    fresh->next = *chain;
    if (!json_read(fresh->source, NULL, &table->arena, document, NULL, NULL) ||
        !guard_policy_read(document, 0, &table->arena, say_nothing, NULL, &fresh->policy))
        fresh->policy = guard_policy_strict;
    *chain = fresh;
    return &fresh->policy;
}

static const struct token_record *keep(struct token_table *table, const struct token_record *record)
{
    struct token_record own = *record;

    own.policy = policy_of(table, record->guardrails);
    return token_record_copy(&table->arena, &own);
}

static void add(struct token_table *table, const struct token_record *record)
{
    struct slot *slot = ARENA_NEW(&table->arena, struct slot);
    _Atomic(struct slot *) *ids = id_chain(table, record->id);

    atomic_init(&slot->current, keep(table, record));
    atomic_init(&slot->used_ms, record->last_used_ms);
    if (record->previous_until_ms != 0)
        add_digest(table, ARENA_NEW(&table->arena, struct digest_node), record->previous_digest,
                   slot);
    add_digest(table, &slot->first, record->digest, slot);
    slot->after_in_ids = atomic_load_explicit(ids, memory_order_relaxed);
    atomic_store_explicit(ids, slot, memory_order_release);
    if (table->last == NULL)
        atomic_store_explicit(&table->first, slot, memory_order_release);
    else
        atomic_store_explicit(&table->last->next, slot, memory_order_release);
    table->last = slot;
}

/* Commits are answered in different threads, so a change may come here before the one it follows.
 */
static void replace(struct token_table *table, struct slot *slot, const struct token_record *record)
{
    const struct token_record *old = record_of(slot);

    if (record->revision <= old->revision)
        return;
    if (memcmp(record->digest, old->digest, sizeof old->digest) != 0)
        add_digest(table, ARENA_NEW(&table->arena, struct digest_node), record->digest, slot);
    atomic_store_explicit(&slot->current, keep(table, record), memory_order_release);
}

void token_table_put(struct token_table *table, const struct token_record *record)
{
    struct slot *known;

    pthread_mutex_lock(&table->lock);
    known = find_id(table, record->id);
    if (known == NULL)
        add(table, record);
    else
        replace(table, known, record);
    pthread_mutex_unlock(&table->lock);
}

/* --- authenticating -----------------------------------------------------------------------------
 */

static bool refuse(struct error *err, enum error_code code, const char *message, const char *hint)
{
    error_set(err, code, NULL, "%s", message);
    if (err != NULL)
        error_hint(err, "%s", hint);
    return false;
}

static void note_use(struct token_table *table, struct slot *slot, int64_t wall_ms)
{
    struct slot *head;

    if (wall_ms - atomic_load_explicit(&slot->used_ms, memory_order_relaxed) < USE_NOTED_MS)
        return;
    atomic_store_explicit(&slot->used_ms, wall_ms, memory_order_relaxed);
    if (atomic_exchange_explicit(&slot->used, true, memory_order_acq_rel))
        return;
    head = atomic_load_explicit(&table->used, memory_order_relaxed);
    do
        slot->after_used = head;
    while (!atomic_compare_exchange_weak_explicit(&table->used, &head, slot, memory_order_release,
                                                  memory_order_relaxed));
}

/* Which of the token's secrets it is, and whether that is still good. */
static bool is_good(const struct token_record *record,
                    const unsigned char digest[STORE_DIGEST_BYTES], int64_t wall_ms)
{
    if (CRYPTO_memcmp(record->digest, digest, STORE_DIGEST_BYTES) == 0)
        return true;
    return CRYPTO_memcmp(record->previous_digest, digest, STORE_DIGEST_BYTES) == 0 &&
           wall_ms < record->previous_until_ms;
}

static bool admit(struct token_table *table, enum token_kind kind, struct slot *slot,
                  const unsigned char digest[STORE_DIGEST_BYTES], int64_t wall_ms,
                  const struct token_record **out, struct error *err)
{
    const struct token_record *record = slot != NULL ? record_of(slot) : NULL;

    if (record == NULL || record->kind != kind)
        return refuse(err, ERROR_INVALID_TOKEN, "the token is not known",
                      "check that the whole token was copied, or ask for a new one");
    if (record->revoked_ms != 0 || !is_good(record, digest, wall_ms))
        return refuse(err, ERROR_REVOKED_TOKEN, "the token was revoked", "ask for a new token");
    if (record->expires_ms != 0 && wall_ms >= record->expires_ms)
        return refuse(err, ERROR_EXPIRED_TOKEN, "the token has expired", "ask for a new token");
    note_use(table, slot, wall_ms);
    *out = record;
    return true;
}

/* A malformed secret goes the same way as an unknown one, at the same cost: at most TOKEN_CHARS of
 * it are digested, which is one block however short it is. */
bool token_table_authenticate(struct token_table *table, enum token_kind kind, struct text secret,
                              int64_t wall_ms, const struct token_record **out, struct error *err)
{
    unsigned char digest[STORE_DIGEST_BYTES];
    struct slot *slot;
    bool valid;

    *out = NULL;
    if (secret.len == 0)
        return refuse(err, ERROR_MISSING_TOKEN, "no token was sent",
                      kind == TOKEN_ADMIN ? "send the header 'Authorization: Bearer pin_admin_...'"
                                          : "send the header 'Authorization: Bearer pin_live_...'");
    valid = token_secret_valid(secret);
    token_digest(&table->key, text_first(secret, TOKEN_CHARS), digest);
    slot = find_digest(table, digest);
    return admit(table, kind, valid ? slot : NULL, digest, wall_ms, out, err);
}

bool token_table_authenticate_digest(struct token_table *table, enum token_kind kind,
                                     const unsigned char digest[STORE_DIGEST_BYTES],
                                     int64_t wall_ms, const struct token_record **out,
                                     struct error *err)
{
    *out = NULL;
    return admit(table, kind, find_digest(table, digest), digest, wall_ms, out, err);
}

/* --- looking around -----------------------------------------------------------------------------
 */

static bool view(struct slot *slot, struct token_view *out)
{
    if (slot == NULL)
        return false;
    *out = (struct token_view){record_of(slot),
                               atomic_load_explicit(&slot->used_ms, memory_order_relaxed)};
    return true;
}

bool token_table_find(struct token_table *table, struct text id, struct token_view *out)
{
    return view(find_id(table, id), out);
}

bool token_table_next(struct token_table *table, struct text after, struct token_view *out)
{
    struct slot *slot = find_id(table, after);

    if (after.len == 0)
        return view(atomic_load_explicit(&table->first, memory_order_acquire), out);
    return slot != NULL && view(atomic_load_explicit(&slot->next, memory_order_acquire), out);
}

/* One that is used again from here on is put into the list anew, and told the next time. */
void token_table_take_uses(struct token_table *table,
                           void (*take)(struct text id, int64_t used_ms, void *context),
                           void *context)
{
    struct slot *slot = atomic_exchange_explicit(&table->used, NULL, memory_order_acq_rel);

    while (slot != NULL) {
        struct slot *after = slot->after_used;

        atomic_store_explicit(&slot->used, false, memory_order_release);
        take(record_of(slot)->id, atomic_load_explicit(&slot->used_ms, memory_order_relaxed),
             context);
        slot = after;
    }
}
