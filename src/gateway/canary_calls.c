/* What the watched rules of an endpoint learn of a call. Of a rule's own calls, those that it took;
 * of the rest, those that came as far as the rule and were let pass by it, and were not taken by
 * another rule that is watched. Only calls whose answer was judged count: sent to a provider, and
 * answered, or refused because of the output. */
#include "canary/reason.h"
#include "gateway/stages.h"
#include "journal/metrics.h"

static bool is_judged(const struct request *request, bool *out_refused)
{
    enum error_code code = request->error.code;

    *out_refused = code == ERROR_OUTPUT_SCHEMA_VIOLATION || code == ERROR_OUTPUT_NOT_JSON ||
                   code == ERROR_OUTPUT_TRUNCATED;
    return request->calls > 0 && (code == ERROR_NONE || *out_refused);
}

static void note(struct request *request, const struct canary_rule *rule, enum watch_side side,
                 const struct watch_call *call)
{
    struct canary *canary = request->lease->shared->canaries.items[rule->index];
    enum canary_why why = canary_note(canary, &rule->watch, side, call,
                                      loop_now_ms(request->worker->loop), request->wall_ms);
    struct text labels[] = {request->endpoint->slug,
                            request->endpoint->rules.items[rule->rule].name,
                            text_of(canary_why_word(why))};

    if (why != CANARY_FINE)
        metric_add(request->worker->metrics, METRIC_CANARY_TRIPS, labels, 1);
}

void canary_calls_note(struct request *request)
{
    const struct endpoint *endpoint = request->endpoint;
    struct watch_call call = {.cost_nano = request->cost_nano};
    bool of_another = false;

    if (endpoint == NULL || endpoint->canary_count == 0 || !is_judged(request, &call.refused))
        return;
    for (size_t i = 0; i < endpoint->canary_count; i++)
        of_another |= endpoint->canaries[i].rule == request->rule;
    for (size_t i = 0; i < endpoint->canary_count; i++) {
        const struct canary_rule *rule = &endpoint->canaries[i];

        if (rule->rule == request->rule)
            note(request, rule, WATCH_TAKEN, &call);
        else if (rule->rule < request->rule && !of_another)
            note(request, rule, WATCH_REST, &call);
    }
}
