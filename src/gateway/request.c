#include "gateway/request.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/id.h"
#include "gateway/durable.h"
#include "gateway/old_versions.h"
#include "gateway/paths.h"
#include "gateway/reserve.h"
#include "gateway/stages.h"
#include "gateway/tracing.h"
#include "gateway/under_way.h"

#include <ctype.h>

struct request *request_of(void *pointer)
{
    struct request *request = pointer;

    CHECK(request != NULL && request->magic == REQUEST_MAGIC);
    return request;
}

struct call_owner call_owner_of(const struct request *request)
{
    return (struct call_owner){request->token->id, request->endpoint->slug};
}

void request_waits(struct request *request)
{
    request->times.waiting_since = clock_monotonic_us();
}

uint64_t request_waited_us(struct request *request)
{
    uint64_t since = request->times.waiting_since;

    request->times.waiting_since = 0;
    return since == 0 ? 0 : clock_monotonic_us() - since;
}

/* A client's own id is kept when it is [A-Za-z0-9._-]{1,128}. */
static struct text choose_id(struct request *request)
{
    struct text own = http_header(&request->http, TEXT("x-request-id"));
    bool good = own.len >= 1 && own.len <= 128;

    for (size_t i = 0; good && i < own.len; i++)
        good = isalnum((unsigned char)own.at[i]) ||
               (own.at[i] != '\0' && strchr("._-", own.at[i]) != NULL);
    return good ? own : id_new(&request->arena, "req_", request->wall_ms);
}

static void link_to_worker(struct request *request, struct worker *worker)
{
    request->worker = worker;
    request->next = worker->requests;
    if (request->next != NULL)
        request->next->previous = request;
    worker->requests = request;
    atomic_fetch_add_explicit(&worker->request_count, 1, memory_order_relaxed);
}

static void unlink_from_worker(struct request *request)
{
    struct worker *worker = request->worker;

    if (request->previous != NULL)
        request->previous->next = request->next;
    else
        worker->requests = request->next;
    if (request->next != NULL)
        request->next->previous = request->previous;
    atomic_fetch_sub_explicit(&worker->request_count, 1, memory_order_relaxed);
}

struct request *request_new(struct worker *worker, struct lease *lease,
                            const struct http_request *http, struct http_client *client)
{
    struct arena arena = {0};
    struct request *request = ARENA_NEW(&arena, struct request);

    request->magic = REQUEST_MAGIC;
    request->arena = arena;
    request->http = *http;
    request->client = client;
    request->rule = ROUTE_DEFAULT;
    request->surface = &surface_slug;
    request->cost_nano = -1;
    request->lease = lease;
    request->config = request->lease->config;
    request->wall_ms = worker->gateway->at_ms > 0 ? worker->gateway->at_ms : clock_wall_ms();
    request->id = choose_id(request);
    link_to_worker(request, worker);
    tracing_begin(request);
    return request;
}

struct request *request_start(struct worker *worker, const struct http_request *http,
                              struct http_client *client)
{
    struct request *request = request_new(worker, worker_lease(worker), http, client);

    paths_serve(request);
    return request;
}

void request_drained(struct request *request)
{
    if (request->gone)
        return;
    call_resume(request_of(request));
    share_drained(request);
    notes_drained(request);
    if (request->drained != NULL)
        request->drained(request);
}

void request_adopt(struct request *request)
{
    struct lease *old = request->lease;

    request->lease = worker_lease(request->worker);
    request->config = request->lease->config;
    lease_release(old);
}

void request_cut_loose(struct request *request)
{
    call_cancel(request);
    share_forget(request);
    durable_forget(request);
    reserve_forget(request);
    old_version_forget(request);
    loop_stop_timer(request->worker->loop, &request->ping);
}

void request_gone(struct request *request)
{
    request = request_of(request);
    if (request->gone)
        return;
    request->gone = true;
    if (share_goes_on(request)) {
        loop_stop_timer(request->worker->loop, &request->ping);
        request->client = NULL;
        return;
    }
    request_cut_loose(request);
    if (request->finished || !request->waiting)
        return;
    error_set(&request->error, ERROR_CLIENT_CLOSED, NULL, "the client closed its connection");
    pipeline_resume(request);
}

void request_free(struct request *request)
{
    struct arena arena;

    if (request == NULL)
        return;
    request_gone(request);
    request->share.orphan = !request->finished;
    if (request->share.orphan) /* others wait for its call: it ends itself */
        return;
    CHECK(request->turn == NULL && request->share.seat == NULL);
    under_way_end(request);
    request_cut_loose(request);
    unlink_from_worker(request);
    store_command_free(request->recalled);
    idempotency_release(&request->idempotency);
    share_release(&request->share);
    lease_release(request->lease);
    request->magic = 0;
    arena = request->arena;
    arena_release(&arena);
}
