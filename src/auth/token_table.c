/* Tokens are only ever added, so readers need no lock: two indices, by digest and by id, each a
 * fixed number of chains that grow at the head. Nothing is ever moved, so no insertion takes long,
 * and a million tokens still make chains of four. Writers hold a lock.
 *
 * A digest is keyed, so nobody outside can choose where it falls. */
#include "auth/token_table.h"

#include "base/arena.h"
#include "base/check.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { CHAINS = 1 << 18 };

struct node {
    struct token_entry entry;                     /* first */
    struct node *after_in_digests, *after_in_ids; /* const once the node can be found */
    _Atomic(struct node *) next;
};

struct token_table {
    struct token_key key;
    _Atomic(struct node *) *by_digest; /* CHAINS of them; pages never touched cost nothing */
    _Atomic(struct node *) *by_id;     /* likewise */
    _Atomic(struct node *) first;
    pthread_mutex_t lock; /* of what follows */
    struct node *last;
    struct arena arena; /* nodes and their texts */
};

static _Atomic(struct node *) *digest_chain(struct token_table *table,
                                            const unsigned char digest[STORE_DIGEST_BYTES])
{
    uint64_t hash;

    memcpy(&hash, digest, sizeof hash);
    return &table->by_digest[hash % CHAINS];
}

static _Atomic(struct node *) *id_chain(struct token_table *table, struct text id)
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

static struct node *find_id(struct token_table *table, struct text id)
{
    struct node *node = atomic_load_explicit(id_chain(table, id), memory_order_acquire);

    while (node != NULL && !text_equal(node->entry.record.id, id))
        node = node->after_in_ids;
    return node;
}

static struct node *find_digest(struct token_table *table,
                                const unsigned char digest[STORE_DIGEST_BYTES])
{
    struct node *node = atomic_load_explicit(digest_chain(table, digest), memory_order_acquire);

    while (node != NULL &&
           CRYPTO_memcmp(node->entry.record.digest, digest, STORE_DIGEST_BYTES) != 0)
        node = node->after_in_digests;
    return node;
}

static struct node *copy_node(struct arena *arena, const struct token_record *record)
{
    struct node *node = ARENA_NEW(arena, struct node);
    struct text *scopes = ARENA_ARRAY(arena, struct text, record->scope_count);

    node->entry.record = *record;
    node->entry.record.id = arena_copy(arena, record->id);
    node->entry.record.name = arena_copy(arena, record->name);
    node->entry.record.hint = arena_copy(arena, record->hint);
    for (size_t i = 0; i < record->scope_count; i++)
        scopes[i] = arena_copy(arena, record->scopes[i]);
    node->entry.record.scopes = scopes;
    atomic_init(&node->entry.revoked_ms, record->revoked_ms);
    return node;
}

/* The node is complete before the first store that lets a reader find it. */
static void add(struct token_table *table, const struct token_record *record)
{
    struct node *node = copy_node(&table->arena, record);
    _Atomic(struct node *) *digests = digest_chain(table, record->digest);
    _Atomic(struct node *) *ids = id_chain(table, record->id);

    node->after_in_digests = atomic_load_explicit(digests, memory_order_relaxed);
    node->after_in_ids = atomic_load_explicit(ids, memory_order_relaxed);
    atomic_store_explicit(digests, node, memory_order_release);
    atomic_store_explicit(ids, node, memory_order_release);
    if (table->last == NULL)
        atomic_store_explicit(&table->first, node, memory_order_release);
    else
        atomic_store_explicit(&table->last->next, node, memory_order_release);
    table->last = node;
}

void token_table_put(struct token_table *table, const struct token_record *record)
{
    struct node *known;

    pthread_mutex_lock(&table->lock);
    known = find_id(table, record->id);
    if (known == NULL)
        add(table, record);
    else if (record->revoked_ms != 0) /* nothing makes a revoked token live again */
        atomic_store(&known->entry.revoked_ms, record->revoked_ms);
    pthread_mutex_unlock(&table->lock);
}

static bool refuse(struct error *err, enum error_code code, const char *message, const char *hint)
{
    error_set(err, code, NULL, "%s", message);
    if (err != NULL)
        error_hint(err, "%s", hint);
    return false;
}

/* A malformed secret goes the same way as an unknown one, at the same cost: at most TOKEN_CHARS of
 * it are digested, which is one block however short it is. */
bool token_table_authenticate(struct token_table *table, struct text secret, int64_t wall_ms,
                              const struct token_record **out, struct error *err)
{
    unsigned char digest[STORE_DIGEST_BYTES];
    struct node *node;
    bool valid;

    *out = NULL;
    if (secret.len == 0)
        return refuse(err, ERROR_MISSING_TOKEN, "no token was sent",
                      "send the header 'Authorization: Bearer pin_live_...'");
    valid = token_secret_valid(secret);
    token_digest(&table->key, text_first(secret, TOKEN_CHARS), digest);
    node = find_digest(table, digest);
    if (!valid || node == NULL)
        return refuse(err, ERROR_INVALID_TOKEN, "the token is not known",
                      "check that the whole token was copied, or ask for a new one");
    if (atomic_load(&node->entry.revoked_ms) != 0)
        return refuse(err, ERROR_REVOKED_TOKEN, "the token was revoked", "ask for a new token");
    if (node->entry.record.expires_ms != 0 && wall_ms >= node->entry.record.expires_ms)
        return refuse(err, ERROR_EXPIRED_TOKEN, "the token has expired", "ask for a new token");
    *out = &node->entry.record;
    return true;
}

const struct token_entry *token_table_find(struct token_table *table, struct text id)
{
    struct node *node = find_id(table, id);

    return node != NULL ? &node->entry : NULL;
}

void token_table_each(struct token_table *table,
                      void (*each)(const struct token_entry *entry, void *context), void *context)
{
    struct node *node = atomic_load_explicit(&table->first, memory_order_acquire);

    for (; node != NULL; node = atomic_load_explicit(&node->next, memory_order_acquire))
        each(&node->entry, context);
}
