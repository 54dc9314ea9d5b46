#include "telemetry/sampler.h"

/* 63 bits of the id's last 8 bytes, which are the random ones. */
static uint64_t number_of(const struct trace_context *trace)
{
    uint64_t number = 0;

    for (size_t i = TRACE_ID_BYTES - 8; i < TRACE_ID_BYTES; i++)
        number = number << 8 | trace->trace_id[i];
    return number >> 1;
}

bool sampler_decide(const struct sampler *sampler, struct trace_context *trace)
{
    bool sampled = sampler->follow_parent && trace_has_parent(trace)
                       ? (trace->flags & TRACE_SAMPLED) != 0
                       : number_of(trace) < sampler->below;

    trace->flags = (uint8_t)((trace->flags & ~TRACE_SAMPLED) | (sampled ? TRACE_SAMPLED : 0));
    return sampled;
}
