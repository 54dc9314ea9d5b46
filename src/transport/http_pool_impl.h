/* transport/http_pool_impl.h
 * Private to the two halves of the pools: http_pool.c, what is kept, and http_pool_queue.c, who
 * waits. */
#pragma once
#include "transport/http_pool.h"
#include "transport/http_trust.h"

#include <openssl/evp.h>

enum { BUCKETS = 256 };

struct key_digest {
    unsigned char at[32]; /* SHA-256 */
};

struct pool {
    struct pools *pools;
    struct pool *next; /* in the bucket */
    uint64_t hash;
    struct text origin, ca_file; /* own memory, NUL-terminated */
    struct key_digest key;
    bool allow_private;
    struct text head;
    CURLSH *share;
    struct trust trust;
    struct connection *newest, *oldest; /* idle ones */
    uint32_t idle_count, out_count;
    uint64_t used_ms;

    /* calls that wait for a connection, the first come in front; http_pool_queue.c */
    struct connection *first_waiting, *last_waiting;
    struct loop_task serve;
    uint32_t dialling_count;
    uint64_t progress_ms; /* when a connection was last made or handed over */
};

struct pools {
    struct loop *loop;
    struct pool_rules rules;
    struct dialer *dialer;
    struct resolver *resolver;
    EVP_MD *sha256;
    EVP_MD_CTX *digest; /* for one key after the other */
    struct loop_timer sweep;
    struct pool *buckets[BUCKETS];
    uint32_t pool_count, open_count, idle_count;
};

/* Has those that wait looked after at the end of the turn: something has become free. */
void pool_serve_later(struct pool *pool);
/* Lets go of one that waits or dials. */
void pool_leave_queue(struct connection *connection);
/* The idle one that was in use last and is fit, taken out; NULL: none. */
struct connection *pool_take_idle(struct pool *pool);
