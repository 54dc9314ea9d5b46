/* telemetry/otel_settings.h
 * Where spans go and which are recorded, as the environment variables of OpenTelemetry say it
 * (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/). What one of
 * them says wrongly is passed over with a warning, as is specified. */
#pragma once
#include "base/buffer.h"
#include "telemetry/otlp.h"
#include "telemetry/sampler.h"

enum { OTEL_FIELDS_MAX = 32, OTEL_RESOURCE_MAX = 64, OTEL_WARNINGS_MAX = 16 };

struct otel_settings {
    const char *traces_url;              /* NULL: nothing is exported */
    const char *fields[OTEL_FIELDS_MAX]; /* further header lines: "name: value" */
    size_t field_count;
    struct otlp_attribute resource[OTEL_RESOURCE_MAX];
    size_t resource_count;
    struct sampler sampler;
    uint32_t timeout_ms;
    uint32_t queue_spans, batch_spans, delay_ms;
    const char *warnings[OTEL_WARNINGS_MAX]; /* in words, without values, which may be secret */
    size_t warning_count;
};
/* `environment` is getenv or stands in for it; all texts are the arena's. */
void otel_settings_read(char *(*environment)(const char *name), struct arena *arena,
                        struct otel_settings *out);
