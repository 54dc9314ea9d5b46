/* The model's answer against the output schema. JSON that stands in a fence or between sentences is
 * found, slips are mended where the endpoint wants it, and nothing is guessed: it fits, or it is
 * known exactly why not. */
#include "base/check.h"
#include "base/clock.h"
#include "document/json_extract.h"
#include "document/place.h"
#include "gateway/stages.h"

static enum verdict refuse_text(struct request *request, const struct json_extract *found,
                                const struct error *why)
{
    if (request->answer.refusal.len > 0)
        error_set(&request->error, ERROR_OUTPUT_NOT_JSON, NULL,
                  "the model declined to answer, so there is no output");
    else if (request->answer.finish == CHAT_FINISH_LENGTH)
        error_set(&request->error, ERROR_OUTPUT_TRUNCATED, why->at,
                  "the model's answer was cut off at its token limit before the JSON was complete");
    else if (found->found > 1)
        error_set(&request->error, ERROR_OUTPUT_NOT_JSON, NULL,
                  "the model's answer is not one JSON value: %s", why->message);
    else
        error_set(&request->error, ERROR_OUTPUT_NOT_JSON, why->at,
                  "the model's answer is not JSON: %s", why->message);
    if (request->answer.finish == CHAT_FINISH_LENGTH)
        error_hint(&request->error, "raise params.max_tokens of the endpoint, or ask for less");
    return output_refused(request);
}

/* Places are told in the text as the model wrote it, of which the value may be a part. */
static void move_places(struct violations *violations, struct position start)
{
    for (size_t i = 0; i < violations->listed; i++) {
        struct position *place = &violations->items[i].position;

        if (place->line == 1)
            place->column += start.column - 1;
        if (place->line > 0)
            place->line += start.line - 1;
        place->byte += start.byte;
    }
}

static enum verdict refuse_value(struct request *request, const struct json_extract *found)
{
    struct violations *violations = ARENA_NEW(&request->arena, struct violations);

    schema_explain(request->endpoint->output, &request->output, 0, &request->arena, violations);
    if (request->output.cells == found->document.cells) { /* it stands there as it is */
        violations_locate(violations, &request->output);
        move_places(violations, position_at(request->answer.content, found->offset));
    }
    if (violations->undecided) {
        request->undecided = request->endpoint->output;
        error_set(&request->error, ERROR_INTERNAL, NULL,
                  "the output could not be checked within the limits of a check");
        return FAIL;
    }
    request->violations = violations;
    error_set(&request->error, ERROR_OUTPUT_SCHEMA_VIOLATION,
              arena_terminated(&request->arena, violations->items[0].instance_path),
              "the model's answer does not satisfy the endpoint's schema: %.*s",
              TEXT_ARG(violations->items[0].message));
    return output_refused(request);
}

/* The answer as the author's schema means it: a model that was held to strict structured output has
 * written null for what is missing. */
static struct document meant(struct request *request, const struct document *document)
{
    struct document out = *document;

    if (output_strict(request, request->target).len > 0)
        schema_raise(request->target->lowered, document, &request->arena, &out);
    return out;
}

static bool satisfies(void *context, const struct document *document)
{
    struct request *request = context;
    struct document out = meant(request, document);

    return schema_check(request->endpoint->output, &out, 0, &request->arena);
}

/* What a client was sent piece by piece is the answer, with whatever stands around the value; so
 * there the whole text must be it. */
static bool find_output(struct request *request, struct json_extract *out, struct error *why)
{
    static const struct json_limits limits = {.nodes = JSON_UNLIMITED};
    const struct json_extract_options options = {
        .limits = &limits,
        .roots = schema_root_types(request->endpoint->output),
        .fits = satisfies,
        .context = request,
        .repair = request->endpoint->invalid.repair,
        .complete = request->answer.finish == CHAT_FINISH_STOP,
    };
    struct text content = request->answer.content;

    *out = (struct json_extract){0};
    if (stream_wanted(request))
        return json_read(content, &limits, &request->arena, &out->document, NULL, why);
    return json_extract(content, &options, &request->arena, out, why);
}

/* A turn of tools has no output yet. A model that calls what nobody offered has merely missed it.
 */
static bool called_tools(const struct request *request)
{
    return request->answer.finish == CHAT_FINISH_TOOL_CALLS && request->chat.tool_count > 0;
}

enum verdict stage_check_output(struct request *request)
{
    uint64_t start_us = clock_monotonic_us();
    struct json_extract found;
    struct error why = {0};
    bool read, fits;

    if (request->endpoint->output == NULL || called_tools(request))
        return NEXT;
    if (request->doomed) {
        request->error = request->winner->failure.error;
        return output_refused(request);
    }
    read = find_output(request, &found, &why);
    fits = read && satisfies(request, &found.document);
    request->times.validate_out_us += clock_monotonic_us() - start_us;
    if (!read)
        return refuse_text(request, &found, &why);
    request->output = meant(request, &found.document);
    if (!fits)
        return refuse_value(request, &found);
    request->has_output = true;
    request->repaired = found.edit_count > 0;
    request->edits = found.edits;
    request->edit_count = found.edit_count;
    return NEXT;
}
