/* telemetry/sampler.h
 * Which traces are recorded. By ratio it is decided by the trace's id, so that every program that
 * uses the same rule decides alike. */
#pragma once
#include "telemetry/trace_context.h"

struct sampler {
    bool follow_parent; /* as the caller has decided, where there is one */
    uint64_t below;     /* else: traces whose number is smaller; of SAMPLER_ALL */
};
#define SAMPLER_ALL (UINT64_C(1) << 63)

/* Decides, and says so in the trace's flags. */
bool sampler_decide(const struct sampler *sampler, struct trace_context *trace);
