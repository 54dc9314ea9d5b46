/* Policies are taken in the order of their scopes, narrow before broad: who is refused by a narrow
 * one has touched nothing that others share. */
#include "limit/policy.h"

#include "base/check.h"

// clang-format off
static const struct policy_row rows[POLICY_KIND_COUNT] = {
    [POLICY_MINUTE]     = {"per_minute",        POLICY_CALLS,  60000},
    [POLICY_HOUR]       = {"per_hour",          POLICY_CALLS,  3600000},
    [POLICY_TOKENS]     = {"tokens_per_minute", POLICY_WEIGHT, 60000},
    [POLICY_CONCURRENT] = {"concurrent",        POLICY_PLACES, 0},
};
static const char *const names[POLICY_SCOPE_COUNT][POLICY_KIND_COUNT] = {
    [POLICY_ENDPOINT] = {"min",         "hour",         "tokens",         "concurrent"},
    [POLICY_TOKEN]    = {"token-min",   "token-hour",   "token-tokens",   "token-concurrent"},
    [POLICY_PROJECT]  = {"project-min", "project-hour", "project-tokens", "project-concurrent"},
};
static const char *const scope_words[POLICY_SCOPE_COUNT] = {"endpoint", "token", "project"};
// clang-format on

enum { PLACE_WAIT_S = 1 }; /* when one will be free, nobody knows */

const struct policy_row *policy_row(enum policy_kind kind)
{
    CHECK((unsigned)kind < POLICY_KIND_COUNT);
    return &rows[kind];
}

const char *policy_scope_word(enum policy_scope scope)
{
    CHECK((unsigned)scope < POLICY_SCOPE_COUNT);
    return scope_words[scope];
}

const char *policy_name(const struct policy *policy)
{
    return names[policy->scope][policy->kind];
}

static uint64_t key_of(uint64_t subject, enum policy_scope scope, enum policy_kind kind)
{
    uint64_t nth = (uint64_t)scope * POLICY_KIND_COUNT + (uint64_t)kind + 1;

    return subject ^ nth * UINT64_C(0x9E3779B97F4A7C15); /* apart in all their bits */
}

void policies_add(struct policies *policies, const struct call_limits *limits,
                  enum policy_scope scope, uint64_t subject)
{
    const uint32_t quotas[POLICY_KIND_COUNT] = {
        [POLICY_MINUTE] = limits->per_minute,
        [POLICY_HOUR] = limits->per_hour,
        [POLICY_TOKENS] = limits->tokens_per_minute,
        [POLICY_CONCURRENT] = limits->concurrent,
    };

    for (enum policy_kind kind = 0; kind < POLICY_KIND_COUNT; kind++) {
        if (quotas[kind] == 0)
            continue;
        CHECK(policies->count < sizeof policies->items / sizeof *policies->items);
        policies->items[policies->count++] = (struct policy){
            .scope = scope,
            .kind = kind,
            .key = key_of(subject, scope, kind),
            .quota = quotas[kind],
        };
    }
}

static bool is_of(const struct policy *policy, enum policy_unit unit)
{
    return rows[policy->kind].unit == unit;
}

static bool take(struct policy *policy, struct rate_table *table, uint64_t weight, uint64_t now_ms)
{
    if (is_of(policy, POLICY_PLACES)) {
        policy->taken = rate_enter(table, policy->key, policy->quota);
        policy->verdict = (struct rate_verdict){.allowed = policy->taken, .limit = policy->quota};
        if (!policy->taken)
            policy->verdict.retry_after_s = PLACE_WAIT_S;
        return policy->taken;
    }
    policy->verdict = rate_charge(table, policy->key, policy->quota, rows[policy->kind].window_ms,
                                  weight, now_ms);
    policy->taken = policy->verdict.allowed;
    return policy->taken;
}

static void give_back(struct policy *policy, struct rate_table *table, uint64_t used,
                      uint64_t now_ms)
{
    if (!policy->taken)
        return;
    policy->taken = false;
    if (is_of(policy, POLICY_PLACES))
        rate_leave(table, policy->key);
    else
        rate_correct(table, policy->key, rows[policy->kind].window_ms, &policy->verdict, used,
                     now_ms);
}

static bool is_calls(const struct policy *policy, bool weighed)
{
    return is_of(policy, POLICY_WEIGHT) == weighed;
}

/* What each of those counters says now; the one to be waited for longest. */
static const struct policy *look(struct policies *policies, struct rate_table *table, bool weighed,
                                 uint64_t weight, uint64_t now_ms)
{
    const struct policy *longest = NULL;

    for (size_t i = 0; i < policies->count; i++) {
        struct policy *policy = &policies->items[i];

        if (!is_calls(policy, weighed))
            continue;
        if (!is_of(policy, POLICY_PLACES))
            policy->verdict = rate_look(table, policy->key, policy->quota,
                                        rows[policy->kind].window_ms, weight, now_ms);
        if (policy->verdict.retry_after_s > 0 &&
            (longest == NULL || policy->verdict.retry_after_s > longest->verdict.retry_after_s))
            longest = policy;
    }
    return longest;
}

static const struct policy *take_all(struct policies *policies, struct rate_table *table,
                                     bool weighed, uint64_t weight, uint64_t now_ms)
{
    const struct policy *longest;

    for (size_t i = 0; i < policies->count; i++) {
        struct policy refused;

        if (!is_calls(&policies->items[i], weighed) ||
            take(&policies->items[i], table, weight, now_ms))
            continue;
        refused = policies->items[i];
        for (size_t taken = 0; taken < i; taken++)
            if (is_calls(&policies->items[taken], weighed))
                give_back(&policies->items[taken], table, 0, now_ms);
        longest = look(policies, table, weighed, weight, now_ms);
        if (longest != NULL && longest->verdict.retry_after_s > refused.verdict.retry_after_s)
            return longest;
        policies->items[i].verdict =
            refused.verdict; /* that it has refused is no matter of later */
        return &policies->items[i];
    }
    return NULL;
}

const struct policy *policies_enter(struct policies *policies, struct rate_table *table,
                                    uint64_t now_ms)
{
    return take_all(policies, table, false, 1, now_ms);
}

const struct policy *policies_charge(struct policies *policies, struct rate_table *table,
                                     uint64_t weight, uint64_t now_ms)
{
    return take_all(policies, table, true, weight, now_ms);
}

void policies_correct(struct policies *policies, struct rate_table *table, uint64_t used,
                      uint64_t now_ms)
{
    for (size_t i = 0; i < policies->count; i++)
        if (is_of(&policies->items[i], POLICY_WEIGHT))
            give_back(&policies->items[i], table, used, now_ms);
}

void policies_leave(struct policies *policies, struct rate_table *table)
{
    for (size_t i = 0; i < policies->count; i++)
        if (is_of(&policies->items[i], POLICY_PLACES))
            give_back(&policies->items[i], table, 0, 0);
}

void policies_undo(struct policies *policies, struct rate_table *table, uint64_t now_ms)
{
    for (size_t i = 0; i < policies->count; i++) {
        struct policy *policy = &policies->items[i];

        give_back(policy, table, 0, now_ms);
        if (is_of(policy, POLICY_CALLS))
            policy->verdict = rate_look(table, policy->key, policy->quota,
                                        rows[policy->kind].window_ms, 1, now_ms);
    }
}
