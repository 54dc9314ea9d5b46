/* Why a request was routed as it was: each rule with its conditions as they were seen, and the
 * targets in the order in which they are tried. */
#include "base/clock.h"
#include "gateway/respond.h"
#include "gateway/route.h"

#include "auth/token_grant.h"
#include "document/json_write.h"
#include "gateway/request_state.h"

static void begin_item(struct buffer *out)
{
    if (out->at[out->len - 1] != '[')
        buffer_put_byte(out, ',');
    buffer_put_byte(out, '{');
}

static void begin_list(struct buffer *out, const char *name)
{
    json_put_name(out, name);
    buffer_put_byte(out, '[');
}

/* A target that the token may not use is passed over. */
static void put_target(const struct request *request, const struct target *target,
                       struct buffer *out)
{
    json_put_text(out, "provider", target->provider->name);
    json_put_text(out, "model", target->model);
    if (!token_allows_model(request->token, target->provider->name, target->model))
        json_put_flag(out, "allowed", false);
}

/* --- rules
 * --------------------------------------------------------------------------------------- */

enum { KEPT_BYTES = 8192, KEPT_WORDS = 256 };

/* What is told of the rules: how they were seen, and how much of it. */
struct telling {
    const struct request *request;
    const struct route_reason *reasons; /* those to come; those of one rule stand together */
    size_t reason_count;
    bool kept; /* there is a bound to it */
};

static void put_words(const struct telling *telling, const char *name, struct text words,
                      struct buffer *out)
{
    json_put_text(out, name, telling->kept ? text_cut(words, KEPT_WORDS) : words);
}

static void put_reason(const struct telling *telling, const struct route_reason *reason,
                       struct buffer *out)
{
    begin_item(out);
    put_words(telling, "condition", reason->condition, out);
    if (reason->actual.len > 0)
        put_words(telling, "actual", reason->actual, out);
    json_put_flag(out, "held", reason->held);
    buffer_put_byte(out, '}');
}

/* The next rule's, as rules are told in order. */
static void put_reasons(struct telling *telling, size_t rule, struct buffer *out)
{
    begin_list(out, "conditions");
    for (; telling->reason_count > 0 && telling->reasons->rule <= rule; telling->reason_count--) {
        if (telling->reasons->rule == rule)
            put_reason(telling, telling->reasons, out);
        telling->reasons++;
    }
    buffer_put_byte(out, ']');
}

static struct text outcome(const struct request *request, size_t rule)
{
    if (rule == request->rule)
        return TEXT("held");
    return rule < request->rule ? TEXT("did not hold") : TEXT("not reached");
}

static void put_rule(struct telling *telling, size_t rule, struct buffer *out)
{
    const struct request *request = telling->request;
    const struct endpoint *endpoint = request->endpoint;

    begin_item(out);
    json_put_text(out, "name", endpoint->rules.items[rule].name);
    json_put_text(out, "outcome", outcome(request, rule));
    put_target(request, &endpoint->rule_targets[rule], out);
    put_reasons(telling, rule, out);
    buffer_put_byte(out, '}');
}

static void put_rules(struct telling *telling, struct buffer *out)
{
    const struct endpoint *endpoint = telling->request->endpoint;
    size_t begin = out->len, left_out = 0;

    begin_list(out, "rules");
    for (size_t i = 0; i < endpoint->rules.count; i++)
        if (telling->kept && i != telling->request->rule && out->len - begin > KEPT_BYTES)
            left_out++;
        else
            put_rule(telling, i, out);
    buffer_put_byte(out, ']');
    if (left_out > 0)
        json_put_count(out, "rules_left_out", left_out);
}

/* --- targets
 * ------------------------------------------------------------------------------------- */

static void put_on(unsigned on, struct buffer *out)
{
    const char *word;
    unsigned bit;

    begin_list(out, "on");
    for (size_t i = 0; (word = failover_on_at(i, &bit)) != NULL; i++) {
        if ((on & bit) == 0)
            continue;
        if (out->at[out->len - 1] != '[')
            buffer_put_byte(out, ',');
        json_put_string(out, text_of(word));
    }
    buffer_put_byte(out, ']');
}

static const struct target *routed_target(const struct request *request)
{
    return request->rule == ROUTE_DEFAULT ? &request->endpoint->target
                                          : &request->endpoint->rule_targets[request->rule];
}

static void put_chain(const struct request *request, struct buffer *out)
{
    const struct endpoint *endpoint = request->endpoint;

    begin_list(out, "chain");
    begin_item(out);
    put_target(request, routed_target(request), out);
    buffer_put_byte(out, '}');
    for (size_t i = 0; i < endpoint->failover_count; i++) {
        begin_item(out);
        put_target(request, &endpoint->failover[i], out);
        put_on(endpoint->failover[i].on, out);
        buffer_put_byte(out, '}');
    }
    buffer_put_byte(out, ']');
}

static void put_decision(struct telling *telling, struct buffer *out)
{
    buffer_put_byte(out, '{');
    json_put_text(out, "route", telling->request->rule_name);
    put_rules(telling, out);
    put_chain(telling->request, out);
    buffer_put_byte(out, '}');
}

void explain_put_member(const struct request *request, struct buffer *out)
{
    if (!request->explains || request->routing == NULL || !request->routing->decided)
        return;
    json_put_name(out, "explain");
    put_decision(&(struct telling){.request = request,
                                   .reasons = request->routing->reasons,
                                   .reason_count = request->routing->reason_count},
                 out);
}

struct text explain_kept(struct request *request, bool told)
{
    struct telling telling = {.request = request, .kept = true};
    struct buffer out = buffer_in(&request->arena);

    if (request->routing == NULL || !request->routing->decided ||
        request->endpoint->rules.count == 0)
        return (struct text){0};
    telling.reason_count =
        route_trace_reasons(&request->routing->trace, told, &request->arena, &telling.reasons);
    put_decision(&telling, &out);
    return buffer_text(&out);
}

struct text explain_text(struct request *request)
{
    struct buffer out = buffer_in(&request->arena);
    char when[CLOCK_RFC3339_BYTES];

    buffer_put_byte(&out, '{');
    json_put_text(&out, "endpoint", request->endpoint->slug);
    json_put_text(&out, "version", text_first(request->endpoint->version, VERSION_SHOWN));
    json_put_text(&out, "at", clock_rfc3339(request->wall_ms, when));
    explain_put_member(request, &out);
    buffer_put_byte(&out, '}');
    return buffer_text(&out);
}
