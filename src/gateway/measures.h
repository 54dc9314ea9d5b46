/* gateway/measures.h
 * What a receiver of metrics is told of calls to providers: telemetry/meter.h. */
#pragma once
#include "gateway/attempt.h"
#include "gateway/worker.h"

struct request;

/* An attempt that was sent and is over, of a worker that has a meter. */
void measure_attempt(struct worker *worker, const struct attempt *attempt);
/* A request that is over, of a worker that has a meter: if it is a call of a tool. */
void measure_tool(const struct request *request, uint64_t duration_us);
/* Who answers it, by the name that is agreed upon for vendors. */
struct text attempt_vendor(const struct attempt *attempt);
