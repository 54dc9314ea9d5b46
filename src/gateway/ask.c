/* From the body's bytes to the messages a provider will get. */
#include "base/check.h"
#include "base/clock.h"
#include "document/json_write.h"
#include "gateway/stages.h"
#include "journal/metrics.h"

/* --- read
 * ------------------------------------------------------------------------------------------ */

/* curl -d alone says it sends a form: better told than guessed. */
static bool media_type_fits(struct request *request)
{
    struct text rest = http_header(&request->http, TEXT("content-type"));
    struct text type = text_trim(text_split(&rest, ';'));

    if (type.len == 0 || text_equal_nocase(type, TEXT("application/json")) ||
        (text_starts(type, TEXT("application/")) && text_ends(type, TEXT("+json"))))
        return true;
    error_set(&request->error, ERROR_UNSUPPORTED_MEDIA_TYPE, "content-type",
              "the body must be JSON; its content-type says otherwise");
    error_hint(&request->error,
               "send 'Content-Type: application/json', or none; with curl: --json");
    return false;
}

enum verdict stage_read(struct request *request)
{
    struct text header = http_header(&request->http, TEXT("pinion-session-id"));
    struct text prefer = http_header(&request->http, TEXT("prefer"));

    if (!media_type_fits(request))
        return FAIL;
    if (!body_read(request->http.body, request->endpoint, &request->arena, &request->body,
                   &request->error))
        return FAIL;
    if (request->body.session_id.len == 0)
        request->body.session_id = header;
    request->return_output =
        request->endpoint->output != NULL &&
        (request->endpoint->respond_output || text_equal(prefer, TEXT("return=output")));
    if (request->endpoint->stream == STREAM_OFF)
        request->body.stream = false;
    return NEXT;
}

/* --- check_input
 * ------------------------------------------------------------------------------------ */

static enum verdict refuse_input(struct request *request)
{
    struct violations *violations = ARENA_NEW(&request->arena, struct violations);
    const struct text labels[] = {request->endpoint->slug, TEXT("input")};

    schema_explain(request->endpoint->input, request->body.input, request->body.input_at,
                   &request->arena, violations);
    violations_locate(violations, request->body.input);
    if (violations->undecided) {
        request->undecided = request->endpoint->input;
        error_set(&request->error, ERROR_INTERNAL, NULL,
                  "the input could not be checked within the limits of a check");
        return FAIL;
    }
    request->violations = violations;
    metric_add(request->worker->metrics, METRIC_SCHEMA_VIOLATIONS, labels, 1);
    error_set(&request->error, ERROR_INPUT_SCHEMA_VIOLATION,
              arena_terminated(&request->arena, violations->items[0].instance_path),
              "the input does not satisfy the endpoint's schema: %.*s",
              TEXT_ARG(violations->items[0].message));
    return FAIL;
}

enum verdict stage_check_input(struct request *request)
{
    const struct schema *schema = request->endpoint->input;
    struct call_body *body = &request->body;
    uint64_t start_us = clock_monotonic_us();
    bool fits;

    if (schema == NULL)
        return NEXT;
    fits = schema_check(schema, body->input, body->input_at, &request->arena);
    if (!fits && body->input_as_text != NULL &&
        schema_check(schema, body->input_as_text, 0, &request->arena)) {
        body->input = body->input_as_text;
        body->input_at = 0;
        fits = true;
    }
    request->times.validate_us += clock_monotonic_us() - start_us;
    return fits ? NEXT : refuse_input(request);
}

/* --- route
 * ------------------------------------------------------------------------------------------ */

static int64_t history_tokens(const struct request *request)
{
    int64_t tokens = 0;

    for (size_t i = 0; i < request->history_count; i++)
        tokens += chat_estimate_tokens(request->history[i].text);
    for (size_t i = 0; i < request->body.earlier_count; i++)
        tokens += chat_estimate_tokens(request->body.earlier[i].text);
    return tokens;
}

static int64_t code_points(struct text text)
{
    int64_t points = 0;

    for (size_t i = 0; i < text.len; i++)
        points += ((unsigned char)text.at[i] & 0xC0) != 0x80;
    return points;
}

static struct route_facts facts_of(const struct request *request)
{
    const struct call_body *body = &request->body;

    return (struct route_facts){
        .input_tokens = chat_estimate_tokens(body->caller_text) + history_tokens(request),
        .input_chars = code_points(body->caller_text),
        .messages_count = (int64_t)(body->earlier_count + request->history_count + 1),
        .session_messages = (int64_t)request->history_count,
        .has_input_schema = request->endpoint->input != NULL,
        .has_output_schema = request->endpoint->output != NULL,
        .streaming = body->stream,
        .wall_ms = request->wall_ms,
    };
}

enum verdict stage_route(struct request *request)
{
    const struct endpoint *endpoint = request->endpoint;
    struct text labels[2] = {endpoint->slug, TEXT("default")};

    request->target = &endpoint->target;
    request->rule_name = TEXT("default");
    if (endpoint->rules.count > 0) {
        struct route_facts facts = facts_of(request);

        request->rule = route_first_match(&endpoint->rules, &facts);
        if (request->rule != ROUTE_DEFAULT) {
            request->target = &endpoint->rule_targets[request->rule];
            request->rule_name = labels[1] = endpoint->rules.items[request->rule].name;
        }
    }
    metric_add(request->worker->metrics, METRIC_ROUTE_DECISIONS, labels, 1);
    return NEXT;
}

/* --- render
 * ----------------------------------------------------------------------------------------- */

/* Without a template the input itself is the message: a string as it is, anything else as JSON. */
static struct text render_user(struct request *request)
{
    const struct call_body *body = &request->body;
    struct buffer out = buffer_in(&request->arena);

    if (request->endpoint->has_template)
        template_render(&request->endpoint->template, body->input, body->input_at, &out);
    else if (body->input->cells[body->input_at].type == CELL_STRING)
        return document_text(body->input, body->input_at);
    else
        json_put_cell(&out, body->input, body->input_at);
    return buffer_text(&out);
}

static void put_messages(struct request *request, const struct chat_message *from, size_t count,
                         struct chat_message *messages, size_t *at)
{
    (void)request;
    for (size_t i = 0; i < count; i++)
        messages[(*at)++] = from[i];
}

static void build_messages(struct request *request)
{
    const struct call_body *body = &request->body;
    size_t room = body->earlier_count + request->history_count + 2, at = 0;
    struct chat_message *messages = ARENA_ARRAY(&request->arena, struct chat_message, room);
    struct buffer system = buffer_in(&request->arena);

    template_render(&request->endpoint->system, body->input, body->input_at, &system);
    if (system.len > 0)
        messages[at++] = (struct chat_message){.role = CHAT_SYSTEM, .text = buffer_text(&system)};
    put_messages(request, request->history, request->history_count, messages, &at);
    put_messages(request, body->earlier, body->earlier_count, messages, &at);
    request->user_text = render_user(request);
    messages[at++] = (struct chat_message){.role = CHAT_USER, .text = request->user_text};
    CHECK(at <= room);
    request->chat.messages = messages;
    request->chat.message_count = request->rendered_count = at;
}

enum verdict stage_render(struct request *request)
{
    const struct endpoint *endpoint = request->endpoint;
    uint64_t start_us = clock_monotonic_us();

    request->chat = (struct chat){
        .output_schema = endpoint->output != NULL ? endpoint->output_document : NULL,
        .output_schema_at = endpoint->output_at,
        .output_name = endpoint->slug,
        .caller_text = request->body.caller_text,
    };
    build_messages(request);
    request->times.render_us = clock_monotonic_us() - start_us;
    return NEXT;
}
