/* telemetry/otlp.h
 * Spans and metrics as OTLP/HTTP JSON (OpenTelemetry protocol 1.x, "JSON Protobuf Encoding"): ids
 * in hexadecimal, 64-bit integers as strings, enums as numbers, names in lowerCamelCase. Pure. */
#pragma once
#include "base/buffer.h"
#include "telemetry/span.h"

/* An attribute of the resource: what all this is of. */
struct otlp_attribute {
    struct text key, value; /* UTF-8 */
};
struct otlp_source {
    const struct otlp_attribute *attributes;
    size_t count;
    bool latest; /* the latest names: names.h */
};
/* The body of one export. */
void otlp_put_spans(struct buffer *out, const struct otlp_source *source, const struct span *spans,
                    size_t count);
/* Likewise, of what was counted by instruments, of those that have any. As OTLP numbers it: */
enum otlp_temporality { OTLP_DELTA = 1, OTLP_CUMULATIVE = 2 };
void otlp_put_metrics(struct buffer *out, const struct otlp_source *source,
                      const struct series_totals *totals, enum otlp_temporality temporality,
                      int64_t since_us, int64_t wall_us);
/* What an answer of status 200 says was refused of them: `partialSuccess.rejectedSpans`, or
 * whatever `items` names; 0 where it does not say. Any bytes. */
uint64_t otlp_rejected(struct text body, const char *items);
