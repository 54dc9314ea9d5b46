/* A hash table of entries by digest, chained, and a list from the one used last to the one unused
 * longest. An entry is counted by its users and by the table; whoever lets go last frees it. */
#include "schema/cache.h"

#include "base/check.h"
#include "base/clock.h"
#include "document/json_read.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

enum {
    ENTRIES_DEFAULT = 1000,
    BYTES_DEFAULT = 64 * 1024 * 1024,
    DIGEST_BYTES = 32,
    ENTRY_OVERHEAD = 512, /* bytes, so that small ones are not free */
};

struct schema_held {
    unsigned char digest[DIGEST_BYTES];
    struct schema_held *next;          /* in its chain */
    struct schema_held *newer, *older; /* by last use */
    size_t users;                      /* the table is one of them */
    size_t bytes;
    const struct schema *schema; /* NULL: `error` says why */
    bool late; /* and that is the time it took, which may have been the machine's fault */
    struct error error;
    struct document document;
    struct arena arena;
};

struct schema_cache {
    pthread_mutex_t lock;
    struct schema_held **chains;
    size_t chain_mask;
    struct schema_held *newest, *oldest;
    struct schema_cache_limits limits;
    struct schema_cache_counts counts;
};

struct schema_cache *schema_cache_new(const struct schema_cache_limits *limits)
{
    struct schema_cache *cache = calloc(1, sizeof *cache);

    CHECK(cache != NULL);
    if (limits != NULL)
        cache->limits = *limits;
    if (cache->limits.entries == 0)
        cache->limits.entries = ENTRIES_DEFAULT;
    if (cache->limits.bytes == 0)
        cache->limits.bytes = BYTES_DEFAULT;
    cache->chain_mask = 15;
    while (cache->chain_mask < cache->limits.entries)
        cache->chain_mask = cache->chain_mask * 2 + 1;
    cache->chains = calloc(cache->chain_mask + 1, sizeof(struct schema_held *));
    CHECK(cache->chains != NULL && pthread_mutex_init(&cache->lock, NULL) == 0);
    return cache;
}

/* One user less. */
static void let_go(struct schema_held *entry)
{
    if (--entry->users > 0)
        return;
    arena_release(&entry->arena);
    free(entry);
}

static struct schema_held **chain_of(struct schema_cache *cache, const unsigned char *digest)
{
    size_t place;

    memcpy(&place, digest, sizeof place);
    return &cache->chains[place & cache->chain_mask];
}

static void unlist(struct schema_cache *cache, struct schema_held *entry)
{
    *(entry->newer ? &entry->newer->older : &cache->newest) = entry->older;
    *(entry->older ? &entry->older->newer : &cache->oldest) = entry->newer;
}

static void list_first(struct schema_cache *cache, struct schema_held *entry)
{
    entry->newer = NULL;
    entry->older = cache->newest;
    *(cache->newest ? &cache->newest->newer : &cache->oldest) = entry;
    cache->newest = entry;
}

static void remove_entry(struct schema_cache *cache, struct schema_held *entry)
{
    struct schema_held **at = chain_of(cache, entry->digest);

    while (*at != entry)
        at = &(*at)->next;
    *at = entry->next;
    unlist(cache, entry);
    cache->counts.entries--;
    cache->counts.bytes -= entry->bytes;
    let_go(entry);
}

void schema_cache_free(struct schema_cache *cache)
{
    if (cache == NULL)
        return;
    while (cache->newest != NULL) {
        CHECK(cache->newest->users == 1);
        remove_entry(cache, cache->newest);
    }
    pthread_mutex_destroy(&cache->lock);
    free(cache->chains);
    free(cache);
}

static struct schema_held *find(struct schema_cache *cache, const unsigned char *digest)
{
    struct schema_held *entry = *chain_of(cache, digest);

    while (entry != NULL && memcmp(entry->digest, digest, DIGEST_BYTES) != 0)
        entry = entry->next;
    return entry;
}

/* Takes over a new entry, unless another thread was faster: then that thread's is the one. */
static struct schema_held *insert(struct schema_cache *cache, struct schema_held *entry)
{
    struct schema_held *known = find(cache, entry->digest), **chain;

    if (known != NULL) {
        let_go(entry);
        return known;
    }
    chain = chain_of(cache, entry->digest);
    entry->next = *chain;
    *chain = entry;
    list_first(cache, entry);
    cache->counts.entries++;
    cache->counts.bytes += entry->bytes;
    while (cache->oldest != entry && (cache->counts.entries > cache->limits.entries ||
                                      cache->counts.bytes > cache->limits.bytes)) {
        remove_entry(cache, cache->oldest);
        cache->counts.evictions++;
    }
    return entry;
}

static void say(struct error *err, struct diagnostics *diagnostics)
{
    const struct diagnostic *it = &diagnostics->items[0];

    for (size_t i = 0; i < diagnostics->count; i++) {
        if (diagnostic_is_error(diagnostics->items[i].code)) {
            it = &diagnostics->items[i];
            break;
        }
    }
    error_set(err, ERROR_INVALID_REQUEST, arena_terminated(diagnostics->arena, it->pointer),
              "the schema cannot be used: %.*s", TEXT_ARG(it->message));
    error_hint(err, "%.*s", TEXT_ARG(it->hint));
}

static void compile(struct schema_held *entry, struct text source)
{
    struct arena scratch = {0};
    struct diagnostics *diagnostics = ARENA_NEW(&scratch, struct diagnostics);
    static const struct schema_options options = {.limits = &schema_limits_callers};
    /* A schema takes up to three levels of JSON to be in another: {"properties": {"a": {... */
    const struct json_limits limits = {.depth = 3 * schema_limits_callers.nesting,
                                       .nodes = JSON_UNLIMITED};

    diagnostics->arena = &scratch;
    source = arena_copy(&entry->arena, source);
    if (source.len > schema_limits_callers.bytes)
        error_set(&entry->error, ERROR_INVALID_REQUEST, NULL,
                  "the schema has %zu bytes; at most %zu are accepted", source.len,
                  schema_limits_callers.bytes);
    else if (json_read(source, &limits, &entry->arena, &entry->document, NULL, &entry->error)) {
        entry->schema =
            schema_compile_with(&entry->document, 0, &options, &entry->arena, diagnostics);
        if (entry->schema == NULL)
            say(&entry->error, diagnostics);
    }
    arena_release(&scratch);
}

static struct schema_held *make(const unsigned char *digest, struct text source)
{
    uint64_t late_us = clock_thread_us() + UINT64_C(1000) * schema_limits_callers.compile_ms;
    struct schema_held *entry = calloc(1, sizeof *entry);

    CHECK(entry != NULL);
    memcpy(entry->digest, digest, DIGEST_BYTES);
    entry->users = 1;
    compile(entry, source);
    entry->late = entry->schema == NULL && clock_thread_us() >= late_us;
    if (entry->schema == NULL)
        arena_release(&entry->arena);
    entry->bytes = entry->arena.total_bytes + ENTRY_OVERHEAD;
    return entry;
}

/* Out of the table, if it still is there. */
static void forget(struct schema_cache *cache, struct schema_held *entry)
{
    if (find(cache, entry->digest) == entry)
        remove_entry(cache, entry);
}

static void note_use(struct schema_cache *cache, struct schema_held *entry)
{
    unlist(cache, entry);
    list_first(cache, entry);
    entry->users++;
}

const struct schema_held *schema_cache_take(struct schema_cache *cache, struct text source,
                                            struct error *err)
{
    unsigned char digest[DIGEST_BYTES];
    struct schema_held *entry;

    CHECK(EVP_Digest(source.at, source.len, digest, NULL, EVP_sha256(), NULL) == 1);
    pthread_mutex_lock(&cache->lock);
    entry = find(cache, digest);
    if (entry != NULL) {
        cache->counts.hits++;
    } else {
        cache->counts.misses++;
        pthread_mutex_unlock(&cache->lock);
        entry = make(digest, source);
        pthread_mutex_lock(&cache->lock);
        entry = insert(cache, entry);
    }
    note_use(cache, entry);
    if (entry->schema == NULL) {
        if (err != NULL)
            *err = entry->error;
        if (entry->late)
            forget(cache, entry);
        let_go(entry);
        entry = NULL;
    }
    pthread_mutex_unlock(&cache->lock);
    return entry;
}

const struct schema *schema_of(const struct schema_held *held)
{
    return held->schema;
}

void schema_cache_return(struct schema_cache *cache, const struct schema_held *held)
{
    if (held == NULL)
        return;
    pthread_mutex_lock(&cache->lock);
    let_go((struct schema_held *)(uintptr_t)held);
    pthread_mutex_unlock(&cache->lock);
}

struct schema_cache_counts schema_cache_counts(struct schema_cache *cache)
{
    struct schema_cache_counts counts;

    pthread_mutex_lock(&cache->lock);
    counts = cache->counts;
    pthread_mutex_unlock(&cache->lock);
    return counts;
}
