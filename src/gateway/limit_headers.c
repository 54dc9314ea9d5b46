/* The draft's headers are of calls only: tokens have no registered unit, and places no window. What
 * clients of vendors know has one limit of each kind, so they are told of the one that they will
 * meet first. */
#include "gateway/limit_headers.h"

/* `"minute";` and its first member. */
static void put_policy(struct buffer *out, const struct policy *policy, const char *member,
                       uint64_t value)
{
    if (out->len > 0)
        buffer_put(out, TEXT(", "));
    buffer_put_byte(out, '"');
    buffer_put(out, text_of(policy_name(policy)));
    buffer_put(out, TEXT("\""));
    buffer_put(out, text_of(member));
    buffer_put_u64(out, value);
}

static void add_policies(struct request *request, struct headers *headers)
{
    struct buffer policy = buffer_in(&request->arena), left = buffer_in(&request->arena);

    for (size_t i = 0; i < request->policies.count; i++) {
        const struct policy *it = &request->policies.items[i];
        const struct policy_row *row = policy_row(it->kind);

        if (row->unit != POLICY_CALLS)
            continue;
        put_policy(&policy, it, ";q=", it->quota);
        buffer_put(&policy, TEXT(";w="));
        buffer_put_u64(&policy, row->window_ms / 1000);
        put_policy(&left, it, ";r=", it->verdict.remaining);
        buffer_put(&left, TEXT(";t="));
        buffer_put_u64(&left, it->verdict.reset_s);
    }
    headers_add(headers, "ratelimit-policy", buffer_text(&policy));
    headers_add(headers, "ratelimit", buffer_text(&left));
}

/* Of tokens what is left now: what a call takes of them is settled after it, and calls that are
 * refused or answered from the cache take none. */
static struct rate_verdict left_of(struct request *request, const struct policy *policy)
{
    const struct policy_row *row = policy_row(policy->kind);

    return row->unit != POLICY_WEIGHT
               ? policy->verdict
               : rate_look(request->worker->gateway->rates, policy->key, policy->quota,
                           row->window_ms, 1, loop_now_ms(request->worker->loop));
}

/* Of several the one with the least left, and of those the one that takes longest to be whole. */
static bool find_narrowest(struct request *request, enum policy_unit unit,
                           const struct policy **out_policy, struct rate_verdict *out_left)
{
    *out_policy = NULL;
    for (size_t i = 0; i < request->policies.count; i++) {
        const struct policy *policy = &request->policies.items[i];
        struct rate_verdict left;

        if (policy_row(policy->kind)->unit != unit)
            continue;
        left = left_of(request, policy);
        if (*out_policy != NULL &&
            (left.remaining > out_left->remaining ||
             (left.remaining == out_left->remaining && left.reset_s <= out_left->reset_s)))
            continue;
        *out_policy = policy;
        *out_left = left;
    }
    return *out_policy != NULL;
}

static struct text number(struct request *request, uint64_t value)
{
    struct buffer out = buffer_in(&request->arena);

    buffer_put_u64(&out, value);
    return buffer_text(&out);
}

static void add_narrowest(struct request *request, enum policy_unit unit,
                          const struct surface_limit_names *names, struct headers *headers)
{
    struct buffer reset = buffer_in(&request->arena);
    const struct policy *policy;
    struct rate_verdict left;

    if (!find_narrowest(request, unit, &policy, &left))
        return;
    headers_add(headers, names->limit, number(request, policy->quota));
    headers_add(headers, names->remaining, number(request, left.remaining));
    request->surface->head->put_reset(left.reset_s, request->wall_ms, &reset);
    headers_add(headers, names->reset, buffer_text(&reset));
}

void limit_headers_add(struct request *request, struct headers *headers)
{
    const struct surface_head *head = request->surface->head;

    if (request->policies.count == 0)
        return;
    add_policies(request, headers);
    if (head == NULL)
        return;
    add_narrowest(request, POLICY_CALLS, &head->calls, headers);
    add_narrowest(request, POLICY_WEIGHT, &head->tokens, headers);
}
