/* transport/http_pool.h
 * The connections of a thread to its providers, kept between requests: one pool per origin,
 * credential, trust file and leave to go to private addresses, so that nothing is ever shared
 * between two credentials, of which only a digest is remembered. Pools outlive the configuration
 * that asked for them. */
#pragma once
#include "provider/dialect.h"
#include "transport/http_connection.h"

struct pools;
struct pool;

struct pool_rules {
    uint32_t idle_max;  /* connections kept per pool */
    uint32_t dials_max; /* made at once per pool; calls beyond that wait for their turn */
    uint32_t idle_ms;   /* how long unused */
    uint32_t age_ms;    /* how long at all */
};

/* Gives the pools of one loop (kept). */
struct pools *pools_open(struct loop *loop, const struct pool_rules *rules);
/* Every connection must have been given back or dropped. */
void pools_close(struct pools *pools);
uint32_t pools_open_count(const struct pools *pools); /* connections, dialling ones included */
uint32_t pools_idle_count(const struct pools *pools);

/* The pool of a provider and the key that is used with it, made when it is new. Valid as long as it
 * has a connection that is out, or until the next turn. */
struct pool *pool_find(struct pools *pools, const struct provider *provider, struct text key);
/* "Host: ...\r\nAccept-Encoding: identity\r\n": the header lines that only depend on where to. */
struct text pool_head(const struct pool *pool);

/* The connection that was in use last and seems fit, or NULL. */
struct connection *pool_take(struct pool *pool, const struct connection_events *events,
                             void *owner);
/* A new one, or one that another call gives back before it is made: dialled() tells, of a
 * connection that may be another than this; `kept` says which it is. A `fresh` one is new, and
 * waits for nobody. NULL when the trust file cannot be read: *err says so. */
struct connection *pool_dial(struct pool *pool, const struct provider *provider, bool fresh,
                             const struct connection_events *events, void *owner,
                             struct error *err);
/* To be called from dialled() when a new connection is open. */
void pool_connected(struct connection *connection);
/* Takes back a connection that is open and silent, to be used again within keep_alive_s (0: not
 * said). */
void pool_park(struct connection *connection, uint32_t keep_alive_s);
/* Closes a connection that was taken or dialled. */
void pool_drop(struct connection *connection);
