#include "gateway/admission.h"

#include "base/check.h"
#include "base/random.h"
#include "gateway/audit_trail.h"
#include "gateway/stages.h"

enum { REST_MAX_MS = 60000, RECORD_EVERY_MS = 3600000 };

static uint64_t now_of(const struct request *request)
{
    return loop_now_ms(request->worker->loop);
}

static struct target_health *health_of(const struct request *request, const struct target *target)
{
    return request->lease->shared->health.targets[target->index];
}

static struct provider_health *keys_of(const struct request *request, const struct target *target)
{
    return request->lease->shared->health.providers[target->provider - request->config->providers];
}

/* --- before
 * ---------------------------------------------------------------------------------------- */

static struct key_pick pick_key(const struct request *request, const struct target *target,
                                uint64_t tried)
{
    if (target->provider->key_count < 2) /* nothing to choose, so none is ever left out */
        return (struct key_pick){.state = KEY_READY};
    return key_pool_pick(&keys_of(request, target)->keys, &key_pool_rule_default, tried,
                         now_of(request));
}

static void no_key(struct attempt *attempt, struct key_pick pick)
{
    struct failure *failure = &attempt->failure;
    struct text name = attempt->target->provider->name;

    switch (pick.state) {
    case KEY_COOLING:
        failure_set(failure, FAILURE_RATE, NULL, "the rate limit of provider '%.*s' is reached",
                    TEXT_ARG(name));
        break;
    case KEY_SPENT:
        failure_set(failure, FAILURE_QUOTA, "check the account's plan and balance",
                    "the quota or credit at provider '%.*s' is used up", TEXT_ARG(name));
        break;
    default:
        failure_set(failure, FAILURE_CREDENTIAL, "check the provider's key and its permissions",
                    "provider '%.*s' refuses the gateway's credential", TEXT_ARG(name));
        break;
    }
    if (pick.wait_ms == UINT64_MAX)
        return;
    failure->retry_after_ms = pick.wait_ms;
    failure->error.retry_after_s = (unsigned)((pick.wait_ms + 999) / 1000);
}

static void circuit_open(struct attempt *attempt)
{
    attempt->failure.retry_after_ms = attempt->pass.wait_ms;
    failure_set(&attempt->failure, FAILURE_OPEN, NULL,
                "provider '%.*s' has been failing and is left alone for a while",
                TEXT_ARG(attempt->target->provider->name));
    attempt->failure.error.retry_after_s = (unsigned)((attempt->pass.wait_ms + 999) / 1000);
}

/* How long the target is still to be left alone, as it asked; 0: it is not. */
static uint64_t rest_left_ms(const struct request *request, const struct target *target)
{
    uint64_t until_ms =
        atomic_load_explicit(&health_of(request, target)->rests_until_ms, memory_order_relaxed);
    uint64_t now_ms = now_of(request);

    return until_ms > now_ms ? until_ms - now_ms : 0;
}

/* It asked to be left alone for some time yet, and another target takes its calls. */
static bool rests(const struct request *request, struct attempt *attempt)
{
    uint64_t left_ms = rest_left_ms(request, attempt->target);

    if (left_ms == 0 || plan_next_place(&request->plan, ON_RATE_LIMIT) == SIZE_MAX)
        return false;
    failure_set(&attempt->failure, FAILURE_RATE, NULL,
                "the rate limit of provider '%.*s' is reached",
                TEXT_ARG(attempt->target->provider->name));
    attempt->failure.retry_after_ms = left_ms;
    attempt->failure.error.retry_after_s = (unsigned)((left_ms + 999) / 1000);
    return true;
}

/* The first use of a key by this process is recorded. */
static void note_use(const struct attempt *attempt)
{
    const struct request *request = attempt->request;
    struct provider_health *health = keys_of(request, attempt->target);
    uint64_t bit = 1ULL << attempt->key.key;

    if ((atomic_load_explicit(&health->keys_used, memory_order_relaxed) & bit) != 0 ||
        attempt->target->provider->key_count == 0)
        return;
    if ((atomic_fetch_or(&health->keys_used, bit) & bit) == 0)
        audit_trail_key(request->worker->gateway, AUDIT_KEY_USE, health->provider,
                        attempt->key.key + 1, request->wall_ms);
}

struct attempt *admission_ask(struct request *request, const struct target *target, uint64_t tried)
{
    struct attempt *attempt = attempt_new(request, target);
    struct target_health *health = health_of(request, target);

    request->plan.calls++; /* whether it is sent or not: nothing goes round for ever */
    if (rests(request, attempt))
        return attempt;
    attempt->pass = breaker_ask(&health->breaker, &target->provider->breaker, now_of(request));
    if (attempt->pass.answer == BREAKER_WAIT) {
        circuit_open(attempt);
        return attempt;
    }
    attempt->key = pick_key(request, target, tried);
    if (attempt->key.state == KEY_READY) {
        note_use(attempt);
        return attempt;
    }
    no_key(attempt, attempt->key);
    breaker_report(&health->breaker, &target->provider->breaker, attempt->pass.ticket,
                   BREAKER_NEUTRAL, now_of(request), 0);
    return attempt;
}

bool admission_key_ready(const struct request *request, const struct target *target, uint64_t tried)
{
    return target->provider->key_count < 2
               ? tried == 0
               : key_pool_ready(&keys_of(request, target)->keys, tried, now_of(request));
}

bool admission_free(const struct request *request, const struct target *target)
{
    return rest_left_ms(request, target) == 0 &&
           breaker_state(&health_of(request, target)->breaker, now_of(request)) == BREAKER_CLOSED &&
           admission_key_ready(request, target, 0);
}

/* --- after
 * ----------------------------------------------------------------------------------------- */

static enum breaker_verdict breaker_verdict_of(const struct attempt *attempt)
{
    /* A model that writes what does not fit is a target that answers. */
    if (attempt->answered || attempt->failure.kind == FAILURE_OUTPUT)
        return BREAKER_OK;
    if (attempt->hurried && attempt->failure.kind == FAILURE_TIMEOUT && attempt->status < 400)
        return BREAKER_NEUTRAL; /* others had used up the time that it was to answer in */
    if (!attempt->cancelled && failure_row(attempt->failure.kind)->blame == BLAME_TARGET)
        return BREAKER_FAULT;
    return BREAKER_NEUTRAL;
}

static void tell_breaker(struct attempt *attempt)
{
    struct target_health *health = health_of(attempt->request, attempt->target);
    enum breaker_verdict verdict = breaker_verdict_of(attempt);
    uint32_t random = verdict == BREAKER_FAULT ? random_below(UINT32_MAX) : 0;
    enum breaker_change change =
        breaker_report(&health->breaker, &attempt->target->provider->breaker, attempt->pass.ticket,
                       verdict, now_of(attempt->request), random);
    struct arena *arena = &attempt->request->arena;

    if (change == BREAKER_SAME)
        return;
    log_event(attempt->request->worker->gateway->log,
              change == BREAKER_OPENED ? LOG_WARN : LOG_INFO, "breaker",
              change == BREAKER_OPENED ? "a target fails and is left alone"
                                       : "a target answers again",
              "provider", arena_terminated(arena, health->provider), "model",
              arena_terminated(arena, health->model), "reason",
              failure_row(attempt->failure.kind)->word, NULL);
}

static enum key_verdict key_verdict_of(const struct attempt *attempt)
{
    if (attempt->answered || attempt->failure.kind == FAILURE_OUTPUT)
        return KEY_WORKED;
    switch (attempt->failure.kind) {
    case FAILURE_CREDENTIAL:
        return KEY_DENIED;
    case FAILURE_QUOTA:
        return KEY_EXHAUSTED;
    case FAILURE_RATE:
        return KEY_LIMITED;
    default:
        return KEY_UNTOLD;
    }
}

static void record_loss(const struct attempt *attempt)
{
    const struct request *request = attempt->request;

    audit_trail_key(request->worker->gateway,
                    attempt->failure.kind == FAILURE_QUOTA ? AUDIT_KEY_SPENT : AUDIT_KEY_REFUSED,
                    attempt->target->provider->name, attempt->key.key + 1, request->wall_ms);
}

/* What the last call that says anything of it says. It is in every worker's cache, and written to
 * only where that is another thing. */
static void see_only_key(const struct attempt *attempt)
{
    _Atomic uint32_t *only_key = &keys_of(attempt->request, attempt->target)->only_key;
    enum key_verdict verdict = key_verdict_of(attempt);
    uint32_t state = verdict == KEY_EXHAUSTED ? KEY_SPENT
                     : verdict == KEY_DENIED  ? KEY_REFUSED
                                              : KEY_READY;

    if (verdict != KEY_UNTOLD && atomic_load_explicit(only_key, memory_order_relaxed) != state)
        atomic_store_explicit(only_key, state, memory_order_relaxed);
}

/* An only key is used on, so each call with it would be a loss: recorded once an hour. */
static void note_only_key(const struct attempt *attempt)
{
    _Atomic uint64_t *told_ms = &keys_of(attempt->request, attempt->target)->told_ms;
    uint64_t told = atomic_load_explicit(told_ms, memory_order_relaxed);
    uint64_t now_ms = now_of(attempt->request);
    bool lost =
        attempt->failure.kind == FAILURE_QUOTA || attempt->failure.kind == FAILURE_CREDENTIAL;

    if (lost && (told == 0 || now_ms - told >= RECORD_EVERY_MS) &&
        atomic_compare_exchange_strong(told_ms, &told, now_ms))
        record_loss(attempt);
}

static void tell_keys(struct attempt *attempt)
{
    struct request *request = attempt->request;
    struct gateway *gateway = request->worker->gateway;
    const struct provider *provider = attempt->target->provider;
    struct provider_health *health = keys_of(request, attempt->target);
    enum key_change change;
    const char *name, *place;

    if (provider->key_count < 2) { /* there is no other to use meanwhile */
        see_only_key(attempt);
        note_only_key(attempt);
        return;
    }
    change = key_pool_report(&health->keys, &key_pool_rule_default, attempt->key,
                             key_verdict_of(attempt), attempt->failure.retry_after_ms,
                             now_of(attempt->request));
    if (change == KEY_SAME)
        return;
    name = arena_terminated(&request->arena, health->provider);
    place = arena_printf(&request->arena, "%u", attempt->key.key + 1).at;
    if (change == KEY_LOST)
        record_loss(attempt);
    if (change == KEY_LOST)
        log_event(gateway->log, LOG_ERROR, "provider_key",
                  "a provider does not accept one of its keys; it is left out", "provider", name,
                  "key", place, "reason", failure_row(attempt->failure.kind)->word, NULL);
    else
        log_event(gateway->log, LOG_INFO, "provider_key", "a key is accepted again", "provider",
                  name, "key", place, NULL);
}

/* A target that asked to be left alone is, where another can answer meanwhile. Of several keys it
 * is the one that is over its limit, and rests by itself. */
static void note_rest(struct attempt *attempt)
{
    _Atomic uint64_t *rests = &health_of(attempt->request, attempt->target)->rests_until_ms;
    uint64_t rest_ms = attempt->failure.retry_after_ms, known_ms, until_ms;
    bool full = attempt->failure.kind == FAILURE_OVERLOAD ||
                (attempt->failure.kind == FAILURE_RATE && attempt->target->provider->key_count < 2);

    if (!full || rest_ms == 0)
        return;
    until_ms = now_of(attempt->request) + (rest_ms < REST_MAX_MS ? rest_ms : REST_MAX_MS);
    known_ms = atomic_load_explicit(rests, memory_order_relaxed);
    while (known_ms < until_ms && !atomic_compare_exchange_weak(rests, &known_ms, until_ms))
        continue;
}

void admission_report(struct attempt *attempt)
{
    tell_breaker(attempt);
    tell_keys(attempt);
    note_rest(attempt);
}
