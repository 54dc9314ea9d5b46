/* The call: which target is asked, when, and what follows when it fails. Attempts report here; the
 * plan says what to try next; the request goes on when one has answered, or nothing is left to try.
 * At most two attempts run at once, the second being a hedge. */
#include "base/check.h"
#include "base/clock.h"
#include "base/random.h"
#include "gateway/admission.h"
#include "gateway/reserve.h"
#include "gateway/stages.h"
#include "gateway/worst.h"
#include "journal/metrics.h"

static struct loop *loop_of(const struct request *request)
{
    return request->worker->loop;
}

static void give_back_retry(struct request *request)
{
    if (request->retry_taken)
        retry_budget_give_back(&request->worker->gateway->retries);
    request->retry_taken = false;
}

/* Nothing of the call goes on any more. */
static void quiet(struct request *request)
{
    loop_stop_timer(loop_of(request), &request->pause);
    loop_stop_timer(loop_of(request), &request->hedge);
    for (struct attempt *attempt = request->attempts; attempt != NULL; attempt = attempt->next)
        attempt_cancel(attempt);
    give_back_retry(request);
    if (request->at == STAGE_CALL) /* else it is the store that is waited for */
        request->times.upstream_us += request_waited_us(request);
}

static void finish(struct request *request)
{
    quiet(request);
    pipeline_resume(request);
}

/* The one that still goes on; NULL: none. */
static struct attempt *running(const struct request *request)
{
    struct attempt *attempt = request->attempts;

    while (attempt != NULL && !attempt_goes_on(attempt))
        attempt = attempt->next;
    return attempt;
}

/* --- what comes next
 * -------------------------------------------------------------------------------- */

static enum verdict call_target(struct request *request);

void call_say_failover(struct request *request, const struct attempt *from)
{
    const struct target *to = plan_target(&request->plan);
    const char *reason = failure_row(from->failure.kind)->word;
    const struct text labels[] = {request->endpoint->slug, text_of(reason)};
    const struct trace_words ids = trace_words_of(&request->trace);
    struct arena *arena = &request->arena;

    metric_add(request->worker->metrics, METRIC_FAILOVERS, labels, 1);
    log_event(
        request->worker->gateway->log, LOG_WARN, "failover",
        "another target answers in place of one that failed", "request_id",
        arena_terminated(arena, request->id), "trace_id", ids.trace_id, "span_id", ids.span_id,
        "endpoint", arena_terminated(arena, request->endpoint->slug), "from",
        arena_printf(arena, "%.*s/%.*s", TEXT_ARG(from->target->provider->name),
                     TEXT_ARG(from->target->model))
            .at,
        "to",
        arena_printf(arena, "%.*s/%.*s", TEXT_ARG(to->provider->name), TEXT_ARG(to->model)).at,
        "reason", reason, NULL);
}

/* Whether another of the provider's credentials is ready than the one that was tried; of one there
 * is no other, and what was not sent tried none. */
static bool other_key(const struct request *request, const struct attempt *attempt)
{
    return attempt->sent_out && attempt->target->provider->key_count > 1 &&
           admission_key_ready(request, attempt->target, request->plan.tried_keys);
}

static struct plan_failure facts_of(const struct request *request, const struct attempt *attempt)
{
    return (struct plan_failure){
        .kind = attempt->failure.kind,
        .hint_ms = attempt->failure.retry_after_ms,
        .unanswered = attempt->sent_out && attempt->facts.sent != SENT_NOTHING &&
                      attempt->failure.status < 400,
        .other_key = other_key(request, attempt),
    };
}

static void pause_over(struct loop_timer *timer)
{
    struct request *request = request_of((char *)timer - offsetof(struct request, pause));

    if (call_target(request) == FAIL)
        finish(request);
}

/* It was the caller who named the model. */
static void say_no_model(struct request *request, const struct target *target)
{
    error_set(&request->error, ERROR_MODEL_NOT_FOUND, "model",
              "the provider '%.*s' does not know the model '%.*s'",
              TEXT_ARG(target->provider->name), TEXT_ARG(text_first(target->model, 96)));
}

/* Where every target is left alone, it is the first to be tried again that is worth waiting for. */
static enum verdict give_up(struct request *request, const struct attempt *attempt)
{
    unsigned *after_s = &request->error.retry_after_s;

    request->error = attempt->failure.error;
    if (attempt->failure.kind == FAILURE_MODEL && request->endpoint->kind == ENDPOINT_DIRECT)
        say_no_model(request, attempt->target);
    if (attempt->failure.kind != FAILURE_OPEN)
        return FAIL;
    for (attempt = request->attempts; attempt != NULL; attempt = attempt->next)
        if (attempt->failure.kind == FAILURE_OPEN &&
            attempt->failure.error.retry_after_s < *after_s)
            *after_s = attempt->failure.error.retry_after_s;
    return FAIL;
}

void call_next_target(struct request *request, size_t place)
{
    plan_take(&request->plan, &(struct plan_choice){.step = PLAN_NEXT, .place = place});
    request->chat.message_count = request->rendered_count;
    request->reasks = 0;
}

static enum verdict follow_plan(struct request *request, const struct attempt *failed)
{
    struct retry_budget *budget = &request->worker->gateway->retries;
    struct plan_failure facts = facts_of(request, failed);
    uint32_t random = random_below(UINT32_MAX);
    uint64_t now_ms = loop_now_ms(loop_of(request));
    struct plan_choice choice = plan_choose(&request->plan, &facts, true, now_ms, random);

    if (choice.step == PLAN_RETRY && !request->retry_taken &&
        !(request->retry_taken = retry_budget_take(budget, &retry_pace_default)))
        choice = plan_choose(&request->plan, &facts, false, now_ms, random);
    switch (choice.step) {
    case PLAN_GIVE_UP:
        return give_up(request, failed);
    case PLAN_NEXT:
        call_next_target(request, choice.place);
        call_say_failover(request, failed);
        return call_target(request);
    case PLAN_OTHER_KEY:
        return call_target(request);
    case PLAN_RETRY:
        plan_take(&request->plan, &choice);
        request->pause.fire = pause_over;
        loop_start_timer(loop_of(request), &request->pause,
                         loop_now_ms(loop_of(request)) + choice.wait_ms);
        return WAIT;
    }
    NEVER("a step that is none");
}

/* --- hedging
 * --------------------------------------------------------------------------------------- */

/* The second target is asked only if it is fine, there is time and a key for it, and few calls are
 * hedged. */
static void hedge_due(struct loop_timer *timer)
{
    struct request *request = request_of((char *)timer - offsetof(struct request, hedge));
    size_t place = plan_next_place(&request->plan, ON_ANY);
    const struct target *target;
    struct attempt *attempt;
    bool refused;

    if (request->winner != NULL || place == SIZE_MAX)
        return;
    target = &request->endpoint->failover[place - 1];
    if (!retry_in_time(&retry_pace_default, loop_now_ms(loop_of(request)), 0,
                       request->plan.deadline_ms) ||
        !admission_free(request, target) || !reserve_covered_now(request, target, &refused) ||
        !retry_budget_hedge(&request->worker->gateway->retries))
        return;
    attempt = admission_ask(request, target, 0);
    if (attempt->failure.kind != FAILURE_NONE)
        return;
    request->target = target;
    plan_stand_at(&request->plan, target);
    request->plan.tried_keys = UINT64_C(1) << attempt->key.key;
    attempt_start(attempt);
}

static void arm_hedge(struct request *request, const struct attempt *first)
{
    const struct hedge_rule *rule = &request->endpoint->hedge;
    const struct target_health *health =
        request->lease->shared->health.targets[first->target->index];
    uint64_t now_ms = loop_now_ms(loop_of(request)), after_us = rule->after_ms * 1000;

    if (!rule->on || request->plan.calls > 1 || plan_next_place(&request->plan, ON_ANY) == SIZE_MAX)
        return;
    if (after_us == 0 &&
        !latency_quantile(&health->latency, 95, TARGET_CALLS_MIN, now_ms, &after_us))
        return;
    request->hedge.fire = hedge_due;
    loop_start_timer(loop_of(request), &request->hedge,
                     loop_now_ms(loop_of(request)) + after_us / 1000);
}

/* --- the stage
 * ------------------------------------------------------------------------------------- */

static enum verdict call_target(struct request *request)
{
    struct plan *plan = &request->plan;
    enum reserve_answer covered = reserve_cover(request, plan_target(plan));
    struct attempt *attempt;

    if (covered != RESERVE_COVERED)
        return covered == RESERVE_WAITS ? WAIT : FAIL;
    attempt = admission_ask(request, plan_target(plan), plan->tried_keys);
    request->target = attempt->target;
    if (attempt->failure.kind != FAILURE_NONE)
        return follow_plan(request, attempt);
    plan->tried_keys |= UINT64_C(1) << attempt->key.key;
    attempt_start(attempt);
    notes_asked(request, attempt);
    arm_hedge(request, attempt);
    return WAIT;
}

void call_covered(struct request *request)
{
    if (request->error.code != ERROR_NONE || call_target(request) == FAIL)
        finish(request);
}

void call_began(struct attempt *attempt)
{
    struct request *request = attempt->request;

    guarding_begin_answer(request);
    request->winner = attempt;
    request->target = attempt->target;
    plan_stand_at(&request->plan, attempt->target);
    loop_stop_timer(loop_of(request), &request->hedge);
    for (struct attempt *other = request->attempts; other != NULL; other = other->next)
        if (other != attempt)
            attempt_cancel(other);
}

bool call_step(struct attempt *attempt, const struct chat_event *event)
{
    struct failure failure = {0};
    struct chat_event shown = *event;
    size_t good = event->text.len;
    bool fits =
        event->type != CHAT_EVENT_TEXT || output_watch_take(attempt, event->text, &good, &failure);

    if (fits && worst_overrun(attempt)) {
        failure_set(&failure, FAILURE_OVERRUN, NULL,
                    "provider '%.*s' wrote more than the longest answer that was asked for",
                    TEXT_ARG(attempt->target->provider->name));
        fits = false;
    }
    shown.text = text_first(event->text, good);
    notes_written(attempt->request, good);
    if (stream_wanted(attempt->request)) {
        share_say(attempt->request, attempt, &shown);
        fits = guarding_stream_event(attempt->request, &shown, &failure) && fits;
    }
    if (!fits)
        attempt_fail(attempt, &failure);
    return fits;
}

/* Where a hedge was sent, the plan goes on from its target, and so from how that one failed. */
static const struct attempt *decisive(const struct request *request, const struct attempt *ended)
{
    const struct target *target = plan_target(&request->plan);

    for (const struct attempt *attempt = ended->next; attempt != NULL; attempt = attempt->next)
        if (attempt->target == target && attempt->sent_out)
            ended = attempt;
    return ended;
}

/* What a client has had, or another that shares the answer, is final. */
static bool is_final(const struct request *request)
{
    return request->streaming || request->share.said;
}

/* An answer was cancelled because it could not fit any more: a matter of the output policy, unless
 * the client has had its beginning. */
static void doomed(struct attempt *attempt)
{
    struct request *request = attempt->request;
    const struct text labels[] = {request->endpoint->slug, TEXT("output")};

    if (is_final(request)) {
        metric_add(request->worker->metrics, METRIC_SCHEMA_VIOLATIONS, labels, 1);
        give_up(request, attempt);
    } else {
        gather_answer(&attempt->gather, &request->answer);
        request->winner = attempt;
        request->doomed = true;
    }
    finish(request);
}

static void failed(struct attempt *attempt)
{
    struct request *request = attempt->request;
    const struct attempt *other = running(request);

    if (request->winner == attempt && !is_final(request))
        request->winner = NULL;
    loop_stop_timer(loop_of(request), &request->hedge); /* what comes next is the plan's business */
    if (other != NULL) {
        request->target = other->target;
    } else if (attempt->failure.kind == FAILURE_OUTPUT) {
        doomed(attempt);
    } else if (is_final(request)) {
        give_up(request, attempt);
        finish(request);
    } else if (follow_plan(request, decisive(request, attempt)) == FAIL) {
        finish(request);
    }
}

void call_ended(struct attempt *attempt)
{
    struct request *request = attempt->request;

    if (!attempt->answered) {
        failed(attempt);
        return;
    }
    if (request->winner != attempt)
        call_began(attempt);
    request->answer = attempt->answer;
    request->answered = true;
    finish(request);
}

static void leave_budget(void *gateway)
{
    retry_budget_leave(&((struct gateway *)gateway)->retries);
}

/* False when the gateway itself, its store above all, has taken so long that no provider is to be
 * held to what is left. */
static bool begin(struct request *request)
{
    struct gateway *gateway = request->worker->gateway;
    uint64_t total_ms = request->endpoint->times.total_ms;
    uint64_t now_ms = loop_now_ms(loop_of(request));

    request->called = true;
    request->plan = (struct plan){
        .endpoint = request->endpoint,
        .routed = request->target,
        .token = request->shadow == NULL ? request->token : NULL,
        .chat = &request->chat,
        .deadline_ms = request->http.started_us / 1000 + total_ms,
    };
    retry_budget_enter(&gateway->retries, &retry_pace_default);
    arena_defer(&request->arena, leave_budget, gateway);
    if (retry_in_time(&retry_pace_default, now_ms, 0, request->plan.deadline_ms) ||
        request->plan.deadline_ms >= now_ms + total_ms / 2)
        return true;
    error_set(&request->error, ERROR_OVERLOADED, NULL,
              "the time for the call was used up before a provider could be asked");
    error_hint(&request->error, "try again; if it stays so, the gateway's store is too slow");
    return false;
}

enum verdict stage_call(struct request *request)
{
    enum verdict verdict;

    if (!request->called && !begin(request))
        return FAIL;
    request->winner = NULL;
    request->doomed = false;
    request_waits(request);
    verdict = call_target(request);
    if (verdict == FAIL)
        quiet(request);
    return verdict;
}

void call_cancel(struct request *request)
{
    if (request->called)
        quiet(request);
}

void call_resume(struct request *request)
{
    struct attempt *winner = request->winner;

    if (winner == NULL || winner->exchange == NULL || !winner->paused)
        return;
    winner->paused = false;
    exchange_resume(winner->exchange);
}
