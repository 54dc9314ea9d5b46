/* The model's answer against the output schema. Nothing is guessed and nothing is changed: it fits,
 * or the caller learns exactly why not. */
#include "base/check.h"
#include "base/clock.h"
#include "document/json_read.h"
#include "gateway/stages.h"
#include "journal/metrics.h"

static enum verdict refuse(struct request *request)
{
    const struct text labels[] = {request->endpoint->slug, TEXT("output")};

    metric_add(request->worker->metrics, METRIC_SCHEMA_VIOLATIONS, labels, 1);
    return FAIL;
}

static enum verdict refuse_text(struct request *request, const struct error *why)
{
    if (request->answer.refusal.len > 0)
        error_set(&request->error, ERROR_OUTPUT_NOT_JSON, NULL,
                  "the model declined to answer, so there is no output");
    else if (request->answer.finish == CHAT_FINISH_LENGTH)
        error_set(&request->error, ERROR_OUTPUT_TRUNCATED, why->at,
                  "the model's answer was cut off at its token limit before the JSON was complete");
    else
        error_set(&request->error, ERROR_OUTPUT_NOT_JSON, why->at,
                  "the model's answer is not JSON: %s", why->message);
    if (request->answer.finish == CHAT_FINISH_LENGTH)
        error_hint(&request->error, "raise params.max_tokens of the endpoint, or ask for less");
    return refuse(request);
}

static enum verdict refuse_value(struct request *request)
{
    struct violations *violations = ARENA_NEW(&request->arena, struct violations);

    schema_explain(request->endpoint->output, &request->output, 0, &request->arena, violations);
    violations_locate(violations, &request->output);
    request->violations = violations;
    if (violations->listed == 0)
        error_set(&request->error, ERROR_INTERNAL, NULL,
                  "the output could not be checked within the limit of steps");
    else
        error_set(&request->error, ERROR_OUTPUT_SCHEMA_VIOLATION,
                  arena_terminated(&request->arena, violations->items[0].instance_path),
                  "the model's answer does not satisfy the endpoint's schema: %.*s",
                  TEXT_ARG(violations->items[0].message));
    return refuse(request);
}

enum verdict stage_check_output(struct request *request)
{
    static const struct json_limits limits = {.nodes = JSON_UNLIMITED};
    const struct schema *schema = request->endpoint->output;
    struct text content = request->answer.content;
    uint64_t start_us = clock_monotonic_us();
    struct error why = {0};
    bool read, fits = false;

    if (schema == NULL)
        return NEXT;
    read = json_read(content, &limits, &request->arena, &request->output, NULL, &why);
    if (read)
        fits = schema_check(schema, &request->output, 0, &request->arena);
    request->times.validate_us += clock_monotonic_us() - start_us;
    if (!read)
        return refuse_text(request, &why);
    if (!fits)
        return refuse_value(request);
    request->has_output = true;
    return NEXT;
}
