/* Connections are made a number at a time: thousands begun at once would each get so small a share
 * of the processor that none was ready in its time, and each holds libcurl's memory while it is
 * being made. A call beyond that number waits, as a connection that does nothing yet, for its turn
 * to dial or for one that another call gives back, whichever is first.
 *
 * Nobody waits longer than the time to connect while nothing becomes free. */
#include "transport/http_pool_impl.h"

#include "base/check.h"

static uint64_t now_ms(const struct pool *pool)
{
    return loop_now_ms(pool->pools->loop);
}

/* -- the queue -------------------------------------------------------------------------------- */

static void put_last(struct pool *pool, struct connection *connection)
{
    connection->stage = CONNECTION_WAITING;
    connection->older = pool->last_waiting;
    *(pool->last_waiting ? &pool->last_waiting->newer : &pool->first_waiting) = connection;
    pool->last_waiting = connection;
}

static void take_out(struct connection *connection)
{
    struct pool *pool = connection->pool;

    loop_stop_timer(pool->pools->loop, &connection->timer);
    *(connection->older ? &connection->older->newer : &pool->first_waiting) = connection->newer;
    *(connection->newer ? &connection->newer->older : &pool->last_waiting) = connection->older;
    connection->newer = connection->older = NULL;
}

static void dial(struct connection *connection, uint64_t start_ms)
{
    connection->stage = CONNECTION_DIALLING;
    connection->pool->dialling_count++;
    connection->pool->pools->open_count++;
    connection_dial(connection, start_ms);
}

/* -- who waits -------------------------------------------------------------------------------- */

static uint64_t give_up_at(const struct connection *connection)
{
    const struct pool *pool = connection->pool;
    uint64_t from_ms = connection->dialled_ms; /* when it began to wait */

    if (from_ms < pool->progress_ms)
        from_ms = pool->progress_ms;
    return from_ms + connection->target.connect_ms;
}

static void on_time(struct loop_timer *timer)
{
    struct connection *connection =
        (struct connection *)((char *)timer - offsetof(struct connection, timer));
    struct pool *pool = connection->pool;
    struct error err = {0};

    if (give_up_at(connection) > now_ms(pool)) {
        loop_start_timer(pool->pools->loop, timer, give_up_at(connection));
        return;
    }
    error_set(&err, ERROR_UPSTREAM_TIMEOUT, NULL,
              "could not be connected to within %u ms, nor could the %u calls before this one",
              connection->target.connect_ms, pool->dialling_count);
    connection->events->dialled(connection, &err);
}

static void wait_for_turn(struct connection *connection)
{
    struct pool *pool = connection->pool;

    connection->dialled_ms = now_ms(pool);
    connection->timer.fire = on_time;
    put_last(pool, connection);
    loop_start_timer(pool->pools->loop, &connection->timer, give_up_at(connection));
}

/* One that was given back, to the call that stands in the queue as `waiting`. */
static void hand_over(struct connection *given, struct connection *waiting)
{
    static const struct error none;
    struct pool *pool = waiting->pool;

    take_out(waiting);
    pool->progress_ms = now_ms(pool);
    pool->out_count--; /* the one that waited */
    given->events = waiting->events;
    given->owner = waiting->owner;
    connection_close(waiting);
    given->events->dialled(given, &none);
}

/* Its time is what is left of it, unless the pool has moved on meanwhile: then it is whole. */
static void dial_waiting(struct connection *connection)
{
    const struct pool *pool = connection->pool;
    bool moved_on = pool->progress_ms > connection->dialled_ms;

    take_out(connection);
    dial(connection, moved_on ? now_ms(pool) : connection->dialled_ms);
}

static void serve(struct loop_task *task)
{
    struct pool *pool = (struct pool *)((char *)task - offsetof(struct pool, serve));
    struct connection *given;

    while (pool->first_waiting != NULL) {
        if ((given = pool_take_idle(pool)) != NULL)
            hand_over(given, pool->first_waiting);
        else if (pool->dialling_count < pool->pools->rules.dials_max)
            dial_waiting(pool->first_waiting);
        else
            return;
    }
}

void pool_serve_later(struct pool *pool)
{
    pool->serve.run = serve;
    loop_defer(pool->pools->loop, &pool->serve);
}

/* -- dialling --------------------------------------------------------------------------------- */

struct connection *pool_dial(struct pool *pool, const struct provider *provider, bool fresh,
                             const struct connection_events *events, void *owner, struct error *err)
{
    struct dial_target target = {
        .origin = pool->origin.at,
        .resolver = pool->pools->resolver,
        .https = provider->https,
        .allow_private = pool->allow_private,
        .connect_ms = provider->connect_ms != 0 ? provider->connect_ms : 2000,
        .share = pool->share,
    };
    struct connection *connection;

    if (provider->https && !trust_refresh(&pool->trust, pool->ca_file.at, err))
        return NULL;
    target.trust = pool->trust.store;
    connection = connection_new(pool->pools->dialer, &target, events, owner);
    connection->pool = pool;
    pool->out_count++;
    if (fresh ||
        (pool->first_waiting == NULL && pool->dialling_count < pool->pools->rules.dials_max))
        dial(connection, now_ms(pool));
    else
        wait_for_turn(connection);
    return connection;
}

static void end_dial(struct connection *connection)
{
    struct pool *pool = connection->pool;

    pool->dialling_count--;
    if (pool->first_waiting != NULL)
        pool_serve_later(pool);
}

void pool_connected(struct connection *connection)
{
    CHECK(connection->stage == CONNECTION_DIALLING);
    connection->stage = CONNECTION_OUT;
    connection->pool->progress_ms = now_ms(connection->pool);
    end_dial(connection);
}

void pool_leave_queue(struct connection *connection)
{
    if (connection->stage == CONNECTION_WAITING)
        take_out(connection);
    else
        end_dial(connection);
}
