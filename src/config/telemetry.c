/* What pinion.yaml says of traces and metrics. Values of headers are secrets. */
#include "config/base_url.h"
#include "config/settings_draft.h"
#include "config/value.h"
#include "provider/http_field.h"

enum { HEADERS_MAX = 32, RESOURCE_MAX = 32, TIMEOUT_MOST_MS = 60000, INTERVAL_MOST_MS = 3600000 };

static const char *const compressions[] = {"none", "gzip", NULL};
static const char *const samplers[] = {"parentbased_always_on",
                                       "parentbased_always_off",
                                       "parentbased_traceidratio",
                                       "always_on",
                                       "always_off",
                                       "traceidratio",
                                       NULL};
static const char *const temporalities[] = {"cumulative", "delta", "lowmemory", NULL};

const char *const *telemetry_words(enum telemetry_choice choice)
{
    static const char *const *const words[] = {[TELEMETRY_COMPRESSION] = compressions,
                                               [TELEMETRY_SAMPLER] = samplers,
                                               [TELEMETRY_TEMPORALITY] = temporalities};
    return words[choice];
}

// clang-format off
static const struct key keys[] = {
    {.name = "endpoint", .type = KEY_TEXT, FIELD(struct settings_draft, telemetry.endpoint), .hint = "endpoint: \"http://127.0.0.1:4318\"; /v1/traces and /v1/metrics are put behind it",
     .about = "Where a receiver of OTLP over HTTP is; /v1/traces and /v1/metrics are put behind it. Without it nothing is sent.",
     .example = "\"http://127.0.0.1:4318\""},
    {.name = "headers", .type = KEY_CELL, .secret = true, .types = KEY_OF(CELL_OBJECT), FIELD(struct settings_draft, telemetry.headers), .hint = "headers: {authorization: \"Bearer ${secret:collector}\"}",
     .about = "Header fields for the receiver; their values may be secrets.",
     .example = "{authorization: \"Bearer ${secret:collector}\"}", .each_types = KEY_OF(CELL_STRING)},
    {.name = "timeout", .type = KEY_DURATION, FIELD(struct settings_draft, settings.telemetry.timeout_ms),
     .least = 1, .greatest = TIMEOUT_MOST_MS, .hint = "timeout: 10s",
     .about = "How long one export may take.",
     .example = "10s"},
    {.name = "compression", .type = KEY_CHOICE, FIELD(struct settings_draft, settings.telemetry.compression), .words = compressions, .hint = "compression: gzip",
     .about = "How bodies are sent: none or gzip.",
     .example = "gzip"},
    {.name = "service_name", .type = KEY_TEXT, FIELD(struct settings_draft, settings.telemetry.service_name), .hint = "service_name: pinion-eu",
     .about = "What traces and metrics are of.",
     .example = "pinion-eu"},
    {.name = "resource", .type = KEY_CELL, .types = KEY_OF(CELL_OBJECT), FIELD(struct settings_draft, telemetry.resource), .hint = "resource: {deployment.environment.name: production}",
     .about = "Further attributes of what they are of.",
     .example = "{deployment.environment.name: production}", .each_types = KEY_OF(CELL_STRING)},
    {.name = "traces", .type = KEY_BOOLEAN, FIELD(struct settings_draft, telemetry.traces), .hint = "traces: false",
     .about = "Whether spans are sent.",
     .example = "true"},
    {.name = "metrics", .type = KEY_BOOLEAN, FIELD(struct settings_draft, telemetry.metrics), .hint = "metrics: false",
     .about = "Whether metrics are sent.",
     .example = "true"},
    {.name = "sampler", .type = KEY_CHOICE, FIELD(struct settings_draft, settings.telemetry.sampler), .words = samplers, .hint = "sampler: parentbased_traceidratio, with ratio: 0.1",
     .about = "Which traces are recorded; behind parentbased_ a caller's decision holds where there is one.",
     .example = "parentbased_traceidratio"},
    {.name = "ratio", .type = KEY_NUMBER, FIELD(struct settings_draft, telemetry.ratio),
     .least = 0, .greatest = 1, .hint = "ratio: 0.1, one trace of ten, with sampler: parentbased_traceidratio",
     .about = "Which part of the traces a sampler by ratio records.",
     .example = "0.1"},
    {.name = "interval", .type = KEY_DURATION, FIELD(struct settings_draft, settings.telemetry.interval_ms),
     .least = 1, .greatest = INTERVAL_MOST_MS, .hint = "interval: 60s",
     .about = "How often metrics are sent.",
     .example = "60s"},
    {.name = "temporality", .type = KEY_CHOICE, FIELD(struct settings_draft, settings.telemetry.temporality), .words = temporalities, .hint = "temporality: delta",
     .about = "Whether metrics are told since the start (cumulative) or since the last export (delta).",
     .example = "cumulative"},
    {.name = "latest_names", .type = KEY_BOOLEAN, FIELD(struct settings_draft, settings.telemetry.latest), .hint = "latest_names: true",
     .about = "Whether the latest names of OpenTelemetry's conventions for generative AI are used.",
     .example = "false"},
    {.name = "propagate", .type = KEY_BOOLEAN, FIELD(struct settings_draft, telemetry.propagate), .hint = "propagate: false",
     .about = "Whether providers are told which trace a call is part of (traceparent, tracestate).",
     .example = "true"},
};
// clang-format on
const struct keys telemetry_table = KEYS_OF(keys);

/* What is sent is not theirs to say. */
static bool is_reserved(struct text name)
{
    static const char *const names[] = {"connection",        "content-encoding", "content-length",
                                        "content-type",      "expect",           "host",
                                        "transfer-encoding", "upgrade"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_equal_nocase(name, text_of(names[i])))
            return true;
    return false;
}

static bool read_header(struct load *load, const struct document *document, uint32_t at,
                        struct named_text *out)
{
    struct diagnostic *it;
    bool missing;

    out->name = document_text(document, key_of(at));
    load_mask(load, document, at);
    if (!field_name_valid(out->name) || is_reserved(out->name)) {
        it = diagnose(load->diagnostics, document, key_of(at), DIAGNOSTIC_E0106,
                      "'%.*s' is no header that can be sent along",
                      TEXT_ARG(text_cut(out->name, 64)));
        diagnostic_hint(load->diagnostics, it,
                        "it is written headers: {authorization: \"Bearer ${secret:collector}\"}");
        return false;
    }
    if (document_cell(document, at)->type != CELL_STRING) {
        it = diagnose(load->diagnostics, document, at, DIAGNOSTIC_E0103,
                      "the value of a header must be a text");
        diagnostic_hint(load->diagnostics, it, "put the value in double quotes");
        return false;
    }
    if (!load_secret(load, document, at, &out->value, &missing) || missing)
        return false;
    if (field_value_clean(out->value))
        return true;
    it = diagnose(load->diagnostics, document, at, DIAGNOSTIC_E0106,
                  "the value of a header must be one line without control characters");
    diagnostic_hint(load->diagnostics, it, "leave out what is no part of it, such as a line's end");
    return false;
}

static void read_headers(struct load *load, const struct document *document, uint32_t cell,
                         struct telemetry_settings *out)
{
    uint32_t count = load_members(load, document, cell, HEADERS_MAX);
    struct named_text *headers = ARENA_ARRAY(load->arena, struct named_text, count);

    for (uint32_t i = 0, at = cell + 2; i < count; i++, at = document_next(document, at) + 1)
        if (read_header(load, document, at, &headers[out->header_count]))
            out->header_count++;
    out->headers = headers;
}

static void read_resource(struct load *load, const struct document *document, uint32_t cell,
                          struct telemetry_settings *out)
{
    uint32_t count = load_members(load, document, cell, RESOURCE_MAX);
    struct named_text *resource = ARENA_ARRAY(load->arena, struct named_text, count);
    struct reading reading = load_reading(load, document);

    for (uint32_t i = 0, at = cell + 2; i < count; i++, at = document_next(document, at) + 1) {
        struct diagnostic *it;

        if (document_cell(document, at)->type == CELL_STRING) {
            resource[out->resource_count++] = (struct named_text){
                document_text(document, key_of(at)), document_text(document, at)};
            continue;
        }
        it = diagnose(load->diagnostics, document, at, DIAGNOSTIC_E0103,
                      "the value of '%.*s' must be a text, found %.*s",
                      TEXT_ARG(text_cut(document_text(document, key_of(at)), 64)),
                      TEXT_ARG(found_text(&reading, at, false)));
        diagnostic_hint(load->diagnostics, it, "put the value in double quotes");
    }
    out->resource = resource;
}

static void read_endpoint(struct load *load, const struct document *document, struct text endpoint,
                          struct telemetry_settings *out)
{
    struct base_url_fault fault;
    struct diagnostic *it;
    struct base_url url;
    uint32_t at;

    if (endpoint.len == 0)
        return;
    out->endpoint = endpoint;
    at = document_member(document, 0, TEXT("telemetry"));
    if (base_url_parse(endpoint, &url, &fault))
        return;
    it = diagnose(load->diagnostics, document, document_member(document, at, TEXT("endpoint")),
                  DIAGNOSTIC_E0106,
                  "'endpoint' is no URL of a receiver: http:// or https://, a host, and maybe a "
                  "port and a path");
    diagnostic_hint(load->diagnostics, it,
                    "write endpoint: \"http://127.0.0.1:4318\"; /v1/traces and /v1/metrics are put "
                    "behind it");
}

void load_telemetry(struct load *load, const struct document *document,
                    const struct telemetry_draft *draft, struct telemetry_settings *out)
{
    out->no_traces = !draft->traces;
    out->no_metrics = !draft->metrics;
    out->unpropagated = !draft->propagate;
    out->ratio =
        draft->ratio == CELL_NONE ? -1 : document_double(document_cell(document, draft->ratio));
    read_endpoint(load, document, draft->endpoint, out);
    read_headers(load, document, draft->headers, out);
    read_resource(load, document, draft->resource, out);
}
