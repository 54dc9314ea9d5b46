/* POST /mcp. A message is read and its sender known before anything is done for it. Tools are
 * called through the pipeline, as endpoints are everywhere; the few other messages say what there
 * is, and are answered here. */
#include "surface/mcp.h"

#include "document/json_write.h"
#include "gateway/bearer.h"
#include "gateway/mcp_listen.h"
#include "gateway/paths.h"
#include "gateway/stages.h"
#include "gateway/tracing.h"

enum { MESSAGES_A_MINUTE = 1200, MINUTE_MS = 60000 };

/* --- who may ask -------------------------------------------------------------------------------
 */

/* What a browser sends along, so that a page of somebody else's cannot use a server that trusts
 * whoever reaches it. */
static bool origin_fits(struct request *request)
{
    struct text origin = http_header(&request->http, TEXT("origin"));

    if (origin.len == 0 || origin_allowed(&request->config->settings.mcp_origins, origin))
        return true;
    error_set(&request->error, ERROR_ORIGIN_DENIED, "origin",
              "web pages of this origin may not speak MCP here");
    error_hint(&request->error, "an operator can list it in pinion.yaml: mcp: {origins: [...]}");
    return false;
}

/* Of messages that are no calls: these have limits of their own. */
static bool not_too_often(struct request *request)
{
    struct rate_verdict verdict =
        rate_take(request->worker->gateway->rates, limit_key("mcp", request->token->id, TEXT("")),
                  MESSAGES_A_MINUTE, MINUTE_MS, loop_now_ms(request->worker->loop));

    if (verdict.allowed)
        return true;
    error_set(&request->error, ERROR_RATE_LIMITED, NULL,
              "more than %d messages a minute by this token, calls of tools apart",
              MESSAGES_A_MINUTE);
    request->error.retry_after_s = verdict.retry_after_s;
    return false;
}

static bool admitted(struct request *request)
{
    if (!origin_fits(request) || !bearer_authenticate(request, TOKEN_CALL) ||
        !request_find_project(request))
        return false;
    if ((request->token->verbs & VERB_MCP) != 0)
        return request_body_is_json(request);
    return error_set(&request->error, ERROR_SCOPE_DENIED, NULL,
                     "this token may not speak MCP: it lacks the verb 'mcp'");
}

/* --- answers -----------------------------------------------------------------------------------
 */

static void reply(struct request *request, int status, const struct buffer *out)
{
    request_reply(request, status, TEXT("application/json"), buffer_text(out));
}

static void reply_fault(struct request *request, struct text id, const struct mcp_fault *fault)
{
    struct buffer out = buffer_in(&request->arena);

    mcp_put_fault(&out, id, fault);
    reply(request, fault->status, &out);
}

static void reply_tools(struct request *request, const struct mcp_asker *asker)
{
    struct buffer out = buffer_in(&request->arena);

    mcp_begin_result(&out, asker);
    json_put_name(&out, "tools");
    buffer_put_byte(&out, '[');
    mcp_tools_put(&request->lease->shared->tools, request->config, request->token, asker->modern,
                  &out);
    buffer_put_byte(&out, ']');
    mcp_put_cacheable(&out, asker);
    mcp_end_result(&out, asker, TEXT(""));
    reply(request, 200, &out);
}

/* --- tools/call --------------------------------------------------------------------------------
 */

static bool accepts_stream(const struct request *request)
{
    struct text accept = http_header(&request->http, TEXT("accept"));

    return accept.len == 0 || text_find(accept, TEXT("text/event-stream")) < accept.len ||
           text_find(accept, TEXT("*/*")) < accept.len ||
           text_find(accept, TEXT("text/*")) < accept.len;
}

/* One that the token may not call is not there, as it is in no list of the token's. */
static void refuse_tool(struct request *request, const struct mcp_message *message,
                        struct text name)
{
    const struct config *config = request->config;
    struct text *names = ARENA_ARRAY(&request->arena, struct text, config->endpoint_count), near;
    struct mcp_fault fault;
    size_t count = 0;

    for (size_t i = 0; i < config->endpoint_count; i++)
        if (mcp_tools_has(&config->endpoints[i], request->token))
            names[count++] = config_tool_name(&config->endpoints[i]);
    near = nearest_name(name, names, count);
    if (near.len > 0)
        mcp_fail(&fault, MCP_INVALID_PARAMS, 200, "there is no tool '%.*s': did you mean '%.*s'?",
                 TEXT_ARG(text_cut(name, 64)), TEXT_ARG(near));
    else
        mcp_fail(&fault, MCP_INVALID_PARAMS, 200, "there is no tool '%.*s'",
                 TEXT_ARG(text_cut(name, 64)));
    reply_fault(request, message->id, &fault);
}

static bool read_call(const struct mcp_message *message, struct text *out_name,
                      uint32_t *out_arguments, struct mcp_fault *fault)
{
    const struct document *document = &message->document;
    uint32_t name = mcp_param(message, "name");

    *out_arguments = mcp_param(message, "arguments");
    if (name == CELL_NONE || document->cells[name].type != CELL_STRING)
        return mcp_fail(fault, MCP_INVALID_PARAMS, 200, "'params' lacks the string 'name'");
    *out_name = document_text(document, name);
    return *out_arguments == CELL_NONE || document->cells[*out_arguments].type == CELL_OBJECT ||
           mcp_fail(fault, MCP_INVALID_PARAMS, 200, "'params.arguments' must be an object");
}

static void call_tool(struct request *request, struct mcp_call *call,
                      const struct mcp_message *message)
{
    const struct endpoint *endpoint;
    struct mcp_fault fault;
    struct text name;

    if (!read_call(message, &name, &call->arguments, &fault)) {
        reply_fault(request, message->id, &fault);
        return;
    }
    endpoint = config_tool(request->config, name);
    if (endpoint == NULL || !mcp_tools_has(endpoint, request->token)) {
        refuse_tool(request, message, name);
        return;
    }
    call->called = true;
    call->tool = config_tool_name(endpoint);
    call->version = arena_copy(&request->arena, message->version); /* a header, maybe */
    call->progress = accepts_stream(request) ? message->progress : (struct text){0};
    request->slug = endpoint->slug;
    pipeline_run(request);
}

/* --- subscriptions/listen ----------------------------------------------------------------------
 */

static void listen_to(struct request *request, const struct mcp_message *message)
{
    const struct document *document = &message->document;
    uint32_t at = mcp_param(message, "notifications");
    struct mcp_fault fault;

    if (at == CELL_NONE || document->cells[at].type != CELL_OBJECT) {
        mcp_fail(&fault, MCP_INVALID_PARAMS, 200, "'params' lacks the object 'notifications'");
        reply_fault(request, message->id, &fault);
        return;
    }
    at = document_member(document, at, TEXT("toolsListChanged"));
    mcp_listen(request, message->id,
               at != CELL_NONE && document->cells[at].type == CELL_BOOLEAN &&
                   document->cells[at].boolean);
}

/* --- the trace ---------------------------------------------------------------------------------
 */

static struct text meta_text(const struct mcp_message *message, struct text name)
{
    const struct document *document = &message->document;
    uint32_t at =
        message->meta == CELL_NONE ? CELL_NONE : document_member(document, message->meta, name);

    return at != CELL_NONE && document->cells[at].type == CELL_STRING ? document_text(document, at)
                                                                      : (struct text){0};
}

/* What a proxy on the way says in headers is about the connection; this is about the message. */
static void join_trace(struct request *request, const struct mcp_message *message)
{
    struct trace_context *carrier = ARENA_NEW(&request->arena, struct trace_context);

    *carrier = request->trace;
    if (tracing_join(request, meta_text(message, TEXT("traceparent")),
                     meta_text(message, TEXT("tracestate"))) &&
        trace_has_parent(carrier))
        request->carrier = carrier;
}

/* --- the whole ---------------------------------------------------------------------------------
 */

static void serve(struct request *request, struct mcp_call *call, const struct mcp_message *message)
{
    struct text instructions = request->config->settings.mcp_instructions;
    struct buffer out = buffer_in(&request->arena);

    switch (message->what) {
    case MCP_LIST:
        reply_tools(request, &call->asker);
        return;
    case MCP_CALL:
        call_tool(request, call, message);
        return;
    case MCP_LISTEN:
        listen_to(request, message);
        return;
    case MCP_INITIALIZE:
        mcp_put_initialized(&out, &call->asker, message->version, instructions);
        break;
    case MCP_DISCOVER:
        mcp_put_discovered(&out, &call->asker, instructions);
        break;
    case MCP_PING:
    case MCP_OTHER: /* a notification is none of these, and another request was refused */
        mcp_put_pong(&out, &call->asker);
        break;
    }
    reply(request, 200, &out);
}

void mcp_serve(struct request *request)
{
    struct mcp_call *call = ARENA_NEW(&request->arena, struct mcp_call);
    const struct mcp_headers headers = {
        .version = http_header(&request->http, TEXT("mcp-protocol-version")),
        .method = http_header(&request->http, TEXT("mcp-method")),
        .name = http_header(&request->http, TEXT("mcp-name")),
    };
    struct mcp_message message;
    struct mcp_fault fault;
    bool good;

    request->surface = &surface_mcp;
    request->body.own = call;
    if (!admitted(request)) {
        request_refuse(request);
        return;
    }
    /* A call can outlive what its carrier holds (ask.c). */
    good = mcp_read(arena_copy(&request->arena, request->http.body), &headers, &request->arena,
                    &message, &fault);
    call->asker = mcp_asker_of(&message);
    request->body.document = message.document;
    if (good)
        join_trace(request, &message);
    if (!good)
        reply_fault(request, message.id, &fault);
    else if (message.what != MCP_CALL && !not_too_often(request))
        request_refuse(request);
    else if (message.id.len == 0)
        request_reply(request, 202, TEXT("application/json"), TEXT(""));
    else
        serve(request, call, &message);
}
