/* The prompt is taken at twice its estimate, because no tokenizer in use makes more than that of
 * any script; the answer at max_tokens, or at the most that the model can write. */
#include "gateway/worst.h"

#include "provider/param.h"

enum {
    ANSWER_UNKNOWN = 4096, /* tokens, where no limited account needs to know */
    PROMPT_FACTOR = 2,
    MESSAGE_TOKENS = 8, /* what frames a message */
    OVERRUN_BYTES = 8,  /* per token: no text of a model comes near that */
    OVERRUN_FREE_BYTES = 1024
};

int64_t worst_prompt(const struct request *request)
{
    const struct chat *chat = &request->chat;
    int64_t tokens = chat_estimate_tools(chat->tools, chat->tool_count);

    for (size_t i = 0; i < chat->message_count; i++)
        tokens += chat_estimate_message(&chat->messages[i]) + MESSAGE_TOKENS;
    tokens += request->endpoint->output_tokens;
    return tokens;
}

int64_t worst_asked(struct request *request, const struct target *target)
{
    struct text callers = request->body.params.json[CHAT_PARAM_MAX_TOKENS];
    struct chat chat = {.params = target->params,
                        .max_output = target->price != NULL ? target->price->max_output : 0};
    int64_t tokens;

    if (request->chat.embeds)
        return 0;
    if (callers.len > 0)
        chat.params.json[CHAT_PARAM_MAX_TOKENS] = callers;
    tokens = param_max_tokens(&chat, &request->arena);
    return tokens > 0 ? tokens : WORST_UNKNOWN;
}

int64_t worst_answer(struct request *request, const struct target *target)
{
    int64_t asked = worst_asked(request, target);

    if (asked != WORST_UNKNOWN || target->price == NULL || target->price->max_output == 0)
        return asked;
    return target->price->max_output;
}

int64_t worst_cost(struct request *request, const struct target *target, int64_t prompt_tokens)
{
    struct chat_usage usage = {.prompt_tokens = prompt_tokens * PROMPT_FACTOR,
                               .completion_tokens = worst_answer(request, target)};
    int64_t cost;

    if (usage.completion_tokens == WORST_UNKNOWN)
        usage.completion_tokens = ANSWER_UNKNOWN;
    cost = target->price != NULL ? price_cost_nano(target->price, &usage) : 0;
    return cost > 0 ? cost : 0;
}

int64_t worst_of_all(struct request *request, int64_t prompt_tokens)
{
    const struct endpoint *endpoint = request->endpoint;
    int64_t worst = worst_cost(request, request->target, prompt_tokens);

    for (size_t i = 0; i < endpoint->failover_count; i++) {
        int64_t cost = worst_cost(request, &endpoint->failover[i], prompt_tokens);

        worst = cost > worst ? cost : worst;
    }
    return worst;
}

bool worst_overrun(const struct attempt *attempt)
{
    int64_t tokens = worst_answer(attempt->request, attempt->target);

    return tokens > 0 &&
           attempt->gather.bytes > (uint64_t)tokens * OVERRUN_BYTES + OVERRUN_FREE_BYTES;
}
