#include "gateway/mcp_listen.h"

#include "base/clock.h"
#include "gateway/bearer.h"
#include "gateway/job.h"
#include "gateway/paths.h"
#include "gateway/respond.h"
#include "mcp/answer.h"

enum { LISTENERS_MAX = 512, LISTENERS_OF_TOKEN_MAX = 32, PING_MS = 15000 };

struct mcp_listener {
    struct request *request;
    struct mcp_listener *next, **link;
    struct text id; /* of the subscription, JSON */
    uint64_t mark;  /* of the tools as the client knows them */
};

static uint64_t mark_of(const struct request *request)
{
    return mcp_tools_mark(&request->lease->shared->tools, request->config, request->token);
}

static void write(struct request *request, struct buffer *piece)
{
    request->bytes_out += piece->len;
    request->client->ops->write(request->client, buffer_text(piece));
    buffer_release(piece);
}

/* --- its end -----------------------------------------------------------------------------------
 */

static void unlink_listener(struct mcp_listener *it)
{
    if (it->link == NULL)
        return;
    *it->link = it->next;
    if (it->next != NULL)
        it->next->link = it->link;
    it->link = NULL;
    it->request->worker->listeners.count--;
}

static void forget(void *thing)
{
    unlink_listener(thing);
}

static void end(struct mcp_listener *it)
{
    struct request *request = it->request;
    struct buffer out = {0};

    unlink_listener(it);
    loop_stop_timer(request->worker->loop, &request->ping);
    request->finished = true;
    request->waiting = false;
    if (request->gone)
        return;
    mcp_put_unsubscribed(&out, it->id);
    write(request, &out);
    request->client->ops->end(request->client, false);
}

/* --- what it hears -----------------------------------------------------------------------------
 */

/* Who bears no token any more hears no more; and what it may call can have changed. */
static bool is_known(struct request *request)
{
    struct error err = {0};

    return token_table_authenticate(request->worker->gateway->tokens, TOKEN_CALL,
                                    bearer_of(&request->http), clock_wall_ms(), &request->token,
                                    &err);
}

/* False when that was its end. */
static bool look(struct mcp_listener *it)
{
    struct buffer out = {0};
    uint64_t mark;

    if (!is_known(it->request)) {
        end(it);
        return false;
    }
    mark = mark_of(it->request);
    if (mark == it->mark || it->request->gone)
        return true;
    it->mark = mark;
    mcp_put_tools_changed(&out, it->id);
    write(it->request, &out);
    return true;
}

static void ping(struct loop_timer *timer)
{
    struct request *request = request_of((char *)timer - offsetof(struct request, ping));
    struct buffer out = {0};

    if (!look(request->aside))
        return;
    buffer_put(&out, TEXT(": ping\n\n"));
    write(request, &out);
    loop_start_timer(request->worker->loop, timer, loop_now_ms(request->worker->loop) + PING_MS);
}

void mcp_listeners_adopt(struct worker *worker)
{
    struct mcp_listener *it = worker->listeners.first, *next;

    for (; it != NULL; it = next) {
        struct request *request = it->request;

        next = it->next;
        request_adopt(request);
        request->project = config_project(request->config, request->token->project);
        look(it);
    }
}

void mcp_listeners_end(struct worker *worker)
{
    while (worker->listeners.first != NULL)
        end(worker->listeners.first);
}

/* --- its beginning -----------------------------------------------------------------------------
 */

static bool has_room(struct request *request)
{
    const struct mcp_listeners *all = &request->worker->listeners;
    size_t own = 0;

    if (atomic_load_explicit(&request->worker->gateway->draining, memory_order_relaxed))
        return error_set(&request->error, ERROR_SHUTTING_DOWN, NULL,
                         "the gateway is shutting down");
    for (const struct mcp_listener *it = all->first; it != NULL; it = it->next)
        own += text_equal(it->request->token->id, request->token->id);
    if (all->count >= LISTENERS_MAX)
        return error_set(&request->error, ERROR_OVERLOADED, NULL,
                         "too many clients listen for changes already");
    return own < LISTENERS_OF_TOKEN_MAX ||
           error_set(&request->error, ERROR_CONCURRENCY_LIMITED, NULL,
                     "%d streams of this token listen for changes already", LISTENERS_OF_TOKEN_MAX);
}

static struct mcp_listener *listener_new(struct request *request, struct text id)
{
    struct mcp_listeners *all = &request->worker->listeners;
    struct mcp_listener *it = ARENA_NEW(&request->arena, struct mcp_listener);

    *it = (struct mcp_listener){
        .request = request, .next = all->first, .link = &all->first, .id = id};
    if (it->next != NULL)
        it->next->link = &it->next;
    all->first = it;
    all->count++;
    it->mark = mark_of(request);
    request->aside = it;
    arena_defer(&request->arena, forget, it);
    return it;
}

void mcp_listen(struct request *request, struct text id, bool tools)
{
    struct http_reply head = {.status = 200};
    struct mcp_listener *it;
    struct buffer out = {0};

    if (!has_room(request)) {
        request_refuse(request);
        return;
    }
    it = listener_new(request, id);
    request->notes.begun = true; /* as for any stream, nobody may hold it back on its way */
    respond_headers(request, TEXT("text/event-stream"), &head);
    request->client->ops->begin(request->client, &head);
    job_park(request);
    mcp_put_acknowledged(&out, it->id, tools);
    write(request, &out);
    request->ping.fire = ping;
    loop_start_timer(request->worker->loop, &request->ping,
                     loop_now_ms(request->worker->loop) + PING_MS);
    if (!tools)
        end(it);
}
