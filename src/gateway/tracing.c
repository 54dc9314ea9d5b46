#include "gateway/tracing.h"

#include "telemetry/exporter.h"

/* Several headers are one, with commas between them (RFC 9110 section 5.3). */
static struct text add_state(struct request *request, struct text state, struct text more)
{
    if (state.len == 0)
        return more;
    if (state.len + more.len > TRACE_STATE_MAX) /* too long to be passed on; only that matters */
        return (struct text){state.at, TRACE_STATE_MAX + 1};
    return arena_printf(&request->arena, "%.*s,%.*s", TEXT_ARG(state), TEXT_ARG(more));
}

static void decide(struct request *request)
{
    const struct exporter *exporter = request->worker->gateway->exporter;
    uint8_t flags = request->trace.flags;

    request->traced = exporter != NULL && exporter_wants(exporter, &request->trace);
    if (!request->traced) /* whoever takes no part passes on what it got */
        request->trace.flags = flags;
}

void tracing_begin(struct request *request)
{
    const struct http_request *http = &request->http;
    struct text parent = {0}, state = {0};
    size_t parents = 0;

    trace_begin(&request->trace);
    for (size_t i = 0; i < http->header_count; i++) {
        if (text_equal(http->headers[i].name, TEXT("traceparent"))) {
            parent = http->headers[i].value;
            parents++;
        } else if (text_equal(http->headers[i].name, TEXT("tracestate"))) {
            state = add_state(request, state, http->headers[i].value);
        }
    }
    if (parents == 1) /* of several nobody knows which holds */
        trace_join(parent, state, &request->trace);
    decide(request);
}

bool tracing_join(struct request *request, struct text parent, struct text state)
{
    if (!trace_join(parent, state, &request->trace))
        return false;
    decide(request);
    return true;
}

static const uint8_t *parent_of(const struct attempt *attempt)
{
    const struct request *request = attempt->request;

    if (request->traced)
        return attempt->span_id;
    return trace_has_parent(&request->trace) ? request->trace.parent_id : request->trace.span_id;
}

struct text tracing_headers(const struct attempt *attempt)
{
    struct request *request = attempt->request;
    const struct trace_context *trace = &request->trace;
    struct buffer out = buffer_in(&request->arena);

    if (request->config->settings.telemetry.unpropagated)
        return (struct text){0};
    buffer_reserve(&out, 96 + trace->state.len);
    buffer_put(&out, TEXT("traceparent: "));
    trace_parent_write(buffer_reserve(&out, TRACE_PARENT_CHARS), trace, parent_of(attempt));
    out.len += TRACE_PARENT_CHARS;
    buffer_put(&out, TEXT("\r\n"));
    if (trace->state.len == 0)
        return buffer_text(&out);
    buffer_put(&out, TEXT("tracestate: "));
    buffer_put(&out, trace->state);
    buffer_put(&out, TEXT("\r\n"));
    return buffer_text(&out);
}
