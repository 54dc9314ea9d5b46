/* telemetry/otel_settings.h
 * Where spans and metrics go and which are recorded, as the environment variables of OpenTelemetry
 * say it (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/), and
 * where they say nothing, pinion.yaml. What one of them says wrongly is passed over with a warning,
 * as is specified. */
#pragma once
#include "base/buffer.h"
#include "config/config.h"
#include "telemetry/otlp.h"
#include "telemetry/sampler.h"

enum { OTEL_FIELDS_MAX = 32, OTEL_RESOURCE_MAX = 64, OTEL_WARNINGS_MAX = 16 };

/* Who gets spans, or metrics. */
struct otel_receiver {
    const char *url;                     /* NULL: nobody */
    const char *fields[OTEL_FIELDS_MAX]; /* further header lines: "name: value" */
    size_t field_count;
    uint32_t timeout_ms;
    bool gzip; /* bodies are */
};
struct otel_settings {
    struct otel_receiver traces, metrics;
    struct otlp_source source; /* its attributes are the following */
    struct otlp_attribute resource[OTEL_RESOURCE_MAX];
    struct sampler sampler;
    uint32_t queue_spans, batch_spans, delay_ms;
    uint32_t interval_ms; /* between two exports of metrics */
    enum otlp_temporality temporality;
    const char *warnings[OTEL_WARNINGS_MAX]; /* in words, without values, which may be secret */
    size_t warning_count;
};
/* `environment` is getenv or stands in for it; all texts are the arena's, secrets of the file in
 * memory for such. *out stays where it is. */
void otel_settings_read(char *(*environment)(const char *name),
                        const struct telemetry_settings *file, struct arena *arena,
                        struct otel_settings *out);
