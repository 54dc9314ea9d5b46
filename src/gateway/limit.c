/* How often a token may call, and how many of its calls run at once. */
#include "gateway/stages.h"
#include "journal/metrics.h"

enum { MINUTE_MS = 60000, HOUR_MS = 3600000 };

uint64_t limit_key(const char *window, struct text who, struct text what)
{
    uint64_t key = text_hash(text_of(window));

    key = (key << 9 | key >> 55) ^ text_hash(who);
    return (key << 9 | key >> 55) ^ text_hash(what);
}

static enum verdict refuse_rate(struct request *request, const char *policy, uint32_t limit,
                                const char *unit, uint32_t retry_after_s)
{
    const struct text labels[] = {request->endpoint->slug, text_of(policy)};

    metric_add(request->worker->metrics, METRIC_RATE_LIMITED, labels, 1);
    error_set(&request->error, unit == NULL ? ERROR_CONCURRENCY_LIMITED : ERROR_RATE_LIMITED, NULL,
              unit == NULL ? "more than %u calls of this token at once%s"
                           : "more than %u calls of this token a %s",
              limit, unit == NULL ? "" : unit);
    request->error.retry_after_s = retry_after_s;
    return FAIL;
}

static bool enter(struct request *request, uint64_t key, uint32_t limit)
{
    request->place = key;
    request->placed = rate_enter(request->worker->gateway->rates, key, limit);
    return request->placed;
}

/* Before the answer goes out: whoever has it may call again at once. */
void limit_leave(struct request *request)
{
    if (request->placed)
        rate_leave(request->worker->gateway->rates, request->place);
    request->placed = false;
}

enum verdict stage_limit(struct request *request)
{
    const struct endpoint_limits *limits = &request->endpoint->limits;
    struct rate_table *rates = request->worker->gateway->rates;
    struct text who = request->token->id, what = request->endpoint->slug;
    uint64_t now_ms = loop_now_ms(request->worker->loop),
             minute_key = limit_key("minute", who, what), hour_key = limit_key("hour", who, what);

    if (limits->per_minute > 0) {
        request->minute = rate_take(rates, minute_key, limits->per_minute, MINUTE_MS, now_ms);
        if (!request->minute.allowed)
            return refuse_rate(request, "per_minute", limits->per_minute, "minute",
                               request->minute.retry_after_s);
    }
    if (limits->per_hour > 0) {
        request->hour = rate_take(rates, hour_key, limits->per_hour, HOUR_MS, now_ms);
        if (!request->hour.allowed) {
            if (limits->per_minute > 0)
                rate_give_back(rates, minute_key, limits->per_minute, MINUTE_MS);
            return refuse_rate(request, "per_hour", limits->per_hour, "hour",
                               request->hour.retry_after_s);
        }
    }
    if (limits->concurrent > 0 &&
        !enter(request, limit_key("concurrent", who, what), limits->concurrent)) {
        if (limits->per_minute > 0)
            rate_give_back(rates, minute_key, limits->per_minute, MINUTE_MS);
        if (limits->per_hour > 0)
            rate_give_back(rates, hour_key, limits->per_hour, HOUR_MS);
        return refuse_rate(request, "concurrent", limits->concurrent, NULL, 1);
    }
    return NEXT;
}
