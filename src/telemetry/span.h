/* telemetry/span.h
 * One finished span of a trace, as a worker notes it: flat, so that it is copied in one piece, and
 * without JSON, which is made of it in the exporter's thread. */
#pragma once
#include "telemetry/names.h"
#include "telemetry/trace_context.h"

/* As OTLP numbers them. */
enum span_kind { SPAN_KIND_SERVER = 2, SPAN_KIND_CLIENT = 3 };

enum { SPAN_NAME_MAX = 128, SPAN_VALUE_MAX = 256, SPAN_BYTES = 1600 };
struct span {
    uint8_t trace_id[TRACE_ID_BYTES], span_id[SPAN_ID_BYTES];
    uint8_t parent_id[SPAN_ID_BYTES]; /* zero: it has none */
    uint8_t flags;
    bool remote; /* the parent is another process's */
    bool failed;
    bool linked; /* to a span of another process, which is: */
    uint8_t link_trace_id[TRACE_ID_BYTES], link_span_id[SPAN_ID_BYTES], link_flags;
    enum span_kind kind;
    int64_t start_us, end_us; /* wall */
    uint16_t name_len, used, dropped;
    char name[SPAN_NAME_MAX];
    char attributes[SPAN_BYTES]; /* of each: which, two bytes of length, the value */
};

/* Begins one with its name, cut at SPAN_NAME_MAX. */
void span_init(struct span *span, const struct trace_context *trace, enum span_kind kind,
               struct text name);
/* Adds an attribute; an empty value adds nothing. A text is cut at SPAN_VALUE_MAX; what finds no
 * room, or is JSON and too long, is left out and counted in `dropped`. */
void span_put(struct span *span, enum telemetry_name name, struct text value);
void span_put_integer(struct span *span, enum telemetry_name name, int64_t value);
/* Takes the next attribute off *rest, which began as the span's; false: there is none. */
bool span_next(struct text *rest, enum telemetry_name *out, struct text *out_value);
