#include "gateway/share.h"

#include "auth/token_grant.h"
#include "base/check.h"
#include "cache/answer.h"
#include "gateway/durable.h"
#include "gateway/stages.h"
#include "provider/kind.h"

enum { PIECE_BYTES = 64 * 1024, WAIT_MS = 100 };

static void told(void *context);

struct text share_word(enum share_result result)
{
    static const struct text words[] = {
        [SHARE_NONE] = TEXT_INIT(""),         [SHARE_MISS] = TEXT_INIT("miss"),
        [SHARE_HIT] = TEXT_INIT("hit"),       [SHARE_JOINED] = TEXT_INIT("joined"),
        [SHARE_BYPASS] = TEXT_INIT("bypass"),
    };

    return words[result];
}

static struct answers *answers_of(const struct request *request)
{
    return request->worker->gateway->answers;
}

static struct loop *loop_of(const struct request *request)
{
    return request->worker->loop;
}

static void leave(struct request *request)
{
    struct share *share = &request->share;

    loop_stop_timer(loop_of(request), &share->late);
    answers_leave(answers_of(request), share->seat);
    share->seat = NULL;
    share->leads = false;
}

void share_release(struct share *share)
{
    kept_answer_release(share->kept);
    buffer_release(&share->step);
}

/* --- the answer ----------------------------------------------------------------------------------
 */

bool share_take(struct request *request, const struct kept_answer *kept)
{
    struct share *share = &request->share;

    if (!answer_read(kept->bytes, kind_dialect_name, &request->arena, &request->answer)) {
        request->answer = (struct chat_answer){0};
        return false;
    }
    share->kept = kept_answer_hold((struct kept_answer *)(uintptr_t)kept);
    share->known = request->answered = true;
    return true;
}

/* The target at that place of the chain, which is the same for all whose key is the same. */
static const struct target *target_at(const struct request *request, unsigned place)
{
    CHECK(place <= request->endpoint->failover_count);
    return place == 0 ? request->target : &request->endpoint->failover[place - 1];
}

/* An answer may be another target's, whose model this token may not use. */
static bool may_have(const struct request *request, unsigned place)
{
    const struct target *target = target_at(request, place);

    return place == 0 || token_allows_model(request->token, target->provider->name, target->model);
}

/* --- asking --------------------------------------------------------------------------------------
 */

static void go_on(struct request *request)
{
    request->times.upstream_us += request_waited_us(request);
    pipeline_resume(request);
}

/* Makes its own call, for itself alone. */
static void go_alone(struct request *request)
{
    leave(request);
    request->share.result = SHARE_MISS;
    go_on(request);
}

static void late(struct loop_timer *timer)
{
    struct request *request = request_of((char *)timer - offsetof(struct request, share.late));

    error_set(&request->error, ERROR_UPSTREAM_TIMEOUT, NULL,
              "the call that this one had joined was not answered within %llu ms",
              (unsigned long long)request->endpoint->times.total_ms);
    leave(request);
    go_on(request);
}

static void wait_for(struct request *request)
{
    struct share *share = &request->share;

    share->steps = buffer_in(&request->arena);
    share->heard = (struct chat_gather){.arena = &request->arena};
    share->late.fire = late;
    loop_start_timer(loop_of(request), &share->late,
                     request->http.started_us / 1000 + request->endpoint->times.total_ms);
    request_waits(request);
}

enum verdict share_ask(struct request *request)
{
    struct share *share = &request->share;
    /* An answer that is to be kept under an Idempotency-Key is shown when that is begun. */
    const struct seat_asker asker = {.loop = loop_of(request),
                                     .told = told,
                                     .context = request,
                                     .live = stream_wanted(request) && !request->idempotency.keyed};
    struct kept_answer *kept;

    share->result = SHARE_MISS;
    switch (answers_ask(answers_of(request), &share->key, request->wall_ms,
                        request->wall_ms - share->ttl_ms, &asker, &kept, &share->seat)) {
    case ANSWERS_KEPT:
        if (share_take(request, kept))
            share->result = SHARE_HIT;
        kept_answer_release(kept);
        return NEXT;
    case ANSWERS_LEADS:
        share->leads = true;
        return NEXT;
    case ANSWERS_JOINED:
        share->result = SHARE_JOINED;
        wait_for(request);
        return WAIT;
    case ANSWERS_CROWDED:
        return NEXT;
    }
    NEVER("an answer to who asks for one");
}

/* --- hearing -------------------------------------------------------------------------------------
 */

/* False when a guardrail of this request lets no more of it through. */
static bool show(struct request *request, const struct chat_event *event, struct failure *failure)
{
    gather_take(&request->share.heard, event);
    if (event->type == CHAT_EVENT_START)
        return true;
    request->share.shown = true;
    return guarding_stream_event(request, event, failure);
}

static void refuse(struct request *request, const struct failure *failure)
{
    request->error = failure->error;
    leave(request);
    go_on(request);
}

/* Shows what was said and not shown yet, as far as the client takes it; whether that is all. When
 * it is not, what follows comes later, or the request has gone on. */
static bool catch_up(struct request *request)
{
    struct share *share = &request->share;

    while (!share->backed_up) {
        struct text rest = text_after(buffer_text(&share->steps), share->taken);
        struct failure failure = {0};
        struct chat_event event;

        if (step_read(&rest, &event)) {
            share->taken = share->steps.len - rest.len;
            if (show(request, &event, &failure))
                continue;
            refuse(request, &failure);
            return false;
        }
        share->steps.len = share->taken = 0;
        seat_read(share->seat, PIECE_BYTES, &share->steps);
        if (share->steps.len == 0)
            return true;
    }
    return false;
}

static void take_over(struct request *request)
{
    struct share *share = &request->share;

    loop_stop_timer(loop_of(request), &share->late);
    share->leads = true;
    share->result = SHARE_MISS;
    share->purges = answers_purges(answers_of(request));
    go_on(request);
}

static void take_answer(struct request *request, const struct seat_view *view)
{
    request->target = target_at(request, view->place);
    if (!share_take(request, view->answer))
        error_set(&request->error, ERROR_INTERNAL, NULL, "an answer that was shared does not read");
    leave(request);
    go_on(request);
}

static void take_error(struct request *request, const struct seat_view *view)
{
    request->error = *view->error;
    request->share.details = arena_copy(&request->arena, view->details);
    leave(request);
    go_on(request);
}

/* An answer that is being made is young enough for all who wait for it; one that was kept for who
 * leads may be older than this caller's own time to live. */
static bool is_too_old(const struct request *request, const struct seat_view *view)
{
    return view->state == SEAT_ANSWERED && view->found &&
           view->answer->stored_ms < request->wall_ms - request->share.ttl_ms;
}

/* Of those for whom the answer is too old, one makes the call and the others join it. */
static void ask_again(struct request *request)
{
    request->times.upstream_us += request_waited_us(request);
    leave(request);
    request->share.purges = answers_purges(answers_of(request));
    if (share_ask(request) == NEXT)
        go_on(request);
}

static void lose(struct request *request)
{
    error_set(&request->error, ERROR_OVERLOADED, NULL,
              "the answer of the call that this one had joined is too long to be shared");
    leave(request);
    go_on(request);
}

static void look(struct request *request)
{
    struct share *share = &request->share;
    bool live = stream_wanted(request) && !request->idempotency.keyed;
    struct seat_view view;

    seat_look(share->seat, &view);
    if (view.state == SEAT_LEADS) {
        take_over(request);
        return;
    }
    if (is_too_old(request, &view)) {
        ask_again(request);
        return;
    }
    if ((view.unread > 0 || view.state == SEAT_ANSWERED) && !may_have(request, view.place)) {
        go_alone(request);
        return;
    }
    if (view.steps_lost && share->shown) {
        lose(request);
        return;
    }
    if (live && !view.steps_lost && !catch_up(request))
        return; /* until the client takes more */
    if (view.state == SEAT_ANSWERED)
        take_answer(request, &view);
    else if (view.state == SEAT_FAILED)
        take_error(request, &view);
}

/* Somebody has come, and who leads must not stand still for a slow client of its own; or all have
 * gone, and the call is for nobody. */
static void look_after_others(struct request *request)
{
    if (seat_others(request->share.seat) > 0) {
        call_resume(request);
        return;
    }
    if (!request->gone || !request->waiting)
        return;
    request_cut_loose(request);
    error_set(&request->error, ERROR_CLIENT_CLOSED, NULL, "the client closed its connection");
    pipeline_resume(request);
}

static void told(void *context)
{
    struct request *request = request_of(context);

    if (request->share.leads)
        look_after_others(request);
    else
        look(request);
}

void share_drained(struct request *request)
{
    struct share *share = &request->share;

    if (!share->backed_up)
        return;
    share->backed_up = false;
    if (share->seat != NULL && !share->leads)
        look(request);
}

void share_forget(struct request *request)
{
    if (request->share.seat != NULL && !request->share.leads)
        leave(request);
}

/* --- leading -------------------------------------------------------------------------------------
 */

static bool is_shown(const struct chat_event *event)
{
    switch (event->type) {
    case CHAT_EVENT_TEXT:
    case CHAT_EVENT_REFUSAL:
    case CHAT_EVENT_ARGUMENTS:
        return event->text.len > 0;
    case CHAT_EVENT_CALL:
        return true;
    default:
        return false;
    }
}

void share_say(struct request *request, const struct attempt *attempt,
               const struct chat_event *event)
{
    struct share *share = &request->share;
    const struct chat_event start = {.type = CHAT_EVENT_START, .model = attempt->gather.model};

    if (!share->leads || attempt != request->winner || !is_shown(event))
        return;
    share->step.len = 0;
    if (!share->said)
        step_write(&share->step, &start);
    step_write(&share->step, event);
    share->said = true;
    seat_say(share->seat, (unsigned)request->plan.at, buffer_text(&share->step));
}

bool share_has_others(struct request *request)
{
    return request->share.leads && seat_others(request->share.seat) > 0;
}

bool share_goes_on(struct request *request)
{
    return request->at == STAGE_CALL && request->waiting && share_has_others(request);
}

static void end_orphan(struct loop_task *task)
{
    struct request *request = request_of((char *)task - offsetof(struct request, share.end));

    request_free(request);
}

/* Who is further up the stack may still look at it. */
void share_ended(struct request *request)
{
    if (!request->share.orphan)
        return;
    request->share.end.run = end_orphan;
    loop_defer(loop_of(request), &request->share.end);
}

void share_close(struct worker *worker)
{
    struct request *request = worker->requests, *next;

    for (; request != NULL; request = next) {
        next = request->next;
        if (!request->share.orphan || request->finished)
            continue;
        request_cut_loose(request);
        error_set(&request->error, ERROR_SHUTTING_DOWN, NULL, "the gateway is shutting down");
        pipeline_resume(request);
    }
    while (worker->requests != NULL && worker->requests->share.orphan)
        loop_turn(worker->loop, WAIT_MS);
}
