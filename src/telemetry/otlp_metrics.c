#include "telemetry/otlp_parts.h"

#include "document/json_write.h"

/* --- points
 * ------------------------------------------------------------------------------------------ */

/* Of those that exceed the cap nothing is known but that
 * (https://opentelemetry.io/docs/specs/otel/metrics/sdk/#cardinality-limits). */
static void put_attributes(struct buffer *out, const struct instrument *instrument,
                           const struct series_total *total, bool latest)
{
    bool first = true;

    json_put_name(out, "attributes");
    buffer_put_byte(out, '[');
    if (total->others)
        otlp_put_attribute(out, true, telemetry_word(NAME_OVERFLOW, latest), VALUE_BOOL,
                           TEXT("true"));
    for (size_t i = 0; !total->others && i < SERIES_LABELS_MAX; i++) {
        enum telemetry_name name = instrument->attributes[i];

        if (name != NAME_NONE && total->labels[i].len > 0 &&
            otlp_put_attribute(out, first, telemetry_word(name, latest), telemetry_type(name),
                               total->labels[i]))
            first = false;
    }
    buffer_put_byte(out, ']');
}

static void put_string_of(struct buffer *out, const char *name, uint64_t value)
{
    json_put_name(out, name);
    buffer_put_byte(out, '"');
    buffer_put_u64(out, value);
    buffer_put_byte(out, '"');
}

/* Seconds are counted in microseconds. */
static void put_amount(struct buffer *out, enum instrument_scale scale, uint64_t value)
{
    if (scale == SCALE_SECONDS || scale == SCALE_TOOL_SECONDS)
        buffer_printf(out, "%.15g", (double)value / 1e6);
    else
        buffer_put_u64(out, value);
}

static void put_buckets(struct buffer *out, enum instrument_scale scale, const uint64_t *bounds,
                        const struct series_total *total)
{
    uint64_t count = 0;
    size_t i = 0;

    json_put_name(out, "bucketCounts");
    for (bool more = true; more; i++) {
        buffer_put(out, i == 0 ? TEXT("[\"") : TEXT(",\""));
        buffer_put_u64(out, total->buckets[i]);
        buffer_put_byte(out, '"');
        count += total->buckets[i];
        more = bounds[i] != 0;
    }
    buffer_put_byte(out, ']');
    json_put_name(out, "explicitBounds");
    for (i = 0; bounds[i] != 0; i++) {
        buffer_put_byte(out, i == 0 ? '[' : ',');
        put_amount(out, scale, bounds[i]);
    }
    buffer_put_byte(out, ']');
    put_string_of(out, "count", count);
    json_put_name(out, "sum");
    put_amount(out, scale, total->sum);
}

/* --- the whole
 * ------------------------------------------------------------------------------------------ */

struct stretch {
    enum otlp_temporality temporality;
    int64_t since_us, wall_us;
};

static void put_metric(struct buffer *out, enum instrument_id id, const struct series_total *totals,
                       size_t count, const struct stretch *stretch, bool latest)
{
    const struct instrument *instrument = instrument_of(id);
    const uint64_t *bounds = instrument_kinds()[id].bounds;

    buffer_put_byte(out, '{');
    json_put_text(out, "name", text_of(instrument->name));
    json_put_text(out, "description", text_of(instrument->about));
    json_put_text(out, "unit", text_of(instrument->unit));
    json_put_name(out, bounds != NULL ? "histogram" : "sum");
    buffer_put_byte(out, '{');
    json_put_count(out, "aggregationTemporality", stretch->temporality);
    if (bounds == NULL)
        json_put_flag(out, "isMonotonic", true);
    json_put_name(out, "dataPoints");
    for (size_t i = 0; i < count; i++) {
        buffer_put(out, i == 0 ? TEXT("[{") : TEXT(",{"));
        put_attributes(out, instrument, &totals[i], latest);
        otlp_put_time(out, "startTimeUnixNano", stretch->since_us);
        otlp_put_time(out, "timeUnixNano", stretch->wall_us);
        if (bounds != NULL)
            put_buckets(out, instrument->scale, bounds, &totals[i]);
        else
            put_string_of(out, "asInt", totals[i].sum);
        buffer_put_byte(out, '}');
    }
    buffer_put(out, TEXT("]}}"));
}

void otlp_put_metrics(struct buffer *out, const struct otlp_source *source,
                      const struct series_totals *totals, enum otlp_temporality temporality,
                      int64_t since_us, int64_t wall_us)
{
    const struct stretch stretch = {temporality, since_us, wall_us};
    bool first = true;

    otlp_begin(out, source, "resourceMetrics", "scopeMetrics", "metrics");
    for (size_t id = 0; id < INSTRUMENT_COUNT; id++) {
        if (totals->counts[id] == 0)
            continue;
        if (!first)
            buffer_put_byte(out, ',');
        first = false;
        put_metric(out, (enum instrument_id)id, totals->items[id], totals->counts[id], &stretch,
                   source->latest);
    }
    otlp_end(out);
}
