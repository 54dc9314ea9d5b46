#include "gateway/log_tail.h"

#include "base/clock.h"
#include "gateway/durable.h"
#include "gateway/job.h"
#include "gateway/ledger_sync.h"
#include "gateway/log_rows.h"
#include "gateway/paths.h"
#include "gateway/stages.h"

enum { PAGE_ROWS = 100, PING_MS = 15000 };

struct log_tail {
    struct request *request;
    struct log_tail *next, **link;
    struct log_query query; /* its `after` is the place up to which everything was looked at; zeros,
                               before all, where there was nothing yet */
    bool (*may)(struct request *request);
    bool open;        /* its head has been sent */
    bool reading;     /* the store is asked */
    bool again;       /* rows have come since it was */
    bool paused;      /* the client has enough for now */
    uint64_t dropped; /* rows that the store never got, as far as the client was told */
};

static void look(struct log_tail *tail);

/* --- its end
 * -----------------------------------------------------------------------------------
 */

static void unlink_tail(struct log_tail *tail)
{
    struct worker *worker = tail->request->worker;

    if (tail->link == NULL)
        return;
    *tail->link = tail->next;
    if (tail->next != NULL)
        tail->next->link = tail->link;
    tail->link = NULL;
    atomic_fetch_sub(&worker->tails.count, 1);
    atomic_fetch_sub(&worker->gateway->tail_count, 1);
}

static void forget(void *thing)
{
    unlink_tail(thing);
}

/* With request->error, where the stream has not begun yet. */
static void end(struct log_tail *tail, bool broken)
{
    struct request *request = tail->request;

    unlink_tail(tail);
    durable_forget(request);
    loop_stop_timer(request->worker->loop, &request->ping);
    if (request->gone || request->finished)
        return;
    if (!tail->open) {
        request_refuse(request);
        return;
    }
    request->finished = true;
    request->waiting = false;
    request->client->ops->end(request->client, broken);
}

/* --- what it says
 * ------------------------------------------------------------------------------ */

static void put_event(struct buffer *out, const char *name, const struct log_place *place)
{
    char id[LOG_PLACE_CHARS];

    log_place_write(place, id);
    buffer_printf(out, "event: %s\nid: %.*s\ndata: ", name, LOG_PLACE_CHARS, id);
}

static void put_place(struct buffer *out, const char *name, const struct log_tail *tail)
{
    char id[LOG_PLACE_CHARS];

    log_place_write(&tail->query.after, id);
    put_event(out, name, &tail->query.after);
    buffer_printf(out, "{\"after\":\"%.*s\"}\n\n", LOG_PLACE_CHARS, id);
}

/* Rows that were dropped before they were stored, and those that went before they were read. */
static void put_lost(struct buffer *out, struct log_tail *tail, bool gap)
{
    const struct gateway *gateway = tail->request->worker->gateway;
    uint64_t dropped = atomic_load_explicit(&gateway->log_dropped, memory_order_relaxed);

    if (!gap && dropped == tail->dropped)
        return;
    put_event(out, "lost", &tail->query.after);
    if (gap)
        buffer_put(out, TEXT("{\"rows\":null}\n\n"));
    else
        buffer_printf(out, "{\"rows\":%llu}\n\n", (unsigned long long)(dropped - tail->dropped));
    tail->dropped = dropped;
}

static void write(struct log_tail *tail, struct buffer *out)
{
    struct request *request = tail->request;

    if (out->len > 0) {
        request->bytes_out += out->len;
        tail->paused =
            request->client->ops->write(request->client, buffer_text(out)) > HTTP_HIGH_WATER;
    }
    buffer_release(out);
}

static void drained(struct request *request)
{
    struct log_tail *tail = request->aside;

    if (!tail->paused)
        return;
    tail->paused = false;
    look(tail);
}

static void ping(struct loop_timer *timer)
{
    struct request *request = request_of((char *)timer - offsetof(struct request, ping));
    struct log_tail *tail = request->aside;
    struct buffer out = {0};

    request->wall_ms = clock_wall_ms();
    if (!tail->may(request)) {
        end(tail, false);
        return;
    }
    loop_start_timer(request->worker->loop, timer, loop_now_ms(request->worker->loop) + PING_MS);
    if (tail->paused)
        return;
    put_place(&out, "ping", tail);
    write(tail, &out);
    look(tail);
}

/* --- what it reads
 * ----------------------------------------------------------------------------- */

static void put_page(struct buffer *out, struct log_tail *tail, const struct log_page *page)
{
    put_lost(out, tail, page->gap && page->count > 0);
    for (size_t i = 0; i < page->count; i++) {
        put_event(out, "row", &page->places[i]);
        log_rows_put(out, FORMAT_JSON, &page->rows[i], &page->places[i]);
        buffer_put(out, TEXT("\n\n"));
    }
}

static void have_page(struct request *request, struct store_command *command)
{
    struct log_tail *tail = request->aside;
    const struct log_page *page = &command->log_page;
    bool good = command->error.code == ERROR_NONE;
    bool more = good && page->more;
    struct buffer out = {0};

    tail->reading = false;
    if (good) {
        put_page(&out, tail, page);
        if (page->seen > 0) {
            tail->query.has_after = true;
            tail->query.after = page->last;
        }
        write(tail, &out);
    }
    store_command_free(command);
    if (!good)
        end(tail, true);
    else if (more || tail->again)
        look(tail);
}

static void read_log(struct log_tail *tail, const struct log_query *query,
                     void (*done)(struct request *request, struct store_command *command))
{
    struct store_command *command = store_command_new(STORE_LOG_READ);

    command->log_query = log_query_copy(&command->arena, query);
    tail->reading = true;
    tail->again = false;
    durable_submit(tail->request, command, done);
}

static void look(struct log_tail *tail)
{
    struct request *request = tail->request;

    if (!tail->open || request->gone || request->finished)
        return;
    if (tail->reading || tail->paused) {
        tail->again = true;
        return;
    }
    request->wall_ms = clock_wall_ms();
    if (tail->may(request))
        read_log(tail, &tail->query, have_page);
    else
        end(tail, false);
}

/* --- its beginning
 * -----------------------------------------------------------------------------
 */

static void open(struct log_tail *tail)
{
    struct request *request = tail->request;
    struct http_header *headers = ARENA_ARRAY(&request->arena, struct http_header, 4);
    struct http_reply head = {.status = 200, .headers = headers, .header_count = 4};
    struct loop *loop = request->worker->loop;
    struct buffer out = {0};

    headers[0] = (struct http_header){TEXT("content-type"), TEXT("text/event-stream")};
    headers[1] = (struct http_header){TEXT("cache-control"), TEXT("no-store")};
    headers[2] = (struct http_header){TEXT("x-accel-buffering"), TEXT("no")};
    headers[3] = (struct http_header){TEXT("x-request-id"), request->id};
    tail->open = true;
    request->drained = drained;
    request->client->ops->begin(request->client, &head);
    put_place(&out, "open", tail);
    write(tail, &out);
    request->ping.fire = ping;
    loop_start_timer(loop, &request->ping, loop_now_ms(loop) + PING_MS);
    look(tail);
}

static void have_newest(struct request *request, struct store_command *command)
{
    struct log_tail *tail = request->aside;
    const struct log_page *page = &command->log_page;

    tail->reading = false;
    request->error = command->error;
    if (page->count > 0) {
        tail->query.has_after = true;
        tail->query.after = page->places[0];
    }
    store_command_free(command);
    if (request->error.code != ERROR_NONE)
        end(tail, true);
    else
        open(tail);
}

/* All that was answered before now is stored. */
static void find_newest(struct request *request)
{
    struct log_tail *tail = request->aside;

    if (tail->link != NULL)
        read_log(tail, &(struct log_query){.most = 1}, have_newest);
}

static bool has_room(struct request *request)
{
    struct gateway *gateway = request->worker->gateway;

    if (atomic_load_explicit(&gateway->draining, memory_order_relaxed))
        return error_set(&request->error, ERROR_SHUTTING_DOWN, NULL,
                         "the gateway is shutting down");
    if (atomic_fetch_add(&gateway->tail_count, 1) < LOG_TAILS_MAX)
        return true;
    atomic_fetch_sub(&gateway->tail_count, 1);
    return error_set(&request->error, ERROR_OVERLOADED, NULL,
                     "%d clients follow the log already, which is the most", LOG_TAILS_MAX);
}

static struct log_tail *tail_new(struct request *request, const struct log_query *query)
{
    struct log_tails *all = &request->worker->tails;
    struct log_tail *tail = ARENA_NEW(&request->arena, struct log_tail);

    *tail = (struct log_tail){
        .request = request, .next = all->first, .link = &all->first, .query = *query};
    tail->query.has_after =
        query->has_after && !log_place_same(&query->after, &(struct log_place){0});
    tail->query.oldest_first = true;
    tail->query.most = PAGE_ROWS;
    tail->dropped = atomic_load(&request->worker->gateway->log_dropped);
    if (tail->next != NULL)
        tail->next->link = &tail->next;
    all->first = tail;
    atomic_fetch_add(&all->count, 1);
    request->aside = tail;
    arena_defer(&request->arena, forget, tail);
    return tail;
}

void log_tail(struct request *request, const struct log_query *query,
              bool (*may)(struct request *request))
{
    struct log_tail *tail;

    if (!has_room(request)) {
        request_refuse(request);
        return;
    }
    tail = tail_new(request, query);
    tail->may = may;
    job_park(request);
    if (query->has_after || query->from_ms > 0)
        open(tail);
    else
        ledger_sync(request, find_newest);
}

/* --- all of a worker's
 * ------------------------------------------------------------------------- */

static void rows_came(struct loop_task *task)
{
    struct log_tails *tails = (struct log_tails *)task;

    atomic_store(&tails->told, false);
    for (struct log_tail *tail = tails->first, *next; tail != NULL; tail = next) {
        next = tail->next;
        look(tail);
    }
}

void log_tails_open(struct worker *worker)
{
    worker->tails.task.run = rows_came;
}

/* Posted under the gateway's lock, while the worker is among those that run: one that leaves looks
 * into its loop once more afterwards. */
void log_tails_tell(struct gateway *gateway)
{
    if (atomic_load_explicit(&gateway->tail_count, memory_order_relaxed) == 0)
        return;
    pthread_mutex_lock(&gateway->lock);
    for (size_t i = 0; i < GATEWAY_WORKERS_MAX; i++) {
        struct worker *worker = gateway->workers[i];

        if (worker != NULL && atomic_load(&worker->tails.count) > 0 &&
            !atomic_exchange(&worker->tails.told, true))
            loop_post(worker->loop, &worker->tails.task);
    }
    pthread_mutex_unlock(&gateway->lock);
}

void log_tails_adopt(struct worker *worker)
{
    for (struct log_tail *tail = worker->tails.first; tail != NULL; tail = tail->next)
        request_adopt(tail->request);
}

void log_tails_end(struct worker *worker)
{
    while (worker->tails.first != NULL) {
        struct log_tail *tail = worker->tails.first;

        error_set(&tail->request->error, ERROR_SHUTTING_DOWN, NULL, "the gateway is shutting down");
        end(tail, false);
    }
}
