#include "telemetry/otel_settings.h"

#include "document/utf8.h"
#include "provider/http_field.h"
#include "secret/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    URL_MAX = 2048,
    TIMEOUT_MS = 10000,
    TIMEOUT_MOST_MS = 60000,
    QUEUE_SPANS = 2048,
    QUEUE_MOST = 65536,
    BATCH_SPANS = 512,
    BATCH_MOST = 2048,
    DELAY_MS = 5000,
    DELAY_MOST_MS = 60000,
    INTERVAL_MS = 60000,
    INTERVAL_MOST_MS = 3600000
};

struct reading {
    char *(*environment)(const char *name);
    const struct telemetry_settings *file;
    struct arena *arena;
    struct otel_settings *out;
};

static struct text decimal(const struct reading *it, uint32_t number)
{
    return number == 0 ? (struct text){0} : arena_printf(it->arena, "%u", number);
}

/* The first of the words is what holds anyway. */
static struct text word(enum telemetry_choice choice, uint32_t index)
{
    return index == 0 ? (struct text){0} : text_of(telemetry_words(choice)[index]);
}

/* What pinion.yaml says, in the words of the environment. */
static struct text in_file(const struct reading *it, const char *name)
{
    const struct telemetry_settings *file = it->file;
    const struct {
        const char *name;
        struct text value;
    } rows[] = {
        {"OTEL_EXPORTER_OTLP_ENDPOINT", file->endpoint},
        {"OTEL_EXPORTER_OTLP_TIMEOUT", decimal(it, file->timeout_ms)},
        {"OTEL_EXPORTER_OTLP_COMPRESSION", word(TELEMETRY_COMPRESSION, file->compression)},
        {"OTEL_SERVICE_NAME", file->service_name},
        {"OTEL_TRACES_EXPORTER", file->no_traces ? TEXT("none") : TEXT("")},
        {"OTEL_METRICS_EXPORTER", file->no_metrics ? TEXT("none") : TEXT("")},
        {"OTEL_TRACES_SAMPLER", word(TELEMETRY_SAMPLER, file->sampler)},
        {"OTEL_TRACES_SAMPLER_ARG",
         file->ratio < 0 ? TEXT("") : arena_printf(it->arena, "%.17g", file->ratio)},
        {"OTEL_METRIC_EXPORT_INTERVAL", decimal(it, file->interval_ms)},
        {"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
         word(TELEMETRY_TEMPORALITY, file->temporality)},
        {"OTEL_SEMCONV_STABILITY_OPT_IN",
         file->latest ? TEXT("gen_ai_latest_experimental") : TEXT("")},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].name, name) == 0)
            return rows[i].value;
    return (struct text){0};
}

static struct text value_of(const struct reading *it, const char *name)
{
    struct text value = text_trim(text_of(it->environment(name)));

    return value.len > 0 ? value : in_file(it, name);
}

static void warn(const struct reading *it, const char *name, const char *what)
{
    struct otel_settings *out = it->out;
    const char *warning = arena_printf(it->arena, "%s %s", name, what).at;

    for (size_t i = 0; i < out->warning_count; i++)
        if (strcmp(out->warnings[i], warning) == 0) /* both signals have read it */
            return;
    if (out->warning_count < OTEL_WARNINGS_MAX)
        out->warnings[out->warning_count++] = warning;
}

static uint32_t number(const struct reading *it, const char *name, uint32_t least, uint32_t most,
                       uint32_t unsaid)
{
    struct text text = value_of(it, name);
    uint64_t value;

    if (text.len == 0)
        return unsaid;
    if (text_to_u64(text, &value) && value >= least && value <= most)
        return (uint32_t)value;
    warn(it, name,
         arena_printf(it->arena, "must be a number from %u to %u; it is taken as %u", least, most,
                      unsaid)
             .at);
    return unsaid;
}

/* --- lists: "key=value,key=value", percent-encoded
 * ------------------------------------------------
 */

static int digit_of(char byte)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    const char *digit = byte != '\0' ? strchr(digits, byte) : NULL;

    if (digit == NULL)
        return -1;
    return digit - digits < 16 ? (int)(digit - digits) : (int)(digit - digits) - 6;
}

/* A percent sign that begins nothing is itself. */
static struct text decoded(const struct reading *it, struct text text)
{
    struct buffer out = buffer_in(it->arena);

    for (size_t i = 0; i < text.len; i++) {
        bool long_enough = text.at[i] == '%' && text.len - i > 2;
        int high = long_enough ? digit_of(text.at[i + 1]) : -1;
        int low = long_enough ? digit_of(text.at[i + 2]) : -1;

        if (high < 0 || low < 0) {
            buffer_put_byte(&out, text.at[i]);
            continue;
        }
        buffer_put_byte(&out, (char)(high * 16 + low));
        i += 2;
    }
    return buffer_text(&out);
}

/* False when there is none left; of one without '=' the key is empty. */
static bool next_pair(const struct reading *it, struct text *rest, struct text *key,
                      struct text *value)
{
    struct text pair = {0};
    size_t equal;

    while (rest->len > 0 && pair.len == 0)
        pair = text_trim(text_split(rest, ','));
    equal = text_find_byte(pair, '=');
    *key = equal < pair.len ? text_trim(text_first(pair, equal)) : (struct text){0};
    *value = decoded(it, text_trim(text_after(pair, equal + 1)));
    return pair.len > 0;
}

/* In memory that is wiped when the process ends. */
static void copy_fields(const struct reading *it, struct otel_receiver *to)
{
    for (size_t i = 0; i < it->file->header_count && to->field_count < OTEL_FIELDS_MAX; i++) {
        const struct named_text *header = &it->file->headers[i];
        size_t bytes = header->name.len + 2 + header->value.len;
        char *line = secret_room(it->arena, bytes);

        snprintf(line, bytes + 1, "%.*s: %.*s", TEXT_ARG(header->name), TEXT_ARG(header->value));
        to->fields[to->field_count++] = line;
    }
}

static void read_fields(const struct reading *it, const char *name, struct otel_receiver *to)
{
    struct text rest = value_of(it, name), key, value;

    if (rest.len == 0)
        copy_fields(it, to);
    while (next_pair(it, &rest, &key, &value)) {
        if (!field_name_valid(key) || !field_value_clean(value) ||
            to->field_count == OTEL_FIELDS_MAX) {
            warn(it, name,
                 "has something that is no name=value of a header, or more than 32 of "
                 "them; it is left out");
            continue;
        }
        to->fields[to->field_count++] =
            arena_printf(it->arena, "%.*s: %.*s", TEXT_ARG(key), TEXT_ARG(value)).at;
    }
}

static void put_resource(const struct reading *it, struct text key, struct text value)
{
    struct otel_settings *out = it->out;

    for (size_t i = 0; i < out->source.count; i++)
        if (text_equal(out->resource[i].key, key)) {
            out->resource[i].value = value;
            return;
        }
    out->resource[out->source.count++] = (struct otlp_attribute){key, value};
}

static void read_resource(const struct reading *it)
{
    struct text rest = value_of(it, "OTEL_RESOURCE_ATTRIBUTES"), key, value;
    struct text service = value_of(it, "OTEL_SERVICE_NAME");

    it->out->source.attributes = it->out->resource;
    put_resource(it, TEXT("service.name"), TEXT("pinion"));
    put_resource(it, TEXT("service.version"), TEXT(PINION_VERSION));
    for (size_t i = 0; i < it->file->resource_count; i++)
        put_resource(it, arena_copy(it->arena, it->file->resource[i].name),
                     arena_copy(it->arena, it->file->resource[i].value));
    while (next_pair(it, &rest, &key, &value)) {
        if (key.len == 0 || utf8_valid(key) < key.len || utf8_valid(value) < value.len ||
            it->out->source.count + 1 >= OTEL_RESOURCE_MAX)
            warn(it, "OTEL_RESOURCE_ATTRIBUTES",
                 "has something that is no key=value, or more than 62 of them; it is left out");
        else
            put_resource(it, arena_copy(it->arena, key), value);
    }
    if (service.len > 0 && utf8_valid(service) == service.len)
        put_resource(it, TEXT("service.name"), arena_copy(it->arena, service));
}

/* --- which traces
 * --------------------------------------------------------------------------------- */

static uint64_t read_ratio(const struct reading *it)
{
    struct text text = value_of(it, "OTEL_TRACES_SAMPLER_ARG");
    char *end = NULL;
    double ratio = text.len > 0 ? strtod(arena_terminated(it->arena, text), &end) : 1;

    if (text.len > 0 && (*end != '\0' || !isfinite(ratio) || ratio < 0 || ratio > 1)) {
        warn(it, "OTEL_TRACES_SAMPLER_ARG", "must be a number from 0 to 1; it is taken as 1");
        ratio = 1;
    }
    return (uint64_t)(ratio * (double)SAMPLER_ALL);
}

static void read_sampler(const struct reading *it)
{
    struct text name = value_of(it, "OTEL_TRACES_SAMPLER"), rest = name;
    struct sampler *sampler = &it->out->sampler;

    *sampler = (struct sampler){.follow_parent = true, .below = SAMPLER_ALL};
    if (name.len == 0)
        return;
    sampler->follow_parent = text_starts(name, TEXT("parentbased_"));
    if (sampler->follow_parent)
        rest = text_after(name, sizeof "parentbased_" - 1);
    if (text_equal(rest, TEXT("always_off"))) {
        sampler->below = 0;
    } else if (text_equal(rest, TEXT("traceidratio"))) {
        sampler->below = read_ratio(it);
    } else if (!text_equal(rest, TEXT("always_on"))) {
        warn(it, "OTEL_TRACES_SAMPLER",
             "must be always_on, always_off or traceidratio, or one of them behind parentbased_; "
             "it is taken as parentbased_always_on");
        sampler->follow_parent = true;
    }
}

/* --- where to
 * ------------------------------------------------------------------------------------- */

/* What both signals have, each by variables of its own that hold before those of both. */
struct signal {
    const char *exporter, *path;
    const char *endpoint, *headers, *timeout, *protocol, *compression;
};
static const struct signal both = {
    .endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT",
    .headers = "OTEL_EXPORTER_OTLP_HEADERS",
    .timeout = "OTEL_EXPORTER_OTLP_TIMEOUT",
    .protocol = "OTEL_EXPORTER_OTLP_PROTOCOL",
    .compression = "OTEL_EXPORTER_OTLP_COMPRESSION",
};
static const struct signal traces = {
    .exporter = "OTEL_TRACES_EXPORTER",
    .path = "v1/traces",
    .endpoint = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    .headers = "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    .timeout = "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
    .protocol = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
    .compression = "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
};
static const struct signal metrics = {
    .exporter = "OTEL_METRICS_EXPORTER",
    .path = "v1/metrics",
    .endpoint = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    .headers = "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
    .timeout = "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT",
    .protocol = "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
    .compression = "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION",
};

/* The name of the variable that says it. */
static const char *said(const struct reading *it, const char *own, const char *common)
{
    return value_of(it, own).len > 0 ? own : common;
}

static const char *good_url(const struct reading *it, const char *name, struct text url)
{
    bool http = text_starts(url, TEXT("http://")) || text_starts(url, TEXT("https://"));

    for (size_t i = 0; http && i < url.len; i++)
        http = url.at[i] > ' ' && url.at[i] < 0x7F;
    if (http && url.len <= URL_MAX)
        return arena_terminated(it->arena, url);
    warn(it, name, "must be a URL such as http://127.0.0.1:4318; nothing is sent there");
    return NULL;
}

static const char *read_url(const struct reading *it, const struct signal *signal)
{
    struct text own = value_of(it, signal->endpoint), base = value_of(it, both.endpoint);

    if (own.len > 0)
        return good_url(it, signal->endpoint, own);
    if (base.len == 0)
        return NULL;
    return good_url(it, both.endpoint,
                    arena_printf(it->arena, "%.*s%s%s", TEXT_ARG(base),
                                 text_ends(base, TEXT("/")) ? "" : "/", signal->path));
}

static bool is_off(const struct reading *it, const struct signal *signal)
{
    struct text exporter = value_of(it, signal->exporter);

    if (text_equal(exporter, TEXT("none")))
        return true;
    if (exporter.len > 0 && !text_equal(exporter, TEXT("otlp")))
        warn(it, signal->exporter, "must be otlp or none; it is taken as otlp");
    return false;
}

static void check_protocol(const struct reading *it, const struct signal *signal)
{
    const char *name = said(it, signal->protocol, both.protocol);
    struct text protocol = value_of(it, name);

    if (protocol.len > 0 && !text_equal(protocol, TEXT("http/json")))
        warn(it, name, "must be http/json, which is what is spoken all the same");
}

static bool read_gzip(const struct reading *it, const struct signal *signal)
{
    const char *name = said(it, signal->compression, both.compression);
    struct text compression = value_of(it, name);

    if (compression.len > 0 && !text_equal(compression, TEXT("gzip")) &&
        !text_equal(compression, TEXT("none")))
        warn(it, name, "must be gzip or none; it is taken as none");
    return text_equal(compression, TEXT("gzip"));
}

static void read_receiver(const struct reading *it, const struct signal *signal,
                          struct otel_receiver *out)
{
    if (is_off(it, signal))
        return;
    out->url = read_url(it, signal);
    if (out->url == NULL)
        return;
    check_protocol(it, signal);
    read_fields(it, said(it, signal->headers, both.headers), out);
    out->timeout_ms =
        number(it, said(it, signal->timeout, both.timeout), 1, TIMEOUT_MOST_MS, TIMEOUT_MS);
    out->gzip = read_gzip(it, signal);
}

/* --- the whole
 * ------------------------------------------------------------------------------------- */

static void read_traces(const struct reading *it)
{
    struct otel_settings *out = it->out;

    read_sampler(it);
    out->queue_spans = number(it, "OTEL_BSP_MAX_QUEUE_SIZE", 1, QUEUE_MOST, QUEUE_SPANS);
    out->batch_spans = number(it, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 1, BATCH_MOST, BATCH_SPANS);
    if (out->batch_spans > out->queue_spans)
        out->batch_spans = out->queue_spans;
    out->delay_ms = number(it, "OTEL_BSP_SCHEDULE_DELAY", 1, DELAY_MOST_MS, DELAY_MS);
}

/* "lowmemory" is "delta" for counters and histograms, which all instruments are. */
static void read_metrics(const struct reading *it)
{
    static const char name[] = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";
    struct text preference = value_of(it, name);

    it->out->interval_ms =
        number(it, "OTEL_METRIC_EXPORT_INTERVAL", 1, INTERVAL_MOST_MS, INTERVAL_MS);
    it->out->temporality = OTLP_CUMULATIVE;
    if (text_equal_nocase(preference, TEXT("delta")) ||
        text_equal_nocase(preference, TEXT("lowmemory")))
        it->out->temporality = OTLP_DELTA;
    else if (preference.len > 0 && !text_equal_nocase(preference, TEXT("cumulative")))
        warn(it, name, "must be cumulative, delta or lowmemory; it is taken as cumulative");
}

/* Others of the list are about other libraries. */
static bool wants_latest(const struct reading *it)
{
    struct text rest = value_of(it, "OTEL_SEMCONV_STABILITY_OPT_IN");

    while (rest.len > 0)
        if (text_equal(text_trim(text_split(&rest, ',')), TEXT("gen_ai_latest_experimental")))
            return true;
    return false;
}

void otel_settings_read(char *(*environment)(const char *name),
                        const struct telemetry_settings *file, struct arena *arena,
                        struct otel_settings *out)
{
    const struct reading it = {environment, file, arena, out};

    *out = (struct otel_settings){0};
    if (text_equal_nocase(value_of(&it, "OTEL_SDK_DISABLED"), TEXT("true")))
        return;
    read_receiver(&it, &traces, &out->traces);
    read_receiver(&it, &metrics, &out->metrics);
    if (out->traces.url == NULL && out->metrics.url == NULL)
        return;
    read_resource(&it);
    out->source.latest = wants_latest(&it);
    if (out->traces.url != NULL)
        read_traces(&it);
    if (out->metrics.url != NULL)
        read_metrics(&it);
}
