/* What is told of guardrails: to the caller, the log and the counters; never what was found. */
#include "gateway/guarding.h"

#include "document/json_write.h"
#include "gateway/stages.h"
#include "journal/metrics.h"

static const char *side_word(enum guard_side side)
{
    return side == GUARD_INPUT ? "input" : "output";
}

static const char *finding(const struct guard_tally *tally)
{
    switch (tally->field) {
    case GUARD_PII:
        return "personal data";
    case GUARD_SECRETS:
        return "a credential";
    case GUARD_INJECTION:
        return "signs of prompt injection";
    case GUARD_WORDS:
        return "a word that is not allowed";
    default:
        return "too many characters";
    }
}

static const char *advice(const struct guard_tally *tally, enum guard_side side)
{
    if (side == GUARD_OUTPUT)
        return "the model's answer is not passed on; ask in another way";
    switch (tally->field) {
    case GUARD_PII:
        return "leave the personal data out; nothing was sent to a provider";
    case GUARD_SECRETS:
        return "leave the credential out, and replace it if others may have seen it";
    case GUARD_MAX_CHARS:
        return "send less; nothing was sent to a provider";
    default:
        return "say it in another way; nothing was sent to a provider";
    }
}

void guarding_refuse(const struct guard *guard, const char *at, struct error *error)
{
    const struct guard_tally *tally = &guard->tallies[guard->tally_count - 1];
    bool ruled = tally->rule.len > 0;

    error_set(error, ERROR_GUARDRAIL_BLOCKED, at, "a guardrail blocked the %s: it holds %s%s%.*s%s",
              side_word(guard->side), finding(tally), ruled ? " (" : "", TEXT_ARG(tally->rule),
              ruled ? ")" : "");
    error_hint(error, "%s", advice(tally, guard->side));
}

const struct guard *guarding_blocked(const struct request *request)
{
    const struct guarding *guarding = request->guarding;

    if (guarding == NULL)
        return NULL;
    return guarding->input.blocked    ? &guarding->input
           : guarding->output.blocked ? &guarding->output
                                      : NULL;
}

static void put_tally(struct buffer *out, const struct guard *guard,
                      const struct guard_tally *tally)
{
    buffer_put_byte(out, out->len == 0 ? '[' : ',');
    buffer_put_byte(out, '{');
    json_put_text(out, "where", text_of(side_word(guard->side)));
    json_put_text(out, "kind", guard_field_word(tally->field));
    if (tally->rule.len > 0)
        json_put_text(out, "rule", tally->rule);
    json_put_text(out, "action", guard_action_word(tally->action));
    json_put_count(out, "count", tally->count);
    buffer_put_byte(out, '}');
}

struct text guarding_tallies(struct request *request)
{
    struct buffer out = buffer_in(&request->arena);

    if (request->guarding == NULL)
        return (struct text){0};
    for (int side = 0; side < GUARD_SIDES; side++) {
        const struct guard *guard =
            side == GUARD_INPUT ? &request->guarding->input : &request->guarding->output;

        for (size_t i = 0; i < guard->tally_count; i++)
            put_tally(&out, guard, &guard->tallies[i]);
    }
    if (out.len > 0)
        buffer_put_byte(&out, ']');
    return buffer_text(&out);
}

static void count(struct request *request, const struct guard *guard)
{
    for (size_t i = 0; i < guard->tally_count; i++) {
        const struct guard_tally *tally = &guard->tallies[i];
        struct text kind = tally->rule.len > 0 ? tally->rule : guard_field_word(tally->field);
        const struct text labels[] = {request->endpoint->slug, kind,
                                      guard_action_word(tally->action)};

        metric_add(request->worker->metrics, METRIC_GUARDRAIL, labels, tally->count);
    }
}

void guarding_count(struct request *request)
{
    if (request->guarding == NULL || request->endpoint == NULL) /* it was only asked about */
        return;
    count(request, &request->guarding->input);
    count(request, &request->guarding->output);
}
