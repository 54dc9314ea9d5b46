/* From the body's bytes to the messages a provider will get. */
#include "base/check.h"
#include "base/clock.h"
#include "config/caller_output.h"
#include "document/json_write.h"
#include "gateway/call_states.h"
#include "gateway/stages.h"
#include "journal/metrics.h"

/* --- read
 * ------------------------------------------------------------------------------------------ */

/* curl -d alone says it sends a form: better told than guessed. */
bool request_body_is_json(struct request *request)
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

static void own_text(struct request *request, struct text *text)
{
    *text = arena_copy(&request->arena, *text);
}

/* Where others may wait for its call, a request can outlive what its carrier holds. */
static void own_http(struct request *request)
{
    struct http_request *http = &request->http;
    struct http_header *headers =
        ARENA_ARRAY(&request->arena, struct http_header, http->header_count);

    for (size_t i = 0; i < http->header_count; i++) {
        headers[i] = http->headers[i];
        own_text(request, &headers[i].name);
        own_text(request, &headers[i].value);
    }
    http->headers = headers;
    own_text(request, &http->method);
    own_text(request, &http->path);
    own_text(request, &http->query);
    own_text(request, &http->body);
    own_text(request, &http->peer);
    own_text(request, &http->user);
    own_text(request, &request->id);
    own_text(request, &request->trace.state);
    request->slug = request->endpoint->slug;
    request->project_named = (struct text){0};
}

/* Where the body names what is called it is open already. */
bool request_open_body(struct request *request)
{
    return request->body.document.cells != NULL ||
           body_open_for(request->surface, request->http.body, &request->arena, &request->body,
                         &request->error);
}

static void give_back(void *held_by)
{
    struct request *request = held_by;

    schema_cache_return(request->worker->gateway->tool_schemas, request->body.output_held);
}

/* As far as anything behind this stage knows, it is the endpoint that says so. */
void request_take_output(struct request *request)
{
    const struct call_body *body = &request->body;
    const struct caller_output output = {.schema = schema_of(body->output_held),
                                         .document = body->output_document,
                                         .at = body->output_at,
                                         .loose = body->output_loose};

    request->endpoint = endpoint_with_output(request->endpoint, &output, &request->arena);
}

static bool read_body(struct request *request)
{
    bool good = body_read(&request->body, request->surface, request->endpoint,
                          request->worker->gateway->tool_schemas, &request->arena, &request->error);

    if (request->body.output_held != NULL)
        arena_defer(&request->arena, give_back, request);
    if (good && request->body.output_held != NULL)
        request_take_output(request);
    return good;
}

enum verdict stage_read(struct request *request)
{
    struct text header = http_header(&request->http, TEXT("pinion-session-id"));
    struct text prefer = http_header(&request->http, TEXT("prefer"));

    if (!request_body_is_json(request))
        return FAIL;
    if (request->endpoint->cache.max_ms > 0) {
        own_http(request);
        header = http_header(&request->http, TEXT("pinion-session-id"));
        prefer = http_header(&request->http, TEXT("prefer"));
    }
    if (!request_open_body(request) || !read_body(request))
        return FAIL;
    if (request->body.session_id.len == 0)
        request->body.session_id = header;
    if (request->surface->keeping != NULL) /* what was said before is said by other means */
        request->body.session_off = request->body.session_id.len == 0;
    request->return_output =
        request->endpoint->output != NULL &&
        (request->endpoint->respond_output || text_equal(prefer, TEXT("return=output")));
    if (request->endpoint->stream == STREAM_OFF) {
        request->streams_late = request->body.stream && request->surface->streams_only &&
                                request->shadow == NULL; /* it has nobody to stream to */
        request->body.stream = false;
    }
    return NEXT;
}

/* --- check_input
 * ------------------------------------------------------------------------------------ */

/* In what the caller sent, of which the input may be an altered copy; what is not there has no
 * place.
 */
static void locate(struct violations *violations, const struct call_body *body)
{
    for (size_t i = 0; i < violations->listed; i++)
        violations->items[i].cell =
            document_at(body->sent, body->sent_at, violations->items[i].instance_path);
    violations_locate(violations, body->sent);
}

static enum verdict refuse_input(struct request *request)
{
    struct violations *violations = ARENA_NEW(&request->arena, struct violations);
    const struct text labels[] = {request->endpoint->slug, TEXT("input")};
    struct text message;

    schema_explain(request->endpoint->input, request->body.input, request->body.input_at,
                   &request->arena, violations);
    locate(violations, &request->body);
    if (violations->undecided) {
        request->undecided = request->endpoint->input;
        error_set(&request->error, ERROR_INTERNAL, NULL,
                  "the input could not be checked within the limits of a check");
        return FAIL;
    }
    request->violations = violations;
    if (request->decided == NULL)
        metric_add(request->worker->metrics, METRIC_SCHEMA_VIOLATIONS, labels, 1);
    message = request->endpoint->variables != NULL
                  ? variables_complaint(&violations->items[0], &request->arena)
                  : violations->items[0].message;
    error_set(&request->error, ERROR_INPUT_SCHEMA_VIOLATION,
              arena_terminated(&request->arena, violations->items[0].instance_path),
              "the input does not satisfy the endpoint's %s: %.*s",
              request->endpoint->variables != NULL ? "variables" : "schema", TEXT_ARG(message));
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
    request->times.validate_in_us += clock_monotonic_us() - start_us;
    return fits ? NEXT : refuse_input(request);
}

/* --- render
 * ----------------------------------------------------------------------------------------- */

static bool render_prompt(struct request *request, const struct template *template,
                          struct text *out_text)
{
    const struct call_body *body = &request->body;
    struct buffer out = buffer_in(&request->arena);
    bool good = template_render(template, body->input, body->input_at, &out, &request->error);

    *out_text = buffer_text(&out);
    return good;
}

/* Without a template the input itself is the message: a string as it is, anything else as JSON. */
static bool render_user(struct request *request)
{
    const struct call_body *body = &request->body;
    struct buffer out = buffer_in(&request->arena);

    if (request->endpoint->has_template)
        return render_prompt(request, &request->endpoint->template, &request->user_text);
    if (body->input->cells[body->input_at].type == CELL_STRING) {
        request->user_text = document_text(body->input, body->input_at);
        return true;
    }
    json_put_cell(&out, body->input, body->input_at);
    request->user_text = buffer_text(&out);
    return true;
}

/* The input's images stay where they stood around its text, which is written anew; as written, too,
 * where there is nothing to be made of it. */
static struct chat_message user_message(struct request *request)
{
    const struct call_body *body = &request->body;
    struct chat_message message = {.role = CHAT_USER, .text = request->user_text};
    struct chat_part *parts = ARENA_ARRAY(&request->arena, struct chat_part, body->part_count + 1);
    struct chat_part text = {.type = CHAT_TEXT, .text = request->user_text};
    bool rendered = request->endpoint->has_template || body->input_at != 0 ||
                    body->input->cells[0].type != CELL_STRING;

    if (body->parts == NULL)
        return message;
    message.parts = parts;
    for (size_t i = 0; i < body->part_count; i++) {
        if (body->parts[i].type != CHAT_TEXT || !rendered)
            parts[message.part_count++] = body->parts[i];
        else if (text.text.len > 0)
            parts[message.part_count++] = text, text.text.len = 0;
    }
    if (rendered && text.text.len > 0)
        parts[message.part_count++] = text;
    return message;
}

static void put_messages(const struct chat_message *from, size_t count,
                         struct chat_message *messages, size_t *at)
{
    for (size_t i = 0; i < count; i++)
        messages[(*at)++] = from[i];
}

static void restore_states(struct request *request, struct chat_message *messages, size_t count)
{
    const struct call_owner owner = call_owner_of(request);

    if (request->endpoint->allow_tools)
        call_states_restore(request->worker->gateway->call_states, &owner, messages, count,
                            &request->arena, clock_monotonic_ms());
}

/* An alias has its own only for callers who bring none, and as it is written. */
static bool render_system(struct request *request, struct text *out)
{
    const struct endpoint *endpoint = request->endpoint;
    const struct call_body *body = &request->body;

    if (endpoint->kind == ENDPOINT_SLUG)
        return render_prompt(request, &endpoint->system, out);
    *out = endpoint->system_source;
    for (size_t i = 0; i < body->earlier_count; i++)
        if (body->earlier[i].role == CHAT_SYSTEM)
            *out = (struct text){0};
    return true;
}

static bool build_messages(struct request *request)
{
    const struct call_body *body = &request->body;
    size_t room = body->earlier_count + request->history_count + body->later_count + 2, at = 0;
    struct chat_message *messages = ARENA_ARRAY(&request->arena, struct chat_message, room);
    struct text system;

    if (!render_system(request, &system) || !render_user(request))
        return false;
    if (system.len > 0)
        messages[at++] = (struct chat_message){.role = CHAT_SYSTEM, .text = system};
    put_messages(request->history, request->history_count, messages, &at);
    put_messages(body->earlier, body->earlier_count, messages, &at);
    messages[at++] = user_message(request);
    put_messages(body->later, body->later_count, messages, &at);
    CHECK(at <= room);
    restore_states(request, messages, at);
    request->chat.messages = messages;
    request->chat.message_count = request->rendered_count = at;
    return true;
}

/* Texts to embed are as they were written: no prompt stands around them. */
static bool take_texts(struct request *request)
{
    const struct call_body *body = &request->body;

    request->chat.messages = body->texts;
    request->chat.message_count = request->rendered_count = body->text_count;
    request->chat.embeds = true;
    request->chat.token_texts = body->token_texts;
    request->chat.dimensions = body->dimensions;
    request->chat.purpose = request->endpoint->purpose;
    return true;
}

enum verdict stage_render(struct request *request)
{
    const struct endpoint *endpoint = request->endpoint;
    uint64_t start_us = clock_monotonic_us();
    bool good;

    request->chat = (struct chat){
        .output_schema = endpoint->output != NULL ? endpoint->output_document : NULL,
        .output_schema_at = endpoint->output_at,
        .output_name = request->body.output_held != NULL ? TEXT("answer") : endpoint->slug,
        .caller_text = request->body.caller_text,
        .tools = request->body.tools,
        .tool_count = request->body.tool_count,
        .choice = request->body.choice,
        .choice_name = request->body.choice_name,
        .one_call = request->body.one_call,
    };
    good = request->body.texts != NULL ? take_texts(request) : build_messages(request);
    request->times.render_us = clock_monotonic_us() - start_us;
    return good ? NEXT : FAIL;
}
