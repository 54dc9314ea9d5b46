/* config/endpoint_draft.h
 * Private to the files about one file of endpoints/, or one alias: what its keys say, as
 * endpoint_table or alias_table reads it. Cells are CELL_NONE where there is no such key; words are
 * indices into the key's own. */
#pragma once
#include "config/load.h"

/* What `stream` is where nothing is said: it depends on the output schema. */
enum { STREAM_UNSAID = 3 };
/* What `input_type` is where nothing is said: not the first of its words. */
enum { INPUT_TYPE_UNSAID = CHAT_PURPOSE_COUNT };

struct endpoint_draft {
    uint32_t shadow;
    struct endpoint endpoint;
    struct text provider, model;
    uint32_t system, template, params, allow, input, variables, output, routing, tests;
    uint32_t content, cache_scope, input_type, mcp, origins, deprecated;
    uint32_t stream, respond, on_full, then, failover, max_usd, hedge_after, budget, guardrails;
};

/* Tables that aliases have in common with endpoints (endpoint_keys.c). */
extern const struct keys endpoint_timeout_table, endpoint_limit_table, endpoint_retry_table,
    endpoint_hedge_table, endpoint_log_table, endpoint_cache_table;
