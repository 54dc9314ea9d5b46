/* Tokens a minute. What a call will use is not known before it is made: its prompt is estimated as
 * it was rendered, its answer as long as it may become, and when it is over the difference is given
 * back or taken. A call that bought nothing costs nothing. */
#include "gateway/stages.h"
#include "gateway/worst.h"

/* What is taken for an answer that nothing limits. */
enum { ANSWER_TOKENS = 1024 };

static bool is_metered(const struct request *request)
{
    for (size_t i = 0; i < request->policies.count; i++)
        if (request->policies.items[i].kind == POLICY_TOKENS)
            return true;
    return false;
}

/* The prompt as it was rendered and the longest answer that was asked for, of the target that is
 * asked first. */
static uint64_t estimate(struct request *request)
{
    int64_t answer = worst_asked(request, request->target);

    request->prompt_tokens = worst_prompt(request);
    if (answer == WORST_UNKNOWN)
        answer = ANSWER_TOKENS;
    return (uint64_t)(request->prompt_tokens + answer);
}

enum verdict stage_meter(struct request *request)
{
    const struct policy *refused;

    if (!is_metered(request))
        return NEXT;
    refused = policies_charge(&request->policies, request->worker->gateway->rates,
                              estimate(request), loop_now_ms(request->worker->loop));
    return refused == NULL ? NEXT : limit_refuse(request, refused);
}

void meter_correct(struct request *request)
{
    const struct chat_usage *usage = &request->usage;
    int64_t used = request->settled ? usage->prompt_tokens + usage->completion_tokens : 0;

    policies_correct(&request->policies, request->worker->gateway->rates,
                     used > 0 ? (uint64_t)used : 0, loop_now_ms(request->worker->loop));
}
