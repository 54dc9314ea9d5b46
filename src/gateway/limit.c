/* How often a token may call, and how many of its calls run at once. */
#include "base/check.h"
#include "gateway/stages.h"
#include "gateway/under_way.h"
#include "journal/metrics.h"

uint64_t limit_key(const char *kind, struct text who, struct text what)
{
    uint64_t key = text_hash(text_of(kind));

    key = (key << 9 | key >> 55) ^ text_hash(who);
    return (key << 9 | key >> 55) ^ text_hash(what);
}

static void add(struct request *request, const struct call_limits *limits, enum policy_scope scope,
                struct text who, struct text what)
{
    if ((limits->per_minute | limits->per_hour | limits->tokens_per_minute | limits->concurrent) ==
        0)
        return; /* most often nothing is set, and then there is nothing to hash */
    policies_add(&request->policies, limits, scope, limit_key(policy_scope_word(scope), who, what));
}

static void gather(struct request *request)
{
    struct text token = request->token->id;

    add(request, &request->endpoint->limits, POLICY_ENDPOINT, token, request->endpoint->slug);
    add(request, &request->token->limits, POLICY_TOKEN, token, TEXT(""));
    add(request, &request->project->limits, POLICY_PROJECT, request->project->id, TEXT(""));
}

/* "more than 60 calls of this token at this endpoint a minute" */
static void say(struct error *error, const struct policy *policy)
{
    static const char *const whose[POLICY_SCOPE_COUNT] = {
        [POLICY_ENDPOINT] = "of this token at this endpoint",
        [POLICY_TOKEN] = "of this token",
        [POLICY_PROJECT] = "of this project",
    };
    static const struct {
        const char *what, *in;
    } words[POLICY_KIND_COUNT] = {
        [POLICY_MINUTE] = {"calls", "a minute"},
        [POLICY_HOUR] = {"calls", "an hour"},
        [POLICY_TOKENS] = {"tokens", "a minute"},
        [POLICY_CONCURRENT] = {"calls", "at once"},
    };

    error_set(error,
              policy->kind == POLICY_CONCURRENT ? ERROR_CONCURRENCY_LIMITED : ERROR_RATE_LIMITED,
              NULL, "more than %u %s %s %s", policy->quota, words[policy->kind].what,
              whose[policy->scope], words[policy->kind].in);
    error->retry_after_s = policy->verdict.retry_after_s;
}

enum verdict limit_refuse(struct request *request, const struct policy *policy)
{
    const struct text labels[] = {request->endpoint->slug, text_of(policy_name(policy))};

    metric_add(request->worker->metrics, METRIC_RATE_LIMITED, labels, 1);
    request->refused = policy;
    say(&request->error, policy);
    return FAIL;
}

enum verdict stage_limit(struct request *request)
{
    const struct policy *refused;

    if (request->shadow != NULL) /* it is no call of the token's */
        return NEXT;
    under_way_begin(request);
    gather(request);
    refused = policies_enter(&request->policies, request->worker->gateway->rates,
                             loop_now_ms(request->worker->loop));
    return refused == NULL ? NEXT : limit_refuse(request, refused);
}

/* Before the answer goes out: whoever has it may call again at once. */
void limit_leave(struct request *request)
{
    policies_leave(&request->policies, request->worker->gateway->rates);
}
