/* telemetry/otlp_parts.h
 * Private to OTLP: what spans and metrics have in common. */
#pragma once
#include "telemetry/otlp.h"

/* An item of `attributes`, with a comma before it unless it is the first. False, and nothing added,
 * when the value cannot be said. */
bool otlp_put_attribute(struct buffer *out, bool first, const char *word, enum telemetry_type type,
                        struct text value);
/* A member: nanoseconds. */
void otlp_put_time(struct buffer *out, const char *name, int64_t wall_us);
/* All that stands around the items, which are "spans" in "scopeSpans" in "resourceSpans". */
void otlp_begin(struct buffer *out, const struct otlp_source *source, const char *things,
                const char *scoped, const char *items);
void otlp_end(struct buffer *out);
