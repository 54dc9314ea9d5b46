#include "gateway/tool_calls.h"

#include "gateway/measures.h"
#include "telemetry/meter.h"

const struct mcp_call *tool_call_of(const struct request *request)
{
    const struct mcp_call *call = request->surface == &surface_mcp ? request->body.own : NULL;

    return call != NULL && call->called ? call : NULL;
}

struct tool_outcome tool_outcome_of(const struct request *request, const struct mcp_call *call)
{
    static const struct text refused = TEXT_INIT("-32000"); /* MCP_REFUSED */

    if (request->error.code == ERROR_NONE)
        return (struct tool_outcome){0};
    if (mcp_call_refused(call, error_row(request->error.code)))
        return (struct tool_outcome){.error_type = refused, .status_code = refused};
    return (struct tool_outcome){.error_type = TEXT("tool_error")};
}

void measure_tool(const struct request *request, uint64_t duration_us)
{
    const struct mcp_call *call = tool_call_of(request);
    struct tool_outcome outcome;

    if (call == NULL)
        return;
    outcome = tool_outcome_of(request, call);
    series_observe(request->worker->measures, INSTRUMENT_TOOL_DURATION,
                   (const struct text[]){TEXT("tools/call"), call->tool, TEXT("execute_tool"),
                                         call->version, outcome.error_type, outcome.status_code},
                   duration_us);
}
