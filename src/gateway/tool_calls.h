/* gateway/tool_calls.h
 * Calls of tools (the Model Context Protocol), as receivers of traces and metrics are told them. */
#pragma once
#include "gateway/request_state.h"
#include "surface/mcp.h"

/* NULL: the request is none. */
const struct mcp_call *tool_call_of(const struct request *request);
/* What went wrong, in words of the conventions; empty: nothing did. */
struct tool_outcome {
    struct text error_type;  /* "tool_error", or a code of JSON-RPC */
    struct text status_code; /* of JSON-RPC, where the answer is an error of the protocol */
};
struct tool_outcome tool_outcome_of(const struct request *request, const struct mcp_call *call);
