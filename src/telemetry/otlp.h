/* telemetry/otlp.h
 * Spans as OTLP/HTTP JSON (OpenTelemetry protocol 1.x, "JSON Protobuf Encoding"): ids in
 * hexadecimal, 64-bit integers as strings, enums as numbers, names in lowerCamelCase. Pure. */
#pragma once
#include "base/buffer.h"
#include "telemetry/span.h"

/* An attribute of the resource: what these spans are of. */
struct otlp_attribute {
    struct text key, value; /* UTF-8 */
};
/* The body of one export. */
void otlp_put_spans(struct buffer *out, const struct otlp_attribute *resource,
                    size_t resource_count, const struct span *spans, size_t count);
/* What an answer of status 200 says was refused of them: `partialSuccess.rejectedSpans`; 0 where it
 * does not say. Any bytes. */
uint64_t otlp_rejected(struct text body);
