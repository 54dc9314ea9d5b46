/* What the request cost. */
#include "gateway/reserve.h"
#include "gateway/stages.h"

/* An answer that was cut off, sent whole and so not read before its end: written it was. */
static bool was_cut(const struct attempt *attempt)
{
    return attempt->status == 200 && attempt->failure.kind == FAILURE_CUT;
}

/* What the model has written, as far as is known. */
static struct text written(const struct attempt *attempt)
{
    if (attempt->answer.content.len > 0)
        return attempt->answer.content;
    return was_cut(attempt) && !attempt->streamed ? buffer_text(&attempt->body)
                                                  : buffer_text(&attempt->gather.content);
}

/* What an answer that its provider has not counted is likely to have cost. */
static struct chat_usage estimate(const struct attempt *attempt)
{
    struct text content = written(attempt);
    struct chat_usage usage = {
        .prompt_tokens = chat_estimate(&attempt->chat),
        .completion_tokens = attempt->chat.embeds ? 0 : chat_estimate_tokens(content),
    };

    if (attempt->answer.parts != NULL)
        usage.completion_tokens =
            chat_estimate_parts(attempt->answer.parts, attempt->answer.part_count);
    return usage;
}

/* Whether tokens were bought: an answer came, in full or in part, or it was us who ended a call
 * that the provider was at work on, because nobody waited for it any more or it took too long. One
 * that was refused or failed without content is not charged. */
static bool bought(const struct attempt *attempt)
{
    return attempt->answered || attempt->gather.part_count > 0 || attempt->gather.has_usage ||
           was_cut(attempt) ||
           ((attempt->cancelled || attempt->failure.kind == FAILURE_TIMEOUT) &&
            attempt->facts.sent != SENT_NOTHING);
}

/* Once, when it is over: what one that still runs has told of its usage is not all it will cost. */
static void settle_attempt(struct attempt *attempt)
{
    struct chat_usage *usage = &attempt->answer.usage;

    if (attempt->settled || attempt_goes_on(attempt) || !bought(attempt))
        return;
    if (!attempt->answered)
        *usage = attempt->gather.usage;
    if (!usage->reported)
        *usage = estimate(attempt);
    attempt->settled = true;
    attempt->cost_nano =
        attempt->target->price != NULL ? price_cost_nano(attempt->target->price, usage) : -1;
}

static void add_usage(struct chat_usage *sum, const struct chat_usage *usage)
{
    sum->prompt_tokens += usage->prompt_tokens;
    sum->completion_tokens += usage->completion_tokens;
    sum->cached_tokens += usage->cached_tokens;
    sum->cache_write_tokens += usage->cache_write_tokens;
    sum->reasoning_tokens += usage->reasoning_tokens;
    sum->free_prompt_tokens += usage->free_prompt_tokens;
    sum->free_completion_tokens += usage->free_completion_tokens;
    sum->reported &= usage->reported;
}

int64_t account_spent(struct request *request)
{
    int64_t spent = 0;

    for (struct attempt *attempt = request->attempts; attempt != NULL; attempt = attempt->next) {
        settle_attempt(attempt);
        if (!attempt->settled)
            continue;
        if (attempt->cost_nano < 0)
            return -1;
        spent = usage_plus(spent, attempt->cost_nano);
    }
    return spent;
}

/* Budgets are charged with what is known, also where the price of another attempt is not. */
enum verdict stage_settle(struct request *request)
{
    int64_t spent = account_spent(request), charged = 0;

    request->usage = (struct chat_usage){.reported = true};
    for (struct attempt *attempt = request->attempts; attempt != NULL; attempt = attempt->next) {
        settle_attempt(attempt); /* also those behind one whose price is not known */
        if (!attempt->settled)
            continue;
        request->settled = true;
        charged = usage_plus(charged, attempt->cost_nano > 0 ? attempt->cost_nano : 0);
        add_usage(&request->usage, &attempt->answer.usage);
    }
    if (request->settled)
        request->cost_nano = spent;
    else if (request->share.known) /* whoever has bought the answer has paid for it */
        request->cost_nano = 0;
    meter_correct(request);
    reserve_settle(request, charged);
    return NEXT;
}
