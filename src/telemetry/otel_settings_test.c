#include "unit.h"

#include "telemetry/otel_settings.h"

static struct telemetry_settings file = {.ratio = -1};
static const char *const *variables; /* name, value, ..., NULL */

static char *environment(const char *name)
{
    for (const char *const *at = variables; *at != NULL; at += 2)
        if (strcmp(at[0], name) == 0)
            return (char *)(uintptr_t)at[1];
    return NULL;
}

static struct otel_settings read(struct arena *arena, const char *const *all)
{
    struct otel_settings out;

    variables = all;
    otel_settings_read(environment, &file, arena, &out);
    return out;
}
#define READ(...) read(&arena, (const char *const[]){__VA_ARGS__, NULL})
#define AT        "OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"

TEST(without_an_endpoint_nothing_is_exported)
{
    struct arena arena = {0};
    struct otel_settings out = READ("OTEL_SERVICE_NAME", "x");

    EXPECT(out.traces.url == NULL && out.warning_count == 0);
    EXPECT(READ(AT, "OTEL_SDK_DISABLED", "true").traces.url == NULL);
    EXPECT(READ(AT, "OTEL_TRACES_EXPORTER", "none").traces.url == NULL);
    out = READ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317");
    EXPECT(out.traces.url == NULL);
    EXPECT_EQ(out.warning_count, 1);
    arena_release(&arena);
}

TEST(where_traces_go)
{
    struct arena arena = {0};

    EXPECT_TEXT(text_of(READ(AT).traces.url), "http://c:4318/v1/traces");
    EXPECT_TEXT(text_of(READ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://c/base/").traces.url),
                "https://c/base/v1/traces");
    EXPECT_TEXT(text_of(READ(AT, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://d/own").traces.url),
                "http://d/own");
    arena_release(&arena);
}

TEST(where_metrics_go_and_how_often)
{
    struct arena arena = {0};
    struct otel_settings out = READ(AT);

    EXPECT_TEXT(text_of(out.metrics.url), "http://c:4318/v1/metrics");
    EXPECT_EQ(out.interval_ms, 60000);
    EXPECT_EQ(out.temporality, OTLP_CUMULATIVE);
    EXPECT(!out.source.latest && !out.metrics.gzip);
    out = READ(AT, "OTEL_METRICS_EXPORTER", "none");
    EXPECT(out.metrics.url == NULL && out.traces.url != NULL);
    out = READ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://d/own", "OTEL_METRIC_EXPORT_INTERVAL",
               "500", "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "LowMemory",
               "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "gzip");
    EXPECT(out.traces.url == NULL);
    EXPECT_TEXT(text_of(out.metrics.url), "http://d/own");
    EXPECT_EQ(out.interval_ms, 500);
    EXPECT_EQ(out.temporality, OTLP_DELTA);
    EXPECT(out.metrics.gzip);
    EXPECT_EQ(out.warning_count, 0);
    out = READ(AT, "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "monthly",
               "OTEL_EXPORTER_OTLP_COMPRESSION", "zstd", "OTEL_METRICS_EXPORTER", "prometheus");
    EXPECT_EQ(out.temporality, OTLP_CUMULATIVE);
    EXPECT(!out.traces.gzip && !out.metrics.gzip);
    EXPECT_EQ(out.warning_count, 3); /* of what both read only once */
    arena_release(&arena);
}

TEST(headers_of_a_signal_hold_before_those_of_both)
{
    struct arena arena = {0};
    struct otel_settings out =
        READ(AT, "OTEL_EXPORTER_OTLP_HEADERS", "a=1", "OTEL_EXPORTER_OTLP_METRICS_HEADERS", "b=2");

    EXPECT_TEXT(text_of(out.traces.fields[0]), "a: 1");
    EXPECT_TEXT(text_of(out.metrics.fields[0]), "b: 2");
    arena_release(&arena);
}

TEST(the_latest_names_are_wanted_by_a_list)
{
    struct arena arena = {0};

    EXPECT(READ(AT, "OTEL_SEMCONV_STABILITY_OPT_IN", "http/dup, gen_ai_latest_experimental")
               .source.latest);
    EXPECT(!READ(AT, "OTEL_SEMCONV_STABILITY_OPT_IN", "gen_ai_latest").source.latest);
    arena_release(&arena);
}

TEST(the_file_says_what_the_environment_does_not)
{
    const struct named_text headers[] = {{TEXT("x-key"), TEXT("secret")}};
    const struct named_text resource[] = {{TEXT("a"), TEXT("1")}, {TEXT("b"), TEXT("2")}};
    struct arena arena = {0};
    struct otel_settings out;

    file = (struct telemetry_settings){.endpoint = TEXT("http://f:4318/otlp"),
                                       .service_name = TEXT("filed"),
                                       .headers = headers,
                                       .header_count = 1,
                                       .resource = resource,
                                       .resource_count = 2,
                                       .timeout_ms = 2000,
                                       .interval_ms = 3000,
                                       .compression = 1,
                                       .sampler = 5,
                                       .temporality = 1,
                                       .ratio = 0,
                                       .latest = true};
    out = READ("OTEL_UNRELATED", "x");
    EXPECT_TEXT(text_of(out.traces.url), "http://f:4318/otlp/v1/traces");
    EXPECT_TEXT(text_of(out.metrics.url), "http://f:4318/otlp/v1/metrics");
    EXPECT_TEXT(text_of(out.traces.fields[0]), "x-key: secret");
    EXPECT_TEXT(text_of(out.metrics.fields[0]), "x-key: secret");
    EXPECT_EQ(out.traces.timeout_ms, 2000);
    EXPECT_EQ(out.interval_ms, 3000);
    EXPECT(out.traces.gzip && out.source.latest && out.temporality == OTLP_DELTA);
    EXPECT(!out.sampler.follow_parent && out.sampler.below == 0);
    EXPECT_TEXT(out.resource[0].value, "filed");
    EXPECT_EQ(out.source.count, 4);
    EXPECT_EQ(out.warning_count, 0);
    out = READ(AT, "OTEL_EXPORTER_OTLP_HEADERS", "y=1", "OTEL_SERVICE_NAME", "said",
               "OTEL_RESOURCE_ATTRIBUTES", "b=3", "OTEL_TRACES_SAMPLER", "always_on",
               "OTEL_EXPORTER_OTLP_COMPRESSION", "none");
    EXPECT_TEXT(text_of(out.traces.url), "http://c:4318/v1/traces");
    EXPECT_EQ(out.traces.field_count, 1);
    EXPECT_TEXT(text_of(out.traces.fields[0]), "y: 1");
    EXPECT_TEXT(out.resource[0].value, "said");
    EXPECT_TEXT(out.resource[3].value, "3");
    EXPECT(!out.traces.gzip && out.sampler.below == SAMPLER_ALL);
    file.no_traces = true;
    EXPECT(READ(AT).traces.url == NULL);
    EXPECT(READ(AT, "OTEL_TRACES_EXPORTER", "otlp").traces.url != NULL);
    file = (struct telemetry_settings){.ratio = -1};
    arena_release(&arena);
}

TEST(header_lines_and_the_resource)
{
    struct arena arena = {0};
    struct otel_settings out = READ(
        AT, "OTEL_EXPORTER_OTLP_HEADERS",
        "x-key=a%20b%3D, ,evil=a%0d%0ab,no,authorization=Basic x==", "OTEL_RESOURCE_ATTRIBUTES",
        "service.name=one,deployment.environment.name=a%2Cb,=x", "OTEL_SERVICE_NAME", "two");

    EXPECT_EQ(out.traces.field_count, 2);
    EXPECT_TEXT(text_of(out.traces.fields[0]), "x-key: a b=");
    EXPECT_TEXT(text_of(out.traces.fields[1]), "authorization: Basic x==");
    EXPECT_EQ(out.source.count, 3);
    EXPECT_TEXT(out.resource[0].key, "service.name");
    EXPECT_TEXT(out.resource[0].value, "two");
    EXPECT_TEXT(out.resource[1].key, "service.version");
    EXPECT_TEXT(out.resource[2].value, "a,b");
    EXPECT_EQ(out.warning_count, 2);
    arena_release(&arena);
}

TEST(numbers_have_bounds)
{
    struct arena arena = {0};
    struct otel_settings out = READ(AT);

    EXPECT_EQ(out.traces.timeout_ms, 10000);
    EXPECT_EQ(out.queue_spans, 2048);
    EXPECT_EQ(out.batch_spans, 512);
    EXPECT_EQ(out.delay_ms, 5000);
    out = READ(AT, "OTEL_EXPORTER_OTLP_TIMEOUT", "0", "OTEL_BSP_MAX_QUEUE_SIZE", "100",
               "OTEL_BSP_SCHEDULE_DELAY", "soon");
    EXPECT_EQ(out.traces.timeout_ms, 10000);
    EXPECT_EQ(out.queue_spans, 100);
    EXPECT_EQ(out.batch_spans, 100);
    EXPECT_EQ(out.warning_count, 2);
    arena_release(&arena);
}

/* How many of 1,000 traces are recorded; `parent`: flags of the caller, -1: there is none. */
static int recorded(const struct sampler *sampler, int parent)
{
    int count = 0;

    for (int i = 0; i < 1000; i++) {
        struct trace_context trace;
        bool wanted;

        trace_begin(&trace);
        if (parent >= 0) {
            trace.parent_id[0] = 1;
            trace.flags = (uint8_t)parent;
        }
        wanted = sampler_decide(sampler, &trace);
        EXPECT_EQ(trace.flags & TRACE_SAMPLED, wanted);
        EXPECT(wanted == sampler_decide(sampler, &trace));
        count += wanted;
    }
    return count;
}

TEST(which_traces_are_recorded)
{
    struct arena arena = {0};
    struct sampler sampler = READ(AT).sampler;

    EXPECT_EQ(recorded(&sampler, -1), 1000);
    EXPECT_EQ(recorded(&sampler, 0), 0);
    EXPECT_EQ(recorded(&sampler, 1), 1000);
    sampler = READ(AT, "OTEL_TRACES_SAMPLER", "always_on").sampler;
    EXPECT_EQ(recorded(&sampler, 0), 1000);
    sampler = READ(AT, "OTEL_TRACES_SAMPLER", "always_off").sampler;
    EXPECT_EQ(recorded(&sampler, 1), 0);
    sampler = READ(AT, "OTEL_TRACES_SAMPLER", "parentbased_always_off").sampler;
    EXPECT_EQ(recorded(&sampler, -1), 0);
    EXPECT_EQ(recorded(&sampler, 1), 1000);
    sampler = READ(AT, "OTEL_TRACES_SAMPLER", "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG",
                   "0.5")
                  .sampler;
    EXPECT(recorded(&sampler, -1) > 300 && recorded(&sampler, -1) < 700); /* 12 deviations */
    EXPECT_EQ(recorded(&sampler, 1), 1000);
    sampler =
        READ(AT, "OTEL_TRACES_SAMPLER", "traceidratio", "OTEL_TRACES_SAMPLER_ARG", "0").sampler;
    EXPECT_EQ(recorded(&sampler, 1), 0);
    EXPECT_EQ(READ(AT, "OTEL_TRACES_SAMPLER", "traceidratio", "OTEL_TRACES_SAMPLER_ARG", "2")
                  .warning_count,
              1);
    EXPECT_EQ(READ(AT, "OTEL_TRACES_SAMPLER", "jaeger_remote").warning_count, 1);
    arena_release(&arena);
}
