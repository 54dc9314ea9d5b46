/* What is told of a request that is traced. Times are those of its clock, from when it came; what
 * each attempt knows is told by itself. */
#include "base/check.h"
#include "gateway/measures.h"
#include "gateway/stages.h"
#include "gateway/tool_calls.h"
#include "gateway/tracing.h"
#include "telemetry/exporter.h"

#include <stdio.h>

static int64_t wall_us(const struct request *request, uint64_t monotonic_us)
{
    return request->wall_ms * 1000 + (int64_t)(monotonic_us - request->http.started_us);
}

/* Seconds with six places. */
static void put_seconds(struct span *span, enum telemetry_name attribute, uint64_t us)
{
    char out[32];

    span_put(span, attribute,
             (struct text){out, (size_t)snprintf(out, sizeof out, "%llu.%06llu",
                                                 (unsigned long long)(us / 1000000),
                                                 (unsigned long long)(us % 1000000))});
}

/* --- the request
 * ---------------------------------------------------------------------------------- */

static struct text host_of(const struct request *request)
{
    struct text host = http_header(&request->http, TEXT("host"));
    size_t bracket = text_find_byte(host, ']');

    return bracket < host.len ? text_first(host, bracket + 1)
                              : text_first(host, text_find_byte(host, ':'));
}

/* What a caller makes up is not in it: slugs, projects and ids of objects are named, not shown. */
static void write_route(const struct request *request, char out[SPAN_NAME_MAX])
{
    static const struct text lists[] = {TEXT_INIT("models/"), TEXT_INIT("responses/")};
    struct text path = request->http.path, root = TEXT("/api/"), rest = request->path_rest;
    const char *project = "", *id = "";

    if (request->surface == &surface_slug && rest.len == 0) {
        snprintf(out, SPAN_NAME_MAX, "/{slug}");
        return;
    }
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (text_starts(rest, lists[i])) {
            path = text_first(path, path.len - (rest.len - lists[i].len));
            id = "{id}";
        }
    if (request->project_named.len > 0 && text_starts(path, root)) {
        path = text_after(path, root.len);
        path = text_after(path, text_find_byte(path, '/'));
        project = "/api/{project}";
    }
    snprintf(out, SPAN_NAME_MAX, "%s%.*s%s", project, TEXT_ARG(text_cut(path, SPAN_NAME_MAX / 2)),
             id);
}

static void put_endpoint(struct span *span, const struct request *request)
{
    char number[24];

    if (request->endpoint == NULL)
        return;
    snprintf(number, sizeof number, "%llu", (unsigned long long)*request->endpoint->number);
    span_put(span, NAME_ENDPOINT, request->endpoint->slug);
    span_put(span, NAME_VERSION, text_of(number));
    if (request->target != NULL)
        span_put(span, NAME_ROUTE, request->rule_name);
    span_put_integer(span, NAME_ATTEMPTS, request->calls);
}

/* What the conventions have for calls of tools, in place of what they have for HTTP. */
static void put_tool(struct span *span, const struct request *request, const struct mcp_call *call)
{
    struct tool_outcome outcome = tool_outcome_of(request, call);
    struct text id = call->asker.id;

    if (id.len > 2 && id.at[0] == '"')
        id = text_between(id.at + 1, id.at + id.len - 1);
    span->failed = outcome.error_type.len > 0;
    span_put(span, NAME_MCP_METHOD, TEXT("tools/call"));
    span_put(span, NAME_MCP_VERSION, call->version);
    span_put(span, NAME_OPERATION, TEXT("execute_tool"));
    span_put(span, NAME_TOOL, call->tool);
    span_put(span, NAME_RPC_ID, id);
    span_put(span, NAME_RPC_STATUS, outcome.status_code);
    span_put(span, NAME_ERROR_TYPE, outcome.error_type);
    if (request->carrier == NULL || memcmp(request->carrier->parent_id, request->trace.parent_id,
                                           sizeof span->link_span_id) == 0)
        return;
    span->linked = true;
    memcpy(span->link_trace_id, request->carrier->trace_id, sizeof span->link_trace_id);
    memcpy(span->link_span_id, request->carrier->parent_id, sizeof span->link_span_id);
    span->link_flags = request->carrier->flags;
}

static void put_http(struct span *span, const struct request *request, const char *route)
{
    bool https = request->config->settings.certificate.len > 0;

    span->failed = request->status >= 500;
    span_put(span, NAME_HTTP_METHOD, request->http.method);
    span_put(span, NAME_HTTP_ROUTE, text_of(route));
    span_put_integer(span, NAME_HTTP_STATUS, request->status);
    span_put(span, NAME_URL_SCHEME, https ? TEXT("https") : TEXT("http"));
    span_put(span, NAME_ERROR_TYPE, text_of(error_row(request->error.code)->word));
}

static void tell_request(const struct request *request, uint64_t duration_us)
{
    const struct mcp_call *tool = tool_call_of(request);
    char route[SPAN_NAME_MAX], name[SPAN_NAME_MAX + 24];
    struct span span;

    write_route(request, route);
    if (tool != NULL)
        snprintf(name, sizeof name, "tools/call %.*s", TEXT_ARG(text_cut(tool->tool, 64)));
    else
        snprintf(name, sizeof name, "%.*s %s", TEXT_ARG(text_cut(request->http.method, 16)), route);
    span_init(&span, &request->trace, SPAN_KIND_SERVER, text_of(name));
    memcpy(span.span_id, request->trace.span_id, sizeof span.span_id);
    memcpy(span.parent_id, request->trace.parent_id, sizeof span.parent_id);
    span.remote = true;
    span.start_us = request->wall_ms * 1000;
    span.end_us = span.start_us + (int64_t)duration_us;
    if (tool != NULL)
        put_tool(&span, request, tool);
    else
        put_http(&span, request, route);
    span_put(&span, NAME_SERVER_ADDRESS, host_of(request));
    span_put(&span, NAME_CLIENT_ADDRESS, request->http.peer);
    span_put(&span, NAME_REQUEST_ID, request->id);
    put_endpoint(&span, request);
    exporter_take(request->worker->gateway->exporter, &span);
}

/* --- attempts
 * ------------------------------------------------------------------------------------- */

static void put_asked(struct span *span, const struct attempt *attempt)
{
    const struct chat *chat = &attempt->chat;

    span_put(span, NAME_OPERATION, chat->embeds ? TEXT("embeddings") : TEXT("chat"));
    span_put(span, NAME_PROVIDER, attempt_vendor(attempt));
    span_put(span, NAME_MODEL, attempt->target->model);
    span_put(span, NAME_SERVER_ADDRESS, attempt->target->provider->host);
    if (attempt->target->provider->host.len > 0)
        span_put_integer(span, NAME_SERVER_PORT, attempt->target->provider->port);
    span_put_integer(span, NAME_ATTEMPT, attempt->number);
    span_put(span, NAME_TEMPERATURE, chat->params.json[CHAT_PARAM_TEMPERATURE]);
    span_put(span, NAME_TOP_P, chat->params.json[CHAT_PARAM_TOP_P]);
    span_put(span, NAME_MAX_TOKENS, chat->params.json[CHAT_PARAM_MAX_TOKENS]);
    span_put(span, NAME_SEED, chat->params.json[CHAT_PARAM_SEED]);
    span_put(span, NAME_STOP, chat->params.json[CHAT_PARAM_STOP]);
    if (chat->embeds)
        return;
    span_put(span, NAME_STREAM, chat->stream ? TEXT("true") : TEXT("false"));
    span_put(span, NAME_OUTPUT_TYPE, chat->output_schema != NULL ? TEXT("json") : TEXT("text"));
}

static void put_prompt(struct span *span, const struct request *request)
{
    char number[24];

    snprintf(number, sizeof number, "%llu", (unsigned long long)*request->endpoint->number);
    span_put(span, NAME_PROMPT_NAME, request->endpoint->slug);
    span_put(span, NAME_PROMPT_VERSION, text_of(number));
    if (request->sessioned)
        span_put(span, NAME_CONVERSATION, request->session_id);
}

static void put_usage(struct span *span, const struct chat_usage *usage)
{
    span_put_integer(span, NAME_INPUT_TOKENS, usage->prompt_tokens);
    span_put_integer(span, NAME_OUTPUT_TOKENS, usage->completion_tokens);
    if (usage->cached_tokens > 0)
        span_put_integer(span, NAME_CACHE_READ_TOKENS, usage->cached_tokens);
    if (usage->cache_write_tokens > 0)
        span_put_integer(span, NAME_CACHE_WRITE_TOKENS, usage->cache_write_tokens);
    if (usage->reasoning_tokens > 0)
        span_put_integer(span, NAME_REASONING_TOKENS, usage->reasoning_tokens);
}

static void put_answered(struct span *span, const struct attempt *attempt)
{
    const char *finish = chat_finish_name(attempt->answer.finish);
    char reasons[32];

    span_put(span, NAME_ERROR_TYPE, attempt_result(attempt));
    span_put(span, NAME_RESPONSE_ID, attempt->answer.id);
    span_put(span, NAME_RESPONSE_MODEL, attempt->answer.model);
    if (*finish != '\0') {
        snprintf(reasons, sizeof reasons, "[\"%s\"]", finish);
        span_put(span, NAME_FINISH_REASONS, text_of(reasons));
    }
    if (attempt->streamed && attempt->first_us > 0)
        put_seconds(span, NAME_FIRST_CHUNK, attempt->first_us - attempt->started_us);
    if (attempt->settled)
        put_usage(span, &attempt->answer.usage);
}

static void tell_attempt(const struct request *request, const struct attempt *attempt,
                         uint64_t duration_us)
{
    uint64_t ended_us =
        attempt->ended_us > 0 ? attempt->ended_us : request->http.started_us + duration_us;
    struct span span;
    char name[SPAN_NAME_MAX];

    snprintf(name, sizeof name, "%s %.*s", attempt->chat.embeds ? "embeddings" : "chat",
             TEXT_ARG(attempt->target->model));
    span_init(&span, &request->trace, SPAN_KIND_CLIENT, text_of(name));
    memcpy(span.span_id, attempt->span_id, sizeof span.span_id);
    memcpy(span.parent_id, request->trace.span_id, sizeof span.parent_id);
    span.start_us = wall_us(request, attempt->started_us);
    span.end_us = wall_us(request, ended_us);
    span.failed = attempt->failure.kind != FAILURE_NONE;
    put_asked(&span, attempt);
    put_answered(&span, attempt);
    put_prompt(&span, request);
    exporter_take(request->worker->gateway->exporter, &span);
}

void tracing_tell(const struct request *request, uint64_t duration_us)
{
    tell_request(request, duration_us);
    for (const struct attempt *attempt = request->attempts; attempt != NULL;
         attempt = attempt->next)
        if (attempt->sent_out)
            tell_attempt(request, attempt, duration_us);
}
