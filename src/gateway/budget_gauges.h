/* gateway/budget_gauges.h
 * How the budgets of endpoints stand, for Prometheus: pinion_budget_limit_usd and
 * pinion_budget_spent_usd of each endpoint and period that has a limit, as many as a metric may
 * have series. Of an account at rest the store knows what was spent, so that it is shown on and on.
 */
#pragma once
#include "gateway/gateway.h"
#include "journal/metrics.h"

/* Appends both. What was spent is left out where neither memory nor the store can say it. Waits for
 * the store: not in a loop's thread. */
void budget_gauges_put(struct gateway *gateway, const struct config *config, int64_t wall_ms,
                       enum metrics_form form, struct buffer *out);
