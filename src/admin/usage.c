/* Usage, on the admin listener: summed by what is asked for. Records are read a page at a time and
 * added up in memory, which grows with the groups that come out and not with what went in. */
#include "admin/admin.h"
#include "admin/audit.h"
#include "base/clock.h"
#include "gateway/durable.h"
#include "gateway/format.h"
#include "gateway/job.h"
#include "gateway/ledger_sync.h"
#include "gateway/query.h"
#include "gateway/paths.h"
#include "gateway/usage_groups.h"

enum { PAGE_DEFAULT = 20, PAGE_MOST = 200 }; /* conventions section 3 */

struct usage_reading {
    struct request *request;
    struct usage_query query;
    enum format format;
    bool by[USAGE_NAME_COUNT];
    struct usage_groups_page page;
    struct ledger_page *sums;
};

static void read_on(struct usage_reading *reading);

/* --- what is asked for
 * ----------------------------------------------------------------------------------- */

struct usage_asked {
    struct text by, from, to, after, format;
    uint64_t limit;
};

static bool read_asked(struct request *request, struct usage_query *query,
                       struct usage_asked *asked)
{
    const struct query_param params[] = {
        {.name = "by", .text = &asked->by},
        {.name = "from", .text = &asked->from},
        {.name = "to", .text = &asked->to},
        {.name = "project", .text = &query->names[USAGE_PROJECT]},
        {.name = "endpoint", .text = &query->names[USAGE_ENDPOINT]},
        {.name = "provider", .text = &query->names[USAGE_PROVIDER]},
        {.name = "model", .text = &query->names[USAGE_MODEL]},
        {.name = "token", .text = &query->names[USAGE_TOKEN]},
        {.name = "after", .text = &asked->after},
        {.name = "limit", .number = &asked->limit, .least = 1, .greatest = PAGE_MOST},
        {.name = "format", .text = &asked->format},
    };

    return query_read(request, params, sizeof params / sizeof *params);
}

static bool read_by(struct request *request, struct text words, bool by[USAGE_NAME_COUNT])
{
    while (words.len > 0) {
        struct text word = text_trim(text_split(&words, ','));
        size_t i = 0;

        while (i < USAGE_NAME_COUNT &&
               !text_equal(word, text_of(usage_name_word((enum usage_name)i))))
            i++;
        if (i == USAGE_NAME_COUNT)
            return error_set(&request->error, ERROR_INVALID_REQUEST, "by",
                             "'by' must name day, project, endpoint, provider, model or token, "
                             "with commas between them");
        by[i] = true;
    }
    return true;
}

/* A day as it stands in the records; `fallback` where it is not said. */
static bool read_day(struct request *request, const char *name, struct text said,
                     struct text fallback, struct text *out)
{
    int64_t wall_ms;

    *out = said.len > 0 ? said : fallback;
    return said.len == 0 || (said.len == 10 && clock_parse_rfc3339(said, &wall_ms)) ||
           error_set(&request->error, ERROR_INVALID_REQUEST, name,
                     "'%s' must be a day such as 2027-01-31", name);
}

/* This month up to today, unless it is said otherwise. */
static bool read_days(struct request *request, const struct usage_asked *asked,
                      struct usage_query *query)
{
    struct period today;
    struct text day, first;

    period_at(request->config->settings.zone, PERIOD_DAY, request->wall_ms, &today);
    day = arena_copy(&request->arena, text_of(today.name));
    if (!read_day(request, "to", asked->to, day, &query->to_day))
        return false;
    first = arena_printf(&request->arena, "%.*s01", TEXT_ARG(text_first(query->to_day, 8)));
    if (!read_day(request, "from", asked->from, first, &query->from_day))
        return false;
    return text_compare(query->from_day, query->to_day) <= 0 ||
           error_set(&request->error, ERROR_INVALID_REQUEST, "from", "'from' is behind 'to'");
}

static bool read_query(struct request *request, struct usage_reading *reading)
{
    struct usage_asked asked = {.limit = PAGE_DEFAULT};

    if (!read_asked(request, &reading->query, &asked))
        return false;
    reading->page = (struct usage_groups_page){(size_t)asked.limit, asked.after};
    return format_of(request, asked.format, &reading->format) &&
           read_by(request, asked.by, reading->by) && read_days(request, &asked, &reading->query);
}

/* --- adding up
 * ------------------------------------------------------------------------------------------- */

static bool add(struct usage_reading *reading, const struct usage_page *page)
{
    for (size_t i = 0; i < page->count; i++) {
        struct usage_record group = page->records[i];

        for (size_t n = 0; n < USAGE_NAME_COUNT; n++)
            if (!reading->by[n])
                group.names[n] = (struct text){0};
        ledger_page_use(reading->sums, &group);
    }
    if (reading->sums->usage_count <= USAGE_GROUPS_MAX)
        return true;
    error_set(&reading->request->error, ERROR_INVALID_REQUEST, "by",
              "more than %d sums come out of this", USAGE_GROUPS_MAX);
    error_hint(&reading->request->error, "ask for fewer days, or by fewer names");
    return false;
}

static void reply(struct usage_reading *reading)
{
    struct request *request = reading->request;
    const struct usage_list list = {.query = &reading->query,
                                    .by = reading->by,
                                    .groups = reading->sums->usage,
                                    .count = reading->sums->usage_count};
    struct buffer out = buffer_in(&request->arena);

    usage_groups_sort(reading->sums->usage, reading->sums->usage_count);
    if (reading->format == FORMAT_JSON)
        usage_groups_list(&list, &reading->page, &out);
    else
        usage_groups_file(&list, reading->format, &out);
    request_reply(request, 200, format_type(reading->format), buffer_text(&out));
}

static void have_page(struct request *request, struct store_command *command)
{
    struct usage_reading *reading = request->aside;
    const struct usage_page *page = &command->usage_page;

    request->error = command->error;
    if (command->error.code != ERROR_NONE || !add(reading, page)) {
        request_refuse(request);
    } else if (page->more) {
        reading->query.after = arena_copy(&request->arena, page->last);
        read_on(reading);
    } else {
        reply(reading);
    }
    store_command_free(command);
}

static void read_on(struct usage_reading *reading)
{
    struct store_command *command = store_command_new(STORE_USAGE_READ);
    struct usage_query *query = &command->usage_query;

    *query = reading->query;
    for (size_t i = 0; i < USAGE_NAME_COUNT; i++)
        query->names[i] = arena_copy(&command->arena, query->names[i]);
    query->from_day = arena_copy(&command->arena, query->from_day);
    query->to_day = arena_copy(&command->arena, query->to_day);
    query->after = arena_copy(&command->arena, query->after);
    durable_submit(reading->request, command, have_page);
}

static void begin_reading(struct request *request)
{
    read_on(request->aside);
}

/* A file takes what is there out of the gateway, so it is recorded first. */
static void start(struct request *request, struct text none)
{
    (void)none;
    job_park(request);
    ledger_sync(request, begin_reading);
}

static void free_sums(void *thing)
{
    ledger_page_free(thing);
}

void admin_show_usage(struct request *request, struct text none)
{
    struct usage_reading *reading = ARENA_NEW(&request->arena, struct usage_reading);

    reading->request = request;
    if (!read_query(request, reading)) {
        request_refuse(request);
        return;
    }
    reading->sums = ledger_page_new();
    arena_defer(&request->arena, free_sums, reading->sums);
    request->aside = reading;
    if (reading->format == FORMAT_JSON)
        start(request, none);
    else
        admin_record(request, AUDIT_USAGE_EXPORT, TEXT("usage"), start);
}
