/* What is told of a call has words of callers and providers in it: whatever they are, what a
 * receiver gets is JSON. And whatever it answers is read, or not. The input is a name, a line's
 * end, and everything else. */
#include "base/check.h"
#include "document/json_read.h"
#include "telemetry/otlp.h"

static void check_export(struct text name, struct text value)
{
    const struct otlp_attribute resource[] = {{TEXT("service.name"), TEXT("x")}};
    const struct otlp_source source = {.attributes = resource, .count = 1};
    struct arena arena = {0};
    struct buffer out = buffer_in(&arena);
    struct trace_context trace;
    struct document document;
    struct span span;

    trace_begin(&trace);
    span_init(&span, &trace, SPAN_KIND_CLIENT, name);
    span_put(&span, NAME_RESPONSE_MODEL, value);
    span_put(&span, NAME_STOP, value);
    span_put(&span, NAME_SEED, value);
    span_put_integer(&span, NAME_INPUT_TOKENS, (int64_t)value.len);
    otlp_put_spans(&out, &source, &span, 1);
    CHECK(json_read(buffer_text(&out), NULL, &arena, &document, NULL, NULL));
    arena_release(&arena);
}

static void check_metric(struct text name, struct text value)
{
    struct series_set *set = series_set_new(instrument_kinds(), INSTRUMENT_COUNT, 1);
    struct series_shard *shard = series_shard_new(set);
    const struct text labels[] = {TEXT("chat"), name, value, name, value, name};
    struct arena arena = {0};
    struct buffer out = buffer_in(&arena);
    struct series_totals totals;
    struct document document;

    series_observe(shard, INSTRUMENT_OPERATION_DURATION, labels, value.len);
    series_collect(set, &totals);
    otlp_put_metrics(&out, &(struct otlp_source){0}, &totals, OTLP_DELTA, 0, 1);
    CHECK(json_read(buffer_text(&out), NULL, &arena, &document, NULL, NULL));
    arena_release(&totals.arena);
    arena_release(&arena);
    series_set_free(set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text whole = {(const char *)data, size}, rest = whole;
    struct text name = text_split(&rest, '\n');

    otlp_rejected(whole, "rejectedSpans");
    check_export(name, rest);
    check_metric(name, rest);
    return 0;
}
