#include "gateway/rollups.h"

#include <stdio.h>

static void add_usage(struct rollup_event *event, const struct usage_record *usage)
{
    static const struct {
        enum rollup_sum into;
        enum usage_sum from;
    } sums[] = {
        {ROLLUP_INPUT, USAGE_INPUT},   {ROLLUP_CACHED_INPUT, USAGE_CACHED},
        {ROLLUP_OUTPUT, USAGE_OUTPUT}, {ROLLUP_CACHE_WRITE, USAGE_CACHE_WRITE},
        {ROLLUP_COST, USAGE_COST},     {ROLLUP_REASONING, USAGE_REASONING},
        {ROLLUP_BILLED, USAGE_BILLED}, {ROLLUP_UNPRICED, USAGE_UNPRICED},
    };

    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++)
        event->sums[sums[i].into] = usage_plus(event->sums[sums[i].into], usage->all[sums[i].from]);
}

void rollups_attempt(struct request *request, const struct attempt *attempt,
                     const struct usage_record *usage, int64_t wall_ms, struct rollup_event *whole)
{
    struct rollup_event event = {
        .names = {[ROLLUP_ENDPOINT] = usage->names[USAGE_ENDPOINT],
                  [ROLLUP_PROVIDER] = usage->names[USAGE_PROVIDER],
                  [ROLLUP_MODEL] = usage->names[USAGE_MODEL]},
        .attempt = true,
        .sums = {[ROLLUP_CALLS] = 1, [ROLLUP_ERRORS] = usage->all[USAGE_ERRORS]},
        .timed = true,
        .took_us = attempt->ended_us - attempt->started_us,
    };

    add_usage(&event, usage);
    add_usage(whole, usage);
    ledger_roll(request->worker, request->config->settings.zone, wall_ms, &event);
}

/* What became of a request that was not answered as it wished. */
static enum rollup_sum failure_of(enum error_code code)
{
    static const struct {
        const char *type;
        enum rollup_sum sum;
    } types[] = {
        {"upstream_error", ROLLUP_ERRORS},
        {"server_error", ROLLUP_ERRORS},
        {"output_schema_error", ROLLUP_INVALID_OUTPUT},
        {"input_schema_error", ROLLUP_INVALID_INPUT},
        {"rate_limit_error", ROLLUP_LIMITED},
        {"budget_error", ROLLUP_LIMITED},
    };

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(error_row(code)->type, types[i].type) == 0)
            return types[i].sum;
    return ROLLUP_REFUSED;
}

/* Also of one that was refused before its endpoint was looked for, as far as there is one of that
 * name: what callers make up is no name of ours. */
static struct text endpoint_of(const struct request *request)
{
    const struct endpoint *endpoint = request->endpoint;

    if (endpoint == NULL && request->slug.len > 0)
        endpoint = config_endpoint(request->config, request->slug);
    return endpoint != NULL ? endpoint->slug : (struct text){0};
}

/* As the roll-ups have them. What has an end of line, or a name with '=', can be no such tag: a
 * token may have been given any text. */
static struct text tags_of(struct request *request)
{
    struct buffer out = buffer_in(&request->arena);

    for (size_t i = 0; i < request->tag_count; i++) {
        const struct token_tag *tag = &request->tags[i];

        if (text_find_byte(tag->name, '\n') < tag->name.len ||
            text_find_byte(tag->name, '=') < tag->name.len ||
            text_find_byte(tag->value, '\n') < tag->value.len)
            continue;
        if (out.len > 0)
            buffer_put_byte(&out, '\n');
        buffer_put(&out, tag->name);
        buffer_put_byte(&out, '=');
        buffer_put(&out, tag->value);
    }
    return buffer_text(&out);
}

static void count_outcome(const struct request *request, struct rollup_event *whole)
{
    whole->sums[ROLLUP_CALLS] = 1;
    whole->sums[ROLLUP_CACHED] = request->share.known || request->idempotency.known != NULL;
    if (request->error.code != ERROR_NONE)
        whole->sums[failure_of(request->error.code)] = 1;
}

/* What a copy of a call costs is money like any other, but nobody called. */
void rollups_request(struct request *request, int64_t wall_ms, uint64_t duration_us,
                     struct rollup_event *whole)
{
    bool copy = request->shadow != NULL;
    char status[12];

    whole->names[ROLLUP_ENDPOINT] = endpoint_of(request);
    whole->names[ROLLUP_SURFACE] =
        text_of(request->logged_as != NULL ? request->logged_as : request->surface->name);
    if (copy)
        whole->names[ROLLUP_TOKEN] = TEXT("shadow");
    else if (request->token != NULL)
        whole->names[ROLLUP_TOKEN] = request->token->id;
    if (copy)
        whole->names[ROLLUP_PROJECT] = TEXT("default");
    else if (request->project != NULL)
        whole->names[ROLLUP_PROJECT] = request->project->name;
    if (!copy) {
        whole->names[ROLLUP_STATUS] =
            (struct text){status, (size_t)snprintf(status, sizeof status, "%d", request->status)};
        whole->names[ROLLUP_TAGS] = tags_of(request);
        whole->timed = true;
        whole->took_us = duration_us;
        count_outcome(request, whole);
    }
    ledger_roll(request->worker, request->config->settings.zone, wall_ms, whole);
}
