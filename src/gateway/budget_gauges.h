/* gateway/budget_gauges.h
 * How the budgets of endpoints stand, for Prometheus: pinion_budget_limit_usd and
 * pinion_budget_spent_usd of each endpoint and period that has a limit, METRIC_SERIES_MAX at most.
 * Of an account at rest the store knows what was spent, so that it is shown on and on. */
#pragma once
#include "gateway/request_state.h"

/* What the store is to be asked first, given; NULL: no endpoint has a limit. */
struct store_command *budget_gauges_ask(struct request *request);
/* Appends both, with HELP and TYPE. `answer` is that command, answered. What was spent is left out
 * where neither memory nor the store can say it. */
void budget_gauges_put(struct request *request, const struct store_command *answer,
                       struct buffer *out);
