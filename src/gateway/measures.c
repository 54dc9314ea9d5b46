#include "gateway/measures.h"

#include "gateway/stages.h"
#include "provider/kind.h"
#include "telemetry/meter.h"

#include <stdio.h>

enum { CALL_LABELS = 5, PORT_BYTES = 8 };

/* The labels of whatever is told of one call, and one more that some instruments have. */
struct measured {
    struct series_shard *shard;
    struct text labels[CALL_LABELS + 1];
    char port[PORT_BYTES];
};

struct text attempt_vendor(const struct attempt *attempt)
{
    const struct provider *provider = attempt->target->provider;
    const struct provider_kind *host = kind_of_host(provider->host);

    return text_of(telemetry_vendor((host != NULL ? host : provider->kind)->name));
}

static void describe(struct measured *it, struct worker *worker, const struct attempt *attempt)
{
    const struct provider *provider = attempt->target->provider;
    size_t port = 0;

    it->shard = worker->measures;
    if (provider->host.len > 0)
        port = (size_t)snprintf(it->port, sizeof it->port, "%u", provider->port);
    it->labels[0] = attempt->chat.embeds ? TEXT("embeddings") : TEXT("chat");
    it->labels[1] = attempt_vendor(attempt);
    it->labels[2] = target_label(attempt->target);
    it->labels[3] = provider->host;
    it->labels[4] = (struct text){it->port, port};
    it->labels[CALL_LABELS] = (struct text){0};
}

static void observe(struct measured *it, enum instrument_id id, struct text more, uint64_t value)
{
    it->labels[CALL_LABELS] = more;
    series_observe(it->shard, id, it->labels, value);
}

/* No provider says of which kind all of its tokens are. */
static void use(struct measured *it, enum instrument_id id, int64_t tokens)
{
    it->labels[CALL_LABELS] = TEXT("unknown");
    series_add(it->shard, id, it->labels, (uint64_t)tokens);
}

/* The names that have been in use for long. */
static void tell_settled(struct measured *it, const struct attempt *attempt, uint64_t took_us)
{
    const struct chat_usage *usage = &attempt->answer.usage;

    observe(it, INSTRUMENT_OPERATION_DURATION, attempt_result(attempt), took_us);
    if (attempt->streamed && attempt->first_us > 0)
        observe(it, INSTRUMENT_OPERATION_FIRST_CHUNK, TEXT(""),
                attempt->first_us - attempt->started_us);
    if (!attempt->settled)
        return;
    observe(it, INSTRUMENT_TOKEN_USAGE, TEXT("input"), (uint64_t)usage->prompt_tokens);
    if (!attempt->chat.embeds)
        observe(it, INSTRUMENT_TOKEN_USAGE, TEXT("output"), (uint64_t)usage->completion_tokens);
}

static void tell_embeddings(struct measured *it, const struct attempt *attempt, uint64_t took_us)
{
    observe(it, INSTRUMENT_EMBEDDINGS_DURATION, attempt_result(attempt), took_us);
    if (attempt->settled)
        observe(it, INSTRUMENT_EMBEDDINGS_INPUT, TEXT(""),
                (uint64_t)attempt->answer.usage.prompt_tokens);
}

/* The latest: counters of what was used also know of calls that used nothing. */
static void tell_latest(struct measured *it, const struct attempt *attempt, uint64_t took_us)
{
    static const struct chat_usage none;
    const struct chat_usage *usage = attempt->settled ? &attempt->answer.usage : &none;

    observe(it, INSTRUMENT_INFERENCE_DURATION, attempt_result(attempt), took_us);
    if (attempt->streamed && attempt->first_us > 0)
        observe(it, INSTRUMENT_INFERENCE_FIRST_CHUNK, TEXT(""),
                attempt->first_us - attempt->started_us);
    use(it, INSTRUMENT_USED_INPUT, usage->prompt_tokens);
    use(it, INSTRUMENT_USED_OUTPUT, usage->completion_tokens);
    if (usage->cached_tokens > 0)
        use(it, INSTRUMENT_USED_CACHE_READ, usage->cached_tokens);
    if (usage->cache_write_tokens > 0)
        use(it, INSTRUMENT_USED_CACHE_WRITE, usage->cache_write_tokens);
    if (usage->reasoning_tokens > 0)
        use(it, INSTRUMENT_USED_REASONING, usage->reasoning_tokens);
    if (!attempt->settled)
        return;
    observe(it, INSTRUMENT_INFERENCE_INPUT, TEXT(""), (uint64_t)usage->prompt_tokens);
    observe(it, INSTRUMENT_INFERENCE_OUTPUT, TEXT(""), (uint64_t)usage->completion_tokens);
}

void measure_attempt(struct worker *worker, const struct attempt *attempt)
{
    uint64_t took_us = attempt->ended_us - attempt->started_us;
    struct measured it;

    describe(&it, worker, attempt);
    if (!meter_latest(worker->gateway->meter))
        tell_settled(&it, attempt, took_us);
    else if (attempt->chat.embeds)
        tell_embeddings(&it, attempt, took_us);
    else
        tell_latest(&it, attempt, took_us);
}
