/* Tokens a minute. What a call will use is not known before it is made: its prompt is estimated as
 * it was rendered, its answer as long as it may become, and when it is over the difference is given
 * back or taken. A call that bought nothing costs nothing. */
#include "gateway/stages.h"
#include "provider/param.h"

/* What is taken for an answer that nothing limits. */
enum { ANSWER_TOKENS = 1024 };

static bool is_metered(const struct request *request)
{
    for (size_t i = 0; i < request->policies.count; i++)
        if (request->policies.items[i].kind == POLICY_TOKENS)
            return true;
    return false;
}

/* The longest answer that was asked for, of the target that is asked first. */
static uint64_t answer_tokens(struct request *request)
{
    const struct target *target = request->target;
    struct chat chat = {.params = target->params,
                        .max_output = target->price != NULL ? target->price->max_output : 0};
    struct text callers = request->body.params.json[CHAT_PARAM_MAX_TOKENS];
    int64_t most;

    if (callers.len > 0)
        chat.params.json[CHAT_PARAM_MAX_TOKENS] = callers;
    most = param_max_tokens(&chat, &request->arena);
    return most > 0 ? (uint64_t)most : ANSWER_TOKENS;
}

static uint64_t prompt_tokens(const struct request *request)
{
    const struct chat *chat = &request->chat;
    int64_t tokens = chat_estimate_tools(chat->tools, chat->tool_count);

    for (size_t i = 0; i < chat->message_count; i++)
        tokens += chat_estimate_message(&chat->messages[i]);
    return (uint64_t)tokens;
}

enum verdict stage_meter(struct request *request)
{
    const struct policy *refused;

    if (!is_metered(request))
        return NEXT;
    refused = policies_charge(&request->policies, request->worker->gateway->rates,
                              prompt_tokens(request) + answer_tokens(request),
                              loop_now_ms(request->worker->loop));
    return refused == NULL ? NEXT : limit_refuse(request, refused);
}

void meter_correct(struct request *request)
{
    const struct chat_usage *usage = &request->usage;
    int64_t used = request->settled ? usage->prompt_tokens + usage->completion_tokens : 0;

    policies_correct(&request->policies, request->worker->gateway->rates,
                     used > 0 ? (uint64_t)used : 0, loop_now_ms(request->worker->loop));
}
