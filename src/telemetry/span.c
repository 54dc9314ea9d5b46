#include "telemetry/span.h"

#include "base/check.h"

enum { HEAD_BYTES = 3 };

void span_init(struct span *span, const struct trace_context *trace, enum span_kind kind,
               struct text name)
{
    memset(span, 0, offsetof(struct span, name));
    memcpy(span->trace_id, trace->trace_id, sizeof span->trace_id);
    span->flags = trace->flags;
    span->kind = kind;
    name = text_cut(name, SPAN_NAME_MAX);
    span->name_len = (uint16_t)name.len;
    memcpy(span->name, name.at, name.len);
}

void span_put(struct span *span, enum telemetry_name name, struct text value)
{
    char *at = span->attributes + span->used;

    if (value.len == 0)
        return;
    if (telemetry_type(name) == VALUE_TEXT)
        value = text_cut(value, SPAN_VALUE_MAX);
    if (value.len > SPAN_VALUE_MAX ||
        HEAD_BYTES + value.len > sizeof span->attributes - span->used) {
        span->dropped++;
        return;
    }
    at[0] = (char)name;
    at[1] = (char)(value.len >> 8);
    at[2] = (char)(value.len & 0xFF);
    memcpy(at + HEAD_BYTES, value.at, value.len);
    span->used = (uint16_t)(span->used + HEAD_BYTES + value.len);
}

/* Without printf, which takes longer than all else that is done for a span. */
void span_put_integer(struct span *span, enum telemetry_name name, int64_t value)
{
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    char digits[24], *end = digits + sizeof digits, *at = end;

    do
        *--at = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (value < 0)
        *--at = '-';
    span_put(span, name, text_between(at, end));
}

bool span_next(struct text *rest, enum telemetry_name *out, struct text *out_value)
{
    const unsigned char *at = (const unsigned char *)rest->at;
    size_t len;

    if (rest->len < HEAD_BYTES)
        return false;
    len = (size_t)at[1] << 8 | at[2];
    CHECK(at[0] < NAME_COUNT && len <= rest->len - HEAD_BYTES);
    *out = at[0];
    *out_value = text_first(text_after(*rest, HEAD_BYTES), len);
    *rest = text_after(*rest, HEAD_BYTES + len);
    return true;
}
