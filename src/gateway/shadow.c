/* A copy has an arena for what it has of the answered call: the body, the conversation before, the
 * answer to compare with. Its client is nobody, who takes every answer. */
#include "gateway/shadow.h"

#include "base/check.h"
#include "base/clock.h"
#include "document/json_canonical.h"
#include "document/json_read.h"
#include "gateway/request.h"
#include "gateway/shadows.h"
#include "gateway/stages.h"
#include "journal/metrics.h"
#include "route/draw.h"

#include <stdlib.h>

struct shadow {
    struct http_client client; /* first */
    struct loop_task task;     /* to begin it, then to free it */
    struct arena arena;
    struct worker *worker;
    struct shadow *next, *previous; /* of the worker */
    struct lease *lease;            /* as the call was answered; taken by its own request */
    struct request *request;        /* NULL: it has not begun */
    struct shadow_state *state;
    const struct endpoint *endpoint;
    const struct token_record *token;
    const struct project *project;
    const struct surface *surface;
    struct text path, body;
    const struct chat_message *history;
    size_t history_count;
    /* of the answered call */
    struct text id;
    bool refused, structured;
    struct text answer; /* canonical JSON where it is structured, else the text */
    struct tally_side side;
};

/* --- nobody --------------------------------------------------------------------------------------
 */

static void no_reply(struct http_client *client, const struct http_reply *reply)
{
    (void)client;
    (void)reply;
}

static size_t no_piece(struct http_client *client, struct text piece)
{
    (void)client;
    (void)piece;
    return 0;
}

static void no_end(struct http_client *client, bool broken)
{
    (void)client;
    (void)broken;
}

static const struct http_client_ops nobody = {no_reply, no_reply, no_piece, no_end};

/* --- what a call came to -------------------------------------------------------------------------
 */

static bool is_judged(const struct request *request, bool *out_refused)
{
    enum error_code code = request->error.code;

    *out_refused = code == ERROR_OUTPUT_SCHEMA_VIOLATION || code == ERROR_OUTPUT_NOT_JSON ||
                   code == ERROR_OUTPUT_TRUNCATED;
    return request->calls > 0 && (code == ERROR_NONE || *out_refused);
}

/* Calls of tools are part of what was answered. */
static void put_calls(const struct chat_answer *answer, struct buffer *out)
{
    for (size_t i = 0; answer->parts != NULL && i < answer->part_count; i++) {
        if (answer->parts[i].type != CHAT_CALL)
            continue;
        buffer_put_byte(out, '\0');
        buffer_put(out, answer->parts[i].name);
        buffer_put_byte(out, '\0');
        buffer_put(out, answer->parts[i].text);
    }
}

static struct text answer_of(struct request *request, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    if (request->has_output) {
        json_put_canonical(&out, &request->output, 0, arena);
    } else {
        buffer_put(&out, request->answer.content);
        put_calls(&request->answer, &out);
    }
    return buffer_text(&out);
}

static struct tally_side side_of(const struct request *request, uint64_t duration_us)
{
    return (struct tally_side){.cost_nano = request->cost_nano,
                               .duration_us = duration_us,
                               .tokens =
                                   request->usage.prompt_tokens + request->usage.completion_tokens};
}

/* --- copying -------------------------------------------------------------------------------------
 */

static struct chat_part copy_part(struct arena *arena, const struct chat_part *part)
{
    struct chat_part copy = *part;

    copy.text = arena_copy(arena, part->text);
    copy.data = arena_copy(arena, part->data);
    copy.media_type = arena_copy(arena, part->media_type);
    copy.detail = arena_copy(arena, part->detail);
    copy.id = arena_copy(arena, part->id);
    copy.name = arena_copy(arena, part->name);
    copy.state = arena_copy(arena, part->state);
    return copy;
}

static void copy_history(struct shadow *shadow, const struct request *request)
{
    struct chat_message *messages =
        ARENA_ARRAY(&shadow->arena, struct chat_message, request->history_count + 1);

    for (size_t i = 0; i < request->history_count; i++) {
        const struct chat_message *from = &request->history[i];
        struct chat_part *parts =
            ARENA_ARRAY(&shadow->arena, struct chat_part, from->part_count + 1);

        messages[i] = (struct chat_message){.role = from->role,
                                            .text = arena_copy(&shadow->arena, from->text),
                                            .parts = from->parts != NULL ? parts : NULL,
                                            .part_count = from->part_count};
        for (size_t p = 0; from->parts != NULL && p < from->part_count; p++)
            parts[p] = copy_part(&shadow->arena, &from->parts[p]);
    }
    shadow->history = messages;
    shadow->history_count = request->history_count;
}

static void link_to_worker(struct shadow *shadow)
{
    struct worker *worker = shadow->worker;

    shadow->next = worker->shadows;
    if (shadow->next != NULL)
        shadow->next->previous = shadow;
    worker->shadows = shadow;
}

static void unlink_from_worker(struct shadow *shadow)
{
    if (shadow->previous != NULL)
        shadow->previous->next = shadow->next;
    else
        shadow->worker->shadows = shadow->next;
    if (shadow->next != NULL)
        shadow->next->previous = shadow->previous;
}

static void begin(struct loop_task *task);

static void make(struct request *request, struct shadow_state *state, bool refused,
                 uint64_t duration_us)
{
    struct shadow *shadow = calloc(1, sizeof *shadow);

    CHECK(shadow != NULL);
    shadow->client.ops = &nobody;
    shadow->task.run = begin;
    shadow->worker = request->worker;
    shadow->lease = request->lease;
    shadow->lease->holders++;
    shadow->state = state;
    shadow->endpoint = request->endpoint->shadow->endpoint;
    shadow->token = request->token;
    shadow->project = request->project;
    shadow->surface = request->surface;
    shadow->path = arena_copy(&shadow->arena, request->http.path);
    shadow->body = arena_copy(&shadow->arena, request->http.body);
    shadow->id = arena_copy(&shadow->arena, request->id);
    shadow->refused = refused;
    shadow->structured = request->has_output;
    shadow->answer = refused ? TEXT("") : answer_of(request, &shadow->arena);
    shadow->side = side_of(request, duration_us);
    copy_history(shadow, request);
    link_to_worker(shadow);
    loop_defer(shadow->worker->loop, &shadow->task);
}

static void count(struct worker *worker, const struct endpoint *endpoint, enum tally_result result)
{
    const struct text labels[] = {endpoint->slug, text_of(tally_word(result))};

    metric_add(worker->metrics, METRIC_SHADOW, labels, 1);
}

void shadow_consider(struct request *request, uint64_t duration_us)
{
    static const struct text rule = TEXT_INIT("shadow");
    const struct shadow_rule *wanted = request->endpoint != NULL ? request->endpoint->shadow : NULL;
    struct shadow_state *state;
    bool refused;

    if (wanted == NULL || request->worker->gateway->alone || !is_judged(request, &refused) ||
        route_draw(route_draw_salt(rule), request->endpoint->slug, request->id) >= wanted->share)
        return;
    state = request->lease->shared->shadows.items[wanted->index];
    if (!atomic_load_explicit(&request->worker->gateway->draining, memory_order_relaxed) &&
        shadow_enter(state, wanted->max_concurrent)) {
        make(request, state, refused, duration_us);
        return;
    }
    shadow_tally(state, TALLY_DROPPED, NULL, NULL, request->id, TEXT(""), request->wall_ms);
    count(request->worker, request->endpoint, TALLY_DROPPED);
}

/* --- its life ------------------------------------------------------------------------------------
 */

static void begin(struct loop_task *task)
{
    struct shadow *shadow = (struct shadow *)((char *)task - offsetof(struct shadow, task));
    const struct http_request http = {.method = TEXT("POST"),
                                      .path = shadow->path,
                                      .body = shadow->body,
                                      .started_us = clock_monotonic_us()};
    struct request *request = request_new(shadow->worker, shadow->lease, &http, &shadow->client);

    shadow->request = request;
    request->shadow = shadow;
    request->surface = shadow->surface;
    request->logged_as = "shadow";
    request->slug = shadow->endpoint->slug;
    request->endpoint = shadow->endpoint;
    request->token = shadow->token;
    request->project = shadow->project;
    request->history = shadow->history;
    request->history_count = shadow->history_count;
    pipeline_run(request);
}

static void end(struct shadow *shadow)
{
    struct lease *lease = shadow->request == NULL ? shadow->lease : NULL;
    struct arena arena;

    unlink_from_worker(shadow);
    shadow_leave(shadow->state); /* while there is a lease: it may be the last that keeps it */
    request_free(shadow->request);
    if (lease != NULL)
        lease_release(lease);
    arena = shadow->arena;
    arena_release(&arena);
    free(shadow);
}

static void free_it(struct loop_task *task)
{
    end((struct shadow *)((char *)task - offsetof(struct shadow, task)));
}

struct text shadow_of(const struct shadow *shadow)
{
    return shadow->id;
}

/* --- comparing -----------------------------------------------------------------------------------
 */

static bool is_equal(struct shadow *shadow, struct request *request)
{
    struct document answered;

    if (shadow->structured != request->has_output)
        return false;
    if (!request->has_output)
        return text_equal(shadow->answer, answer_of(request, &request->arena));
    return json_read(shadow->answer, NULL, &request->arena, &answered, NULL, NULL) &&
           document_equal(&answered, 0, &request->output, 0);
}

static enum tally_result compare(struct shadow *shadow, struct request *request)
{
    enum error_code code = request->error.code;
    bool refused;

    if (code == ERROR_CLIENT_CLOSED || code == ERROR_SHUTTING_DOWN)
        return TALLY_DROPPED;
    if (code == ERROR_DAILY_BUDGET_EXCEEDED || code == ERROR_MONTHLY_BUDGET_EXCEEDED)
        return TALLY_OVER_BUDGET;
    if (!is_judged(request, &refused))
        return TALLY_FAILED;
    if (shadow->refused || refused)
        return !refused          ? TALLY_ONLY_SHADOW
               : shadow->refused ? TALLY_BOTH_REFUSED
                                 : TALLY_ONLY_ANSWERED;
    return is_equal(shadow, request) ? TALLY_SAME : TALLY_DIFFERENT;
}

struct text shadow_ended(struct request *request, uint64_t duration_us)
{
    struct shadow *shadow = request->shadow;
    enum tally_result result = compare(shadow, request);
    const struct tally_side side = side_of(request, duration_us);

    shadow_tally(shadow->state, result, &shadow->side, &side, shadow->id, request->id,
                 request->wall_ms);
    count(request->worker, request->endpoint, result);
    shadow->task.run = free_it;
    loop_defer(shadow->worker->loop, &shadow->task);
    return text_of(tally_word(result));
}

void shadows_drop(struct worker *worker)
{
    while (worker->shadows != NULL) {
        struct shadow *shadow = worker->shadows;

        if (shadow->request != NULL)
            request_gone(shadow->request);
        else
            shadow_tally(shadow->state, TALLY_DROPPED, NULL, NULL, shadow->id, TEXT(""), 0);
        loop_undefer(worker->loop, &shadow->task);
        end(shadow);
    }
}
