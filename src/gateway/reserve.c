/* Money is held for one call at the dearest target that can be reached: most requests make one. A
 * further call that costs money, a re-ask or a target after one that was paid for, is covered
 * before it is sent. So nothing is ever sent that is not covered, and little is held that is not
 * needed.
 */
#include "gateway/reserve.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "document/json_write.h"
#include "gateway/ledger.h"
#include "gateway/stages.h"
#include "gateway/worst.h"
#include "journal/metrics.h"

#include <stdio.h>
#include <stdlib.h>

/* --- the accounts
 * ----------------------------------------------------------------------------------- */

struct claims {
    struct budget_claim items[BUDGET_CLAIMS_MAX];
    size_t count;
    bool limited;
};

static void claim(struct claims *claims, struct text account, const struct budget_rule *rule,
                  uint32_t markup)
{
    for (int kind = 0; kind < PERIOD_KIND_COUNT; kind++) {
        if (!rule->limited[kind] && !text_equal(account, TEXT(RESERVE_ORGANISATION)))
            continue;
        claims->limited |= rule->limited[kind];
        claims->items[claims->count++] = (struct budget_claim){
            .account = account,
            .kind = (enum period_kind)kind,
            .limit = rule->limited[kind] ? rule->limits[kind] : STORE_BUDGET_UNLIMITED,
            .markup = markup,
            .warn_at = rule->warn_at,
        };
    }
}

struct budget_rule reserve_token_rule(const struct token_budget *budget)
{
    struct budget_rule rule = {.warn_at = {80, 100}};

    rule.limited[PERIOD_MONTH] = budget->monthly_nano != TOKEN_UNLIMITED;
    rule.limits[PERIOD_MONTH] = budget->monthly_nano;
    rule.limited[PERIOD_DAY] = budget->daily_nano != TOKEN_UNLIMITED;
    rule.limits[PERIOD_DAY] = budget->daily_nano;
    return rule;
}

/* Most have no limit, and then need no name. */
static void claim_named(struct claims *claims, struct request *request, const char *of,
                        struct text name, const struct budget_rule *rule, uint32_t markup)
{
    if (rule->limited[PERIOD_DAY] || rule->limited[PERIOD_MONTH])
        claim(claims, arena_printf(&request->arena, "%s/%.*s", of, TEXT_ARG(name)), rule, markup);
}

/* Every call counts against the organisation, also where that has no limit, so that what a crash
 * cuts off is known. A markup is what projects and their tokens are charged with; it is no cost. */
static struct claims claims_of(struct request *request)
{
    const struct project *project = request->project;
    struct budget_rule *token = ARENA_NEW(&request->arena, struct budget_rule);
    struct claims claims = {0};

    claim(&claims, TEXT(RESERVE_ORGANISATION), &request->config->budget, 0);
    if (request->shadow != NULL) {
        claim_named(&claims, request, "shadow", request->endpoint->slug, &request->endpoint->budget,
                    0);
        return claims;
    }
    *token = reserve_token_rule(&request->token->budget);
    claim_named(&claims, request, "endpoint", request->endpoint->slug, &request->endpoint->budget,
                0);
    claim_named(&claims, request, "project", project->name, &project->budget, project->markup_bp);
    claim_named(&claims, request, "token", request->token->id, token, project->markup_bp);
    return claims;
}

static bool priced(struct request *request, const struct target *target)
{
    if (target->price != NULL &&
        (worst_answer(request, target) != WORST_UNKNOWN || target->price->base.output == 0))
        return true;
    error_set(&request->error, ERROR_PRICE_UNKNOWN, NULL,
              "the %s of model '%.*s' is not known, and this call counts against a budget",
              target->price == NULL ? "price" : "longest answer", TEXT_ARG(target->model));
    error_hint(&request->error, target->price == NULL
                                    ? "its price is to be added to 'prices' in pinion.yaml"
                                : request->endpoint->kind == ENDPOINT_SLUG
                                    ? "'max_tokens' is to be pinned in the endpoint's file"
                                    : "send 'max_tokens', whatever the longest answer is to be");
    return false;
}

static bool all_priced(struct request *request)
{
    const struct endpoint *endpoint = request->endpoint;

    if (!priced(request, request->target))
        return false;
    for (size_t i = 0; i < endpoint->failover_count; i++)
        if (!priced(request, &endpoint->failover[i]))
            return false;
    return true;
}

/* The cap on one call: its prompt, and the answer as long as it was asked to be at most. */
static bool within_cap(struct request *request, const struct budget_rule *rule, const char *whose)
{
    int64_t asked = worst_asked(request, request->target), answer = asked > 0 ? asked : 0;
    int64_t tokens = request->prompt_tokens + answer;

    if (rule->request_tokens == 0 || tokens <= rule->request_tokens)
        return true;
    error_set(&request->error, ERROR_REQUEST_TOKENS_EXCEEDED, NULL,
              "the call takes about %lld tokens, of them %lld for the answer; the most that %s "
              "allows is %lld",
              (long long)tokens, (long long)answer, whose, (long long)rule->request_tokens);
    error_hint(&request->error, "send a shorter input, or ask for a shorter answer");
    return false;
}

/* --- refusals
 * --------------------------------------------------------------------------------------- */

static const struct {
    const char *account, *whose;
} owners[] = {
    {"organisation", "of the organisation"},
    {"endpoint", "of this endpoint"},
    {"project", "of this token's project"},
    {"shadow", "of this endpoint's shadow"},
    {"token", "of this token"},
};

static struct text usd(struct request *request, int64_t nano)
{
    struct buffer out = buffer_in(&request->arena);

    json_put_nano(&out, nano);
    return buffer_text(&out);
}

/* What the caller's own token may spend is its business; what others may is not. */
void reserve_put_details(struct request *request, struct buffer *out)
{
    const struct budget_refusal *refusal = request->refusal;
    struct text rest = text_of(refusal->key), account = text_split(&rest, '/');
    char when[CLOCK_RFC3339_BYTES];

    json_put_name(out, "budget");
    buffer_put_byte(out, '{');
    json_put_text(out, "of", account);
    json_put_text(out, "period", text_of(period_word(refusal->kind)));
    json_put_text(out, "resets_at", clock_rfc3339(refusal->until_ms, when));
    json_put_text(out, "needed_usd", usd(request, refusal->needed));
    if (text_equal(account, TEXT("token"))) {
        json_put_text(out, "limit_usd", usd(request, refusal->limit));
        json_put_text(out, "spent_usd", usd(request, refusal->spent));
        json_put_text(out, "reserved_usd", usd(request, refusal->held));
    }
    buffer_put_byte(out, '}');
}

static void explain(struct request *request, const struct budget_refusal *refusal)
{
    struct text rest = text_of(refusal->key), account = text_split(&rest, '/');
    char when[CLOCK_RFC3339_BYTES];
    const char *whose = "";
    struct text labels[2] = {request->endpoint->slug};

    request->error = refusal->error;
    if (account.len == 0)
        return;
    for (size_t i = 0; i < sizeof owners / sizeof *owners; i++)
        if (text_equal(account, text_of(owners[i].account)))
            whose = owners[i].whose;
    error_set(&request->error, refusal->error.code, NULL,
              "the %s budget %s does not cover this call, which can cost up to %.*s USD",
              period_word(refusal->kind), whose, TEXT_ARG(usd(request, refusal->needed)));
    error_hint(&request->error, "it begins anew at %.*s",
               TEXT_ARG(clock_rfc3339(refusal->until_ms, when)));
    request->refusal = ARENA_NEW(&request->arena, struct budget_refusal);
    *request->refusal = *refusal;
    labels[1] =
        arena_printf(&request->arena, "%.*s_%s", TEXT_ARG(account), period_word(refusal->kind));
    metric_add(request->worker->metrics, METRIC_BUDGET_REJECTED, labels, 1);
}

/* --- waiting
 * ---------------------------------------------------------------------------------------- */

/* On the heap, because it outlives a request that leaves. */
struct reserve_wait {
    struct budget_waiter waiter; /* first */
    struct worker *worker;
    struct request *request; /* NULL: it has left */
};

static void go_on(struct request *request)
{
    if (request->at == STAGE_CALL) {
        call_covered(request);
        return;
    }
    request->times.store_us += request_waited_us(request);
    pipeline_resume(request);
}

static void ready(struct budget_waiter *waiter)
{
    struct reserve_wait *wait = (struct reserve_wait *)waiter;
    struct request *request = wait->request;

    wait->worker->commands--;
    if (request != NULL) {
        request->reserve = NULL;
        if (waiter->refused)
            explain(request, &waiter->refusal);
    }
    free(wait);
    if (request != NULL)
        go_on(request);
}

void reserve_forget(struct request *request)
{
    struct reserve_wait *wait = request->reserve;

    if (wait == NULL)
        return;
    request->reserve = NULL;
    wait->request = NULL;
    if (!budgets_leave(request->worker->gateway->budgets, &wait->waiter))
        return;
    wait->worker->commands--;
    free(wait);
}

static enum reserve_answer wait_for(struct request *request, int64_t cost,
                                    struct budget_refusal *refusal)
{
    struct reserve_wait *wait = calloc(1, sizeof *wait);
    enum budget_answer answer;

    CHECK(wait != NULL && request->reserve == NULL);
    *wait = (struct reserve_wait){.waiter = {.loop = request->worker->loop, .ready = ready},
                                  .worker = request->worker,
                                  .request = request};
    request->worker->commands++;
    request->reserve = wait;
    answer = budgets_hold(request->worker->gateway->budgets, &request->hold, cost, &wait->waiter,
                          refusal);
    if (answer == BUDGET_WAITS)
        return RESERVE_WAITS;
    request->reserve = NULL;
    request->worker->commands--;
    free(wait);
    return answer == BUDGET_HELD ? RESERVE_COVERED : RESERVE_REFUSED;
}

static enum reserve_answer hold(struct request *request, int64_t cost)
{
    struct budgets *budgets = request->worker->gateway->budgets;
    enum reserve_answer answer = RESERVE_COVERED;
    struct budget_refusal refusal;

    if (cost <= request->hold.cost)
        return RESERVE_COVERED;
    switch (budgets_hold(budgets, &request->hold, cost, NULL, &refusal)) {
    case BUDGET_HELD:
        break;
    case BUDGET_WAITS:
        answer = wait_for(request, cost, &refusal);
        break;
    case BUDGET_REFUSED:
        answer = RESERVE_REFUSED;
        break;
    }
    if (answer == RESERVE_REFUSED)
        explain(request, &refusal);
    return answer;
}

/* --- the stage, and calls after the first
 * ----------------------------------------------------------- */

enum verdict stage_reserve(struct request *request)
{
    const struct config *config = request->config;
    struct claims claims = claims_of(request);

    if (request->prompt_tokens == 0) /* else the meter has looked */
        request->prompt_tokens = worst_prompt(request);
    if (!within_cap(request, &request->endpoint->budget, "the endpoint") ||
        !within_cap(request, &request->project->budget, "the token's project") ||
        !within_cap(request, &config->budget, "the organisation") ||
        (claims.limited && !all_priced(request)))
        return FAIL;
    budgets_open(request->worker->gateway->budgets, &request->hold, claims.items, claims.count,
                 config->settings.zone, config->settings.timezone, request->wall_ms);
    request_waits(request);
    switch (hold(request, worst_of_all(request, request->prompt_tokens))) {
    case RESERVE_COVERED:
        return NEXT;
    case RESERVE_WAITS:
        return WAIT;
    case RESERVE_REFUSED:
        return FAIL;
    }
    NEVER("an answer that is none");
}

/* What the request would have cost at worst with one more call to that target, beside what its
 * attempts have cost and those still running may. */
static int64_t cost_with(struct request *request, const struct target *target)
{
    int64_t prompt_tokens = worst_prompt(request), spent = account_spent(request);
    int64_t sum = usage_plus(spent > 0 ? spent : 0, worst_cost(request, target, prompt_tokens));

    for (const struct attempt *attempt = request->attempts; attempt != NULL;
         attempt = attempt->next)
        if (attempt_goes_on(attempt))
            sum = usage_plus(sum, worst_cost(request, attempt->target, prompt_tokens));
    return sum;
}

enum reserve_answer reserve_cover(struct request *request, const struct target *target)
{
    if (request->attempts == NULL) /* the stage has held for the dearest */
        return RESERVE_COVERED;
    return hold(request, cost_with(request, target));
}

bool reserve_covered_now(struct request *request, const struct target *target, bool *out_refused)
{
    struct budgets *budgets = request->worker->gateway->budgets;
    int64_t cost = cost_with(request, target);
    struct budget_refusal refusal;
    enum budget_answer answer = BUDGET_HELD;

    if (cost > request->hold.cost)
        answer = budgets_hold(budgets, &request->hold, cost, NULL, &refusal);
    *out_refused = answer == BUDGET_REFUSED;
    return answer == BUDGET_HELD;
}

/* --- settling
 * --------------------------------------------------------------------------------------- */

static void warn(struct request *request, const struct budget_crossing *crossing)
{
    struct arena *arena = &request->arena;

    log_event(request->worker->gateway->log, LOG_WARN, "budget",
              "a budget has reached a part of its limit", "budget", crossing->key, "percent",
              arena_printf(arena, "%u", crossing->percent).at, "spent_usd",
              arena_terminated(arena, usd(request, crossing->spent)), "limit_usd",
              arena_terminated(arena, usd(request, crossing->limit)), NULL);
}

void reserve_settle(struct request *request, int64_t cost_nano)
{
    struct budget_crossing crossings[BUDGET_CLAIMS_MAX];
    size_t count;

    for (size_t i = 0; i < request->hold.count && cost_nano > 0; i++) {
        const struct budget_part *part = &request->hold.parts[i];

        ledger_settle(request->worker, budget_part_key(part),
                      budget_charge(cost_nano, part->claim.markup));
    }
    count = budgets_settle(request->worker->gateway->budgets, &request->hold, cost_nano, crossings);
    for (size_t i = 0; i < count; i++)
        warn(request, &crossings[i]);
}
