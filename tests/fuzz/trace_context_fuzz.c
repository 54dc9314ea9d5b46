/* A caller's trace: any `traceparent` and `tracestate` are taken or left whole, what is taken is
 * what is passed on, and what is passed on can end no header line. The input is the one, a line's
 * end, and the other. */
#include "base/check.h"
#include "telemetry/trace_context.h"

#include <stdlib.h>

/* A heap block of exactly its size, so that reading beyond it is seen. */
static struct text alone(struct text text)
{
    char *copy = malloc(text.len > 0 ? text.len : 1);

    CHECK(copy != NULL);
    if (text.len > 0)
        memcpy(copy, text.at, text.len);
    return (struct text){copy, text.len};
}

static void check_joined(struct text parent, const struct trace_context *trace)
{
    struct trace_context again = {0};
    char out[TRACE_PARENT_CHARS];

    trace_parent_write(out, trace, trace->parent_id);
    CHECK(parent.len >= TRACE_PARENT_CHARS);
    CHECK(memcmp(out + 2, parent.at + 2, TRACE_PARENT_CHARS - 4) == 0);
    CHECK(trace_parent_read((struct text){out, sizeof out}, &again));
    CHECK(again.flags == trace->flags && (trace->flags & ~TRACE_FLAGS) == 0);
    CHECK(trace_has_parent(trace));
    CHECK(trace->state.len <= TRACE_STATE_MAX);
    for (size_t i = 0; i < trace->state.len; i++)
        CHECK(trace->state.at[i] == '\t' ||
              (trace->state.at[i] >= ' ' && trace->state.at[i] <= '~'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text rest = {(const char *)data, size};
    struct text parent = alone(text_split(&rest, '\n')), state = alone(rest);
    struct trace_context trace, before;

    trace_begin(&trace);
    before = trace;
    if (trace_join(parent, state, &trace))
        check_joined(parent, &trace);
    else
        CHECK(memcmp(&trace, &before, sizeof trace) == 0);
    CHECK(memcmp(trace.span_id, before.span_id, sizeof trace.span_id) == 0);
    free((void *)(uintptr_t)parent.at);
    free((void *)(uintptr_t)state.at);
    return 0;
}
