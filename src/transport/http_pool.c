/* Idle connections of a pool form a list, the last parked in front: it is taken first, so that
 * those that a peak needed grow old at the end and are swept from there. One timer sweeps all
 * pools. A pool that nobody has used for a while goes with its last connection. */
#include "transport/http_pool_impl.h"

#include "base/check.h"

#include <stdlib.h>

enum {
    POOL_KEPT_MS = 600000, /* TLS sessions are worth keeping a while */
    SWEEP_MS_MAX = 1000,
    /* Less than what the other side says it waits: it began to count before we did. */
    KEEP_ALIVE_MARGIN_MS = 500
};

/* -- pools ------------------------------------------------------------------------------------ */

static struct text copy(struct text text)
{
    char *at = malloc(text.len + 1);

    CHECK(at != NULL);
    if (text.len > 0)
        memcpy(at, text.at, text.len);
    at[text.len] = '\0';
    return (struct text){at, text.len};
}

static void free_copy(struct text text)
{
    free((void *)(uintptr_t)text.at);
}

static struct text host_head(const struct provider *provider)
{
    struct buffer head = {0};

    buffer_put(&head, TEXT("Host: "));
    buffer_put(&head, provider->host);
    if (provider->port != (provider->https ? 443 : 80)) {
        buffer_put_byte(&head, ':');
        buffer_put_u64(&head, provider->port);
    }
    buffer_put(&head, TEXT("\r\nAccept-Encoding: identity\r\n"));
    return buffer_text(&head);
}

static struct key_digest digest_of(const struct pools *pools, struct text key)
{
    struct key_digest digest;

    CHECK(EVP_DigestInit_ex2(pools->digest, pools->sha256, NULL) == 1 &&
          EVP_DigestUpdate(pools->digest, key.at, key.len) == 1 &&
          EVP_DigestFinal_ex(pools->digest, digest.at, NULL) == 1);
    return digest;
}

static uint64_t hash_of(const struct provider *provider, const struct key_digest *key)
{
    uint64_t of_key;

    memcpy(&of_key, key->at, sizeof of_key);
    return text_hash(provider->origin) * 31 + of_key;
}

static bool belongs(const struct pool *pool, const struct provider *provider,
                    const struct key_digest *key)
{
    return memcmp(pool->key.at, key->at, sizeof key->at) == 0 &&
           text_equal(pool->origin, provider->origin) &&
           text_equal(pool->ca_file, provider->ca_file) &&
           pool->allow_private == provider->allow_private;
}

static void plan_sweep(struct pools *pools)
{
    uint64_t period_ms = pools->rules.idle_ms / 4 + 1;

    if (pools->sweep.place == 0)
        loop_start_timer(pools->loop, &pools->sweep,
                         loop_now_ms(pools->loop) +
                             (period_ms < SWEEP_MS_MAX ? period_ms : SWEEP_MS_MAX));
}

static struct pool *add_pool(struct pools *pools, const struct provider *provider,
                             const struct key_digest *key, uint64_t hash)
{
    struct pool *pool = calloc(1, sizeof *pool);

    CHECK(pool != NULL);
    *pool = (struct pool){
        .pools = pools,
        .next = pools->buckets[hash % BUCKETS],
        .hash = hash,
        .origin = copy(provider->origin),
        .key = *key,
        .ca_file = copy(provider->ca_file),
        .allow_private = provider->allow_private,
        .head = host_head(provider),
        .share = curl_share_init(),
    };
    CHECK(pool->share != NULL);
    curl_share_setopt(pool->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    pools->buckets[hash % BUCKETS] = pool;
    pools->pool_count++;
    plan_sweep(pools);
    return pool;
}

struct pool *pool_find(struct pools *pools, const struct provider *provider, struct text key)
{
    struct key_digest digest = digest_of(pools, key);
    uint64_t hash = hash_of(provider, &digest);
    struct pool *pool = pools->buckets[hash % BUCKETS];

    while (pool != NULL && (pool->hash != hash || !belongs(pool, provider, &digest)))
        pool = pool->next;
    if (pool == NULL)
        pool = add_pool(pools, provider, &digest, hash);
    pool->used_ms = loop_now_ms(pools->loop);
    return pool;
}

struct text pool_head(const struct pool *pool)
{
    return pool->head;
}

static void free_pool(struct pool *pool)
{
    CHECK(pool->out_count == 0 && pool->idle_count == 0);
    loop_undefer(pool->pools->loop, &pool->serve);
    CHECK(curl_share_cleanup(pool->share) == CURLSHE_OK);
    trust_release(&pool->trust);
    free_copy(pool->origin);
    free_copy(pool->ca_file);
    free_copy(pool->head);
    pool->pools->pool_count--;
    free(pool);
}

/* -- idle connections ------------------------------------------------------------------------- */

static void unlink_idle(struct connection *connection)
{
    struct pool *pool = connection->pool;

    *(connection->newer ? &connection->newer->older : &pool->newest) = connection->older;
    *(connection->older ? &connection->older->newer : &pool->oldest) = connection->newer;
    connection->newer = connection->older = NULL;
    pool->idle_count--;
    pool->pools->idle_count--;
}

static void close_idle(struct connection *connection)
{
    unlink_idle(connection);
    connection->pool->pools->open_count--;
    connection_close(connection);
}

static void never_dialled(struct connection *connection, const struct error *err)
{
    (void)connection;
    (void)err;
    NEVER("an idle connection is open");
}

/* The other side has closed, or spoken without being asked. */
static void idle_ready(struct connection *connection, bool readable, bool writable)
{
    (void)writable;
    if (readable && !connection_silent(connection))
        close_idle(connection);
}

static const struct connection_events idle_events = {never_dialled, idle_ready};

static bool fit(const struct connection *connection, uint64_t now_ms)
{
    return now_ms < connection->usable_until_ms;
}

struct connection *pool_take_idle(struct pool *pool)
{
    uint64_t now_ms = loop_now_ms(pool->pools->loop);
    struct connection *connection;

    while ((connection = pool->newest) != NULL) {
        if (!fit(connection, now_ms) || !connection_silent(connection)) {
            close_idle(connection);
            continue;
        }
        unlink_idle(connection);
        pool->out_count++;
        connection->stage = CONNECTION_OUT;
        return connection;
    }
    return NULL;
}

struct connection *pool_take(struct pool *pool, const struct connection_events *events, void *owner)
{
    /* Nobody overtakes those that wait. */
    struct connection *connection = pool->first_waiting == NULL ? pool_take_idle(pool) : NULL;

    if (connection != NULL) {
        connection->events = events;
        connection->owner = owner;
    }
    return connection;
}

static uint64_t usable_until(const struct connection *connection, uint64_t now_ms,
                             uint32_t keep_alive_s)
{
    const struct pool_rules *rules = &connection->pool->pools->rules;
    uint64_t idle_ms = rules->idle_ms, told_ms = (uint64_t)keep_alive_s * 1000;
    uint64_t old_at_ms = connection->opened_ms + rules->age_ms;

    if (told_ms > 0 && told_ms - KEEP_ALIVE_MARGIN_MS < idle_ms)
        idle_ms = told_ms - KEEP_ALIVE_MARGIN_MS;
    return now_ms + idle_ms < old_at_ms ? now_ms + idle_ms : old_at_ms;
}

void pool_park(struct connection *connection, uint32_t keep_alive_s)
{
    struct pool *pool = connection->pool;
    struct pools *pools = pool->pools;
    uint64_t now_ms = loop_now_ms(pools->loop);

    connection->usable_until_ms = usable_until(connection, now_ms, keep_alive_s);
    if (connection->hung || !fit(connection, now_ms)) {
        pool_drop(connection);
        return;
    }
    connection->events = &idle_events;
    connection->owner = NULL;
    connection->stage = CONNECTION_IDLE;
    connection->kept = true;
    connection->older = pool->newest;
    *(pool->newest ? &pool->newest->newer : &pool->oldest) = connection;
    pool->newest = connection;
    pool->out_count--;
    pool->idle_count++;
    pools->idle_count++;
    plan_sweep(pools);
    if (pool->first_waiting != NULL) {
        pool_serve_later(pool);
        return;
    }
    while (pool->idle_count > pools->rules.idle_max)
        close_idle(pool->oldest);
}

void pool_drop(struct connection *connection)
{
    connection->pool->out_count--;
    if (connection->stage != CONNECTION_WAITING)
        connection->pool->pools->open_count--;
    if (connection->stage != CONNECTION_OUT)
        pool_leave_queue(connection);
    connection_close(connection);
}

/* -- all of them ------------------------------------------------------------------------------ */

static void sweep_pool(struct pool *pool, uint64_t now_ms)
{
    struct connection *connection = pool->oldest, *newer;

    for (; connection != NULL; connection = newer) {
        newer = connection->newer;
        if (!fit(connection, now_ms))
            close_idle(connection);
    }
}

static void sweep(struct loop_timer *timer)
{
    struct pools *pools = (struct pools *)((char *)timer - offsetof(struct pools, sweep));
    uint64_t now_ms = loop_now_ms(pools->loop);

    for (size_t i = 0; i < BUCKETS; i++) {
        struct pool **at = &pools->buckets[i];

        while (*at != NULL) {
            struct pool *pool = *at;

            sweep_pool(pool, now_ms);
            if (pool->out_count > 0 || pool->idle_count > 0 ||
                now_ms - pool->used_ms < POOL_KEPT_MS) {
                at = &pool->next;
                continue;
            }
            *at = pool->next;
            free_pool(pool);
        }
    }
    dialer_trim(pools->dialer);
    if (pools->pool_count > 0)
        plan_sweep(pools);
}

struct pools *pools_open(struct loop *loop, const struct pool_rules *rules)
{
    struct pools *pools = calloc(1, sizeof *pools);

    CHECK(pools != NULL);
    pools->loop = loop;
    pools->rules = *rules;
    pools->sweep.fire = sweep;
    pools->dialer = dialer_open(loop, connection_dialled);
    pools->resolver = resolver_open(loop, 0);
    CHECK(pools->resolver != NULL);
    pools->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    pools->digest = EVP_MD_CTX_new();
    CHECK(pools->sha256 != NULL && pools->digest != NULL);
    return pools;
}

void pools_close(struct pools *pools)
{
    for (size_t i = 0; i < BUCKETS; i++) {
        struct pool *pool, *next;

        for (pool = pools->buckets[i]; pool != NULL; pool = next) {
            next = pool->next;
            while (pool->oldest != NULL)
                close_idle(pool->oldest);
            free_pool(pool);
        }
    }
    loop_stop_timer(pools->loop, &pools->sweep);
    dialer_close(pools->dialer);
    resolver_close(pools->resolver);
    EVP_MD_CTX_free(pools->digest);
    EVP_MD_free(pools->sha256);
    free(pools);
}

uint32_t pools_open_count(const struct pools *pools)
{
    return pools->open_count;
}

uint32_t pools_idle_count(const struct pools *pools)
{
    return pools->idle_count;
}
