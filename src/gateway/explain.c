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

static void put_reason(const struct route_reason *reason, struct buffer *out)
{
    begin_item(out);
    json_put_text(out, "condition", reason->condition);
    if (reason->actual.len > 0)
        json_put_text(out, "actual", reason->actual);
    json_put_flag(out, "held", reason->held);
    buffer_put_byte(out, '}');
}

/* The reasons of one rule stand together; gives the place behind them. */
static size_t put_reasons(const struct routing *routing, size_t rule, size_t at, struct buffer *out)
{
    begin_list(out, "conditions");
    for (; at < routing->reason_count && routing->reasons[at].rule == rule; at++)
        put_reason(&routing->reasons[at], out);
    buffer_put_byte(out, ']');
    return at;
}

static struct text outcome(const struct request *request, size_t rule)
{
    if (rule == request->rule)
        return TEXT("held");
    return rule < request->rule ? TEXT("did not hold") : TEXT("not reached");
}

static void put_rules(const struct request *request, struct buffer *out)
{
    const struct endpoint *endpoint = request->endpoint;
    size_t at = 0;

    begin_list(out, "rules");
    for (size_t i = 0; i < endpoint->rules.count; i++) {
        begin_item(out);
        json_put_text(out, "name", endpoint->rules.items[i].name);
        json_put_text(out, "outcome", outcome(request, i));
        put_target(request, &endpoint->rule_targets[i], out);
        at = put_reasons(request->routing, i, at, out);
        buffer_put_byte(out, '}');
    }
    buffer_put_byte(out, ']');
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

static void put_decision(const struct request *request, struct buffer *out)
{
    buffer_put_byte(out, '{');
    json_put_text(out, "route", request->rule_name);
    put_rules(request, out);
    put_chain(request, out);
    buffer_put_byte(out, '}');
}

void explain_put_member(const struct request *request, struct buffer *out)
{
    if (!request->explains || request->routing == NULL || !request->routing->decided)
        return;
    json_put_name(out, "explain");
    put_decision(request, out);
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
