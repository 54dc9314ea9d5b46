/* Series, on the admin listener: what came of requests and what it cost, over any span of time,
 * from roll-ups (store/rollup_record.h). The spans are planned in the loop; adding up and writing
 * are done in a thread of their own. */
#include "admin/series.h"
#include "admin/admin.h"
#include "admin/audit.h"
#include "base/clock.h"
#include "gateway/job.h"
#include "gateway/ledger_sync.h"
#include "gateway/paths.h"
#include "gateway/query.h"

enum { POINTS_MAX = 10000, DEFAULT_MINUTES = 24 * 60 };

/* --- what is asked for
 * -----------------------------------------------------------------------------------------------
 */

struct series_asked {
    struct text by, key, endpoint, from, to, step, format;
};

static const struct {
    const char *word;
    enum rollup_kind kind, in_endpoint; /* 0: not kept */
} kinds[] = {
    {"endpoint", ROLLUP_BY_ENDPOINT, 0},
    {"provider", ROLLUP_BY_PROVIDER, ROLLUP_BY_ENDPOINT_PROVIDER},
    {"model", ROLLUP_BY_MODEL, ROLLUP_BY_ENDPOINT_MODEL},
    {"token", ROLLUP_BY_TOKEN, ROLLUP_BY_ENDPOINT_TOKEN},
    {"project", ROLLUP_BY_PROJECT, 0},
    {"status", ROLLUP_BY_STATUS, ROLLUP_BY_ENDPOINT_STATUS},
    {"status_code", ROLLUP_BY_STATUS, ROLLUP_BY_ENDPOINT_STATUS},
    {"surface", ROLLUP_BY_SURFACE, 0},
};

static bool refuse(struct request *request, const char *name, const char *expected)
{
    return error_set(&request->error, ERROR_INVALID_REQUEST, name, "'%s' must be %s", name,
                     expected);
}

/* Of one endpoint: that alone, or another name within it. */
static bool read_endpoint(struct request *request, const struct series_asked *asked,
                          enum rollup_kind in_endpoint, struct rollup_query *query)
{
    if (asked->endpoint.len == 0)
        return true;
    if (asked->by.len == 0 || query->kind == ROLLUP_BY_ENDPOINT) {
        if (query->only.len > 0 && !text_equal(query->only, asked->endpoint))
            return refuse(request, "key", "left out where 'endpoint' says which one");
        query->kind = ROLLUP_BY_ENDPOINT;
        query->only = text_cut(asked->endpoint, ROLLUP_NAME_BYTES_MAX);
        query->total = false;
        return true;
    }
    if (in_endpoint == 0)
        return error_set(&request->error, ERROR_INVALID_REQUEST, "endpoint",
                         "of one endpoint there are sums by provider, model, token, status and "
                         "status_code, and not by '%.*s'",
                         TEXT_ARG(text_first(asked->by, 64)));
    query->kind = in_endpoint;
    query->group = asked->endpoint;
    return true;
}

static bool read_by(struct request *request, const struct series_asked *asked,
                    struct rollup_query *query)
{
    struct text tag = asked->by, word = text_split(&tag, ':');
    size_t i = 0;

    query->only = text_cut(asked->key, ROLLUP_NAME_BYTES_MAX);
    if (asked->by.len == 0) {
        if (asked->key.len > 0)
            return refuse(request, "key", "left out where 'by' does not say of what");
        query->kind = ROLLUP_BY_SURFACE;
        query->total = true;
        return read_endpoint(request, asked, 0, query);
    }
    if (text_equal(word, TEXT("tag")) && (tag.len > 0 || asked->by.len == word.len)) {
        query->kind = ROLLUP_BY_TAG;
        query->group = tag;
        query->groups = tag.len == 0;
        return asked->endpoint.len == 0 || read_endpoint(request, asked, 0, query);
    }
    while (i < sizeof kinds / sizeof *kinds && !text_equal(asked->by, text_of(kinds[i].word)))
        i++;
    if (i == sizeof kinds / sizeof *kinds)
        return refuse(request, "by",
                      "endpoint, provider, model, token, project, tag, tag:NAME, status, "
                      "status_code or surface");
    query->kind = kinds[i].kind;
    query->classes = text_equal(asked->by, TEXT("status"));
    return read_endpoint(request, asked, kinds[i].in_endpoint, query);
}

static bool read_time(struct request *request, const char *name, struct text said, int64_t *minutes)
{
    int64_t wall_ms;

    if (said.len == 0)
        return true;
    if (!clock_parse_rfc3339(said, &wall_ms))
        return refuse(request, name, "a date such as 2027-01-31, or an RFC 3339 time");
    if (wall_ms < 0)
        wall_ms = 0;
    *minutes = wall_ms / SERIES_MINUTE_MS + (name[0] == 't' && wall_ms % SERIES_MINUTE_MS > 0);
    return true;
}

static bool plan_steps(struct request *request, struct series *series, int64_t now, int64_t from,
                       int64_t until)
{
    const struct zone *zone = request->config->settings.zone;

    if (rollup_is_grouped(series->query.kind) && series->query.kind != ROLLUP_BY_TAG &&
        series->step == ROLLUP_MINUTE)
        return refuse(request, "step", "hour or day where sums are of one endpoint's");
    if (series_plan_steps(zone, series->step, now, from, until, &series->plan))
        return true;
    error_set(&request->error, ERROR_INVALID_REQUEST, "from",
              series->step == ROLLUP_MINUTE ? "sums by the minute are kept for %d hours"
                                            : "sums by the hour are kept for %d days",
              series->step == ROLLUP_MINUTE ? ROLLUP_MINUTES_KEPT_H : ROLLUP_HOURS_KEPT_D);
    error_hint(&request->error, "ask from a later time on, or for longer steps");
    return false;
}

static bool plan(struct request *request, const struct series_asked *asked, struct series *series)
{
    int64_t now = request->wall_ms / SERIES_MINUTE_MS, until = now + 1, from;
    bool in_endpoint = rollup_is_grouped(series->query.kind) && series->query.kind != ROLLUP_BY_TAG;

    if (!read_time(request, "to", asked->to, &until))
        return false;
    from = until > DEFAULT_MINUTES ? until - DEFAULT_MINUTES : 0;
    if (!read_time(request, "from", asked->from, &from))
        return false;
    if (from >= until)
        return error_set(&request->error, ERROR_INVALID_REQUEST, "from",
                         "'from' must be before 'to'");
    if (series->query.stepped)
        return plan_steps(request, series, now, from, until);
    series_plan_sum(request->config->settings.zone, in_endpoint ? ROLLUP_HOUR : ROLLUP_MINUTE, now,
                    from, until, &series->plan);
    return true;
}

static bool read_step(struct request *request, struct text word, struct series *series)
{
    for (int step = 0; step < ROLLUP_STEP_COUNT; step++)
        if (text_equal(word, text_of(rollup_step_word((enum rollup_step)step)))) {
            series->step = (enum rollup_step)step;
            series->query.stepped = true;
        }
    return word.len == 0 || series->query.stepped ||
           refuse(request, "step", "minute, hour or day, or left out for one sum");
}

static bool read_series(struct request *request, struct series *series)
{
    struct series_asked asked = {0};
    const struct query_param params[] = {
        {.name = "by", .text = &asked.by},         {.name = "key", .text = &asked.key},
        {.name = "from", .text = &asked.from},     {.name = "endpoint", .text = &asked.endpoint},
        {.name = "to", .text = &asked.to},         {.name = "step", .text = &asked.step},
        {.name = "format", .text = &asked.format},
    };

    series->query.most = POINTS_MAX;
    if (!query_read(request, params, sizeof params / sizeof *params) ||
        !format_of(request, asked.format, &series->format) ||
        !read_by(request, &asked, &series->query) || !read_step(request, asked.step, series) ||
        !plan(request, &asked, series))
        return false;
    series->by = asked.by;
    series->query.spans = series->plan.spans;
    series->query.span_count = series->plan.count;
    return true;
}

/* --- reading
 * ---------------------------------------------------------------------------------------------------
 */

static void answer(struct job *job, const struct series *series, const struct rollup_page *page)
{
    struct buffer out = buffer_in(&job->arena);

    series_write(series, page, &out);
    job->status = 200;
    job->content_type = format_type(series->format);
    job->body = buffer_text(&out);
}

static void run(struct job *job)
{
    const struct series *series = job->order;
    struct store_command *command = store_command_new(STORE_ROLLUP_READ);

    command->rollup_query = series->query;
    do
        store_wait(job->gateway->store, command);
    while (command->error.code == ERROR_NONE && command->rollup_page.more &&
           !command->rollup_page.too_many);
    job->error = command->error;
    if (command->error.code == ERROR_NONE && command->rollup_page.too_many) {
        error_set(&job->error, ERROR_INVALID_REQUEST, series->query.stepped ? "step" : "by",
                  "more than %d points come out of this", POINTS_MAX);
        error_hint(&job->error, "ask for a shorter time, for longer steps, or for one 'key'");
    } else if (command->error.code == ERROR_NONE) {
        answer(job, series, &command->rollup_page);
    }
    store_command_free(command);
}

/* What the request has may be gone before the thread is done with it. */
static void begin(struct request *request)
{
    const struct series *asked = request->aside;
    struct job *job = job_new(request, run);
    struct series *series = ARENA_NEW(&job->arena, struct series);

    *series = *asked;
    series->by = arena_copy(&job->arena, asked->by);
    series->query.group = arena_copy(&job->arena, asked->query.group);
    series->query.only = arena_copy(&job->arena, asked->query.only);
    series->query.spans = series->plan.spans;
    job->order = series;
    request->aside = NULL;
    job_start(job);
}

static void start(struct request *request, struct text none)
{
    (void)none;
    job_park(request);
    ledger_sync(request, begin);
}

/* A file takes what is there out of the gateway, so it is recorded first. */
void admin_show_series(struct request *request, struct text none)
{
    struct series *series = ARENA_NEW(&request->arena, struct series);

    if (!read_series(request, series)) {
        request_refuse(request);
        return;
    }
    request->aside = series;
    if (series->format == FORMAT_JSON)
        start(request, none);
    else
        admin_record(request, AUDIT_USAGE_EXPORT, TEXT("usage"), start);
}
