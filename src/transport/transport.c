/* The life of an exchange: started by deferring its first step, ended exactly once, by one of
 * complete, fail and cancel. Its memory stays until the turn is over, because the function that
 * made the last call-back looks at it again; then it serves another exchange.
 *
 * One timer per exchange holds the nearest of its deadlines. It is not moved when a piece comes:
 * when it fires too early it is set again, which is rarer than pieces are. */
#include "transport/exchange.h"

#include "base/check.h"
#include "transport/tape_exchange.h"

#include <stdlib.h>

enum { SPARES_MAX = 256, LINE_BYTES_KEPT = 4096 };

static uint32_t or_default(uint32_t value, uint32_t otherwise)
{
    return value != 0 ? value : otherwise;
}

static void reclaim(struct loop_task *task);

struct transport *transport_open(struct loop *loop, const struct transport_options *options)
{
    struct transport *transport = calloc(1, sizeof *transport);
    struct pool_rules rules;

    CHECK(transport != NULL);
    transport->loop = loop;
    transport->options = *options;
    transport->reclaim.run = reclaim;
    if (options->head_bytes == 0)
        transport->options.head_bytes = 64 * 1024;
    if (options->body_bytes == 0)
        transport->options.body_bytes = 8 * 1024 * 1024;
    rules.idle_max = or_default(options->idle_per_pool, 512);
    rules.dials_max = or_default(options->dials_at_once, 256);
    rules.idle_ms = or_default(options->idle_ms, 30000);
    rules.age_ms = or_default(options->age_ms, 600000);
    transport->pools = pools_open(loop, &rules);
    return transport;
}

/* -- memory ----------------------------------------------------------------------------------- */

static void free_exchange(struct exchange *exchange)
{
    if (exchange->http.head.len > 0)
        explicit_bzero(exchange->http.head.at, exchange->http.head.len);
    buffer_release(&exchange->http.head);
    buffer_release(&exchange->http.held);
    http_reply_release(&exchange->http.reply);
    arena_release(&exchange->demo.arena);
    free(exchange);
}

/* Zeroed, but for small buffers, which are worth keeping. */
static void empty(struct exchange *exchange)
{
    struct buffer head = exchange->http.head, line = exchange->http.reply.line;
    struct buffer fields = exchange->http.reply.fields;

    if (head.len > 0)
        explicit_bzero(head.at, head.len); /* there was a credential in it */
    buffer_release(&exchange->http.held);
    arena_release(&exchange->demo.arena);
    if (head.room > LINE_BYTES_KEPT)
        buffer_release(&head);
    if (line.room > LINE_BYTES_KEPT)
        buffer_release(&line);
    if (fields.room > LINE_BYTES_KEPT)
        buffer_release(&fields);
    *exchange = (struct exchange){0};
    exchange->http.head = (struct buffer){.at = head.at, .room = head.room};
    exchange->http.reply.line = (struct buffer){.at = line.at, .room = line.room};
    exchange->http.reply.fields = (struct buffer){.at = fields.at, .room = fields.room};
}

static void reclaim(struct loop_task *task)
{
    struct transport *transport =
        (struct transport *)((char *)task - offsetof(struct transport, reclaim));
    struct exchange *exchange, *next;

    for (exchange = transport->ended; exchange != NULL; exchange = next) {
        next = exchange->next;
        if (transport->spare_count == SPARES_MAX) {
            free_exchange(exchange);
            continue;
        }
        empty(exchange);
        exchange->next = transport->spare;
        transport->spare = exchange;
        transport->spare_count++;
    }
    transport->ended = NULL;
}

static struct exchange *new_exchange(struct transport *transport)
{
    struct exchange *exchange = transport->spare;

    if (exchange == NULL) {
        exchange = calloc(1, sizeof *exchange);
        CHECK(exchange != NULL);
        return exchange;
    }
    transport->spare = exchange->next;
    transport->spare_count--;
    exchange->next = NULL;
    return exchange;
}

void transport_close(struct transport *transport)
{
    struct exchange *exchange;

    if (transport == NULL)
        return;
    CHECK(transport->running == 0);
    loop_undefer(transport->loop, &transport->reclaim);
    reclaim(&transport->reclaim);
    while ((exchange = transport->spare) != NULL) {
        transport->spare = exchange->next;
        free_exchange(exchange);
    }
    pools_close(transport->pools);
    free(transport);
}

/* -- deadlines -------------------------------------------------------------------------------- */

struct due {
    uint64_t at_ms;
    uint64_t within_ms;
    const char *what;
};

static void consider(struct due *nearest, uint64_t from_ms, uint64_t within_ms, const char *what)
{
    uint64_t at_ms = from_ms + within_ms;

    if (within_ms != 0 && at_ms >= from_ms && at_ms < nearest->at_ms)
        *nearest = (struct due){at_ms, within_ms, what};
}

static struct due nearest_due(const struct exchange *exchange)
{
    const struct exchange_times *times = &exchange->options.times;
    struct due nearest = {.at_ms = UINT64_MAX};

    consider(&nearest, exchange->start_ms, times->total_ms, "did not finish its answer within");
    if (!exchange->heard)
        consider(&nearest, exchange->start_ms, times->first_byte_ms,
                 "did not begin its answer within");
    else if (!exchange->paused)
        consider(&nearest, exchange->heard_ms, times->idle_ms,
                 "fell silent in the middle of its answer for");
    return nearest;
}

/* Makes the timer fire no later than the nearest deadline. */
static void watch_time(struct exchange *exchange)
{
    struct due due = nearest_due(exchange);

    if (due.at_ms != UINT64_MAX &&
        (exchange->deadline.place == 0 || due.at_ms < exchange->deadline.due_ms))
        loop_start_timer(exchange->transport->loop, &exchange->deadline, due.at_ms);
}

static void on_time(struct loop_timer *timer)
{
    struct exchange *exchange =
        (struct exchange *)((char *)timer - offsetof(struct exchange, deadline));
    struct due due = nearest_due(exchange);
    struct error cause = {0};

    if (due.at_ms > loop_now_ms(exchange->transport->loop)) {
        watch_time(exchange);
        return;
    }
    error_set(&cause, ERROR_UPSTREAM_TIMEOUT, NULL, "%s %llu ms", due.what,
              (unsigned long long)due.within_ms);
    exchange_fail(exchange, &cause);
}

/* -- life ------------------------------------------------------------------------------------- */

static void take_turn(struct loop_task *task)
{
    struct exchange *exchange = (struct exchange *)((char *)task - offsetof(struct exchange, turn));

    if (exchange->state == EXCHANGE_NEW) {
        exchange->state = EXCHANGE_RUNNING;
        exchange->way->begin(exchange);
    } else if (exchange_reads(exchange)) {
        exchange->way->resume(exchange);
    }
}

struct exchange *exchange_start(struct transport *transport, const struct exchange_options *options)
{
    struct exchange *exchange = new_exchange(transport);

    exchange->transport = transport;
    exchange->options = *options;
    exchange->way = options->provider->dialect->local ? &demo_way : &http_way;
    if (transport->options.tape != NULL)
        tape_open(exchange);
    exchange->turn.run = take_turn;
    exchange->deadline.fire = on_time;
    exchange->start_ms = loop_now_ms(transport->loop);
    transport->counts.started++;
    transport->running++;
    watch_time(exchange);
    loop_defer(transport->loop, &exchange->turn);
    return exchange;
}

void exchange_yield(struct exchange *exchange)
{
    loop_defer(exchange->transport->loop, &exchange->turn);
}

void exchange_pause(struct exchange *exchange)
{
    exchange->paused = true;
}

void exchange_resume(struct exchange *exchange)
{
    if (!exchange->paused)
        return;
    exchange->paused = false;
    exchange->heard_ms = loop_now_ms(exchange->transport->loop);
    watch_time(exchange);
    exchange_yield(exchange);
}

static void end(struct exchange *exchange, bool complete, const struct error *cause)
{
    struct transport *transport = exchange->transport;

    CHECK(exchange->state != EXCHANGE_ENDED);
    loop_undefer(transport->loop, &exchange->turn);
    loop_stop_timer(transport->loop, &exchange->deadline);
    exchange->way->release(exchange, complete);
    if (exchange->ear != NULL)
        ear_end(exchange, complete, cause);
    exchange->state = EXCHANGE_ENDED;
    exchange->next = transport->ended;
    transport->ended = exchange;
    transport->running--;
    loop_defer(transport->loop, &transport->reclaim);
}

void exchange_cancel(struct exchange *exchange)
{
    exchange->transport->counts.cancelled++;
    end(exchange, false, NULL);
}

void exchange_complete(struct exchange *exchange)
{
    static const struct error none;

    end(exchange, true, NULL);
    exchange->options.events->done(exchange->options.context, &none, &exchange->facts);
}

void exchange_fail(struct exchange *exchange, const struct error *cause)
{
    struct error err = *cause;

    error_set(&err, cause->code, cause->at, "provider '%.*s' %s",
              TEXT_ARG(exchange->options.provider->name), cause->message);
    if (cause->hint[0] != '\0')
        error_hint(&err, "%s", cause->hint);
    exchange->transport->counts.failed++;
    end(exchange, false, cause);
    exchange->options.events->done(exchange->options.context, &err, &exchange->facts);
}

void exchange_tell_head(struct exchange *exchange, const struct http_head *head)
{
    if (exchange->ear != NULL)
        ear_head(exchange, head);
    exchange->options.events->head(exchange->options.context, head);
}

void exchange_tell_body(struct exchange *exchange, struct text piece)
{
    exchange->heard_ms = loop_now_ms(exchange->transport->loop);
    if (!exchange->heard) {
        exchange->heard = true;
        watch_time(exchange);
    }
    if (exchange->ear != NULL)
        ear_body(exchange, piece);
    exchange->options.events->body(exchange->options.context, piece);
}

struct exchange_facts exchange_facts(const struct exchange *exchange)
{
    return exchange->facts;
}

struct transport_counts transport_counts(const struct transport *transport)
{
    struct transport_counts counts = transport->counts;

    counts.open = pools_open_count(transport->pools);
    counts.idle = pools_idle_count(transport->pools);
    return counts;
}
