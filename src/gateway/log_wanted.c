#include "gateway/log_wanted.h"

#include "auth/tags.h"
#include "base/clock.h"
#include "config/value.h"
#include "gateway/query.h"
#include "telemetry/trace_context.h"

#include <ctype.h>

enum { PAGE_DEFAULT = 20, PAGE_MOST = 200 }; /* conventions section 3 */
enum { PAGE_PARAMS = 3 };                    /* order, format, limit */

/* As it stands in the query. */
struct log_asked {
    struct text words[LOG_WORD_COUNT];
    struct text from, to, status, min_duration, tag, order, after, format;
    uint64_t limit;
};

/* `follow`: the log is followed, and what a page of it has is not known. */
static bool read_asked(struct request *request, bool follow, struct log_asked *asked)
{
    const struct query_param params[] = {
        {.name = "request_id", .text = &asked->words[LOG_REQUEST]},
        {.name = "trace", .text = &asked->words[LOG_TRACE]},
        {.name = "project", .text = &asked->words[LOG_PROJECT]},
        {.name = "endpoint", .text = &asked->words[LOG_ENDPOINT]},
        {.name = "token", .text = &asked->words[LOG_TOKEN]},
        {.name = "session", .text = &asked->words[LOG_SESSION]},
        {.name = "provider", .text = &asked->words[LOG_PROVIDER]},
        {.name = "model", .text = &asked->words[LOG_MODEL]},
        {.name = "code", .text = &asked->words[LOG_CODE]},
        {.name = "surface", .text = &asked->words[LOG_SURFACE]},
        {.name = "tag", .text = &asked->tag},
        {.name = "from", .text = &asked->from},
        {.name = "to", .text = &asked->to},
        {.name = "status", .text = &asked->status},
        {.name = "min_duration", .text = &asked->min_duration},
        {.name = "after", .text = &asked->after},
        {.name = "order", .text = &asked->order},
        {.name = "format", .text = &asked->format},
        {.name = "limit", .number = &asked->limit, .least = 1, .greatest = UINT32_MAX},
    };

    return query_read(request, params, sizeof params / sizeof *params - (follow ? PAGE_PARAMS : 0));
}

static bool refuse_value(struct request *request, const char *name, const char *expected)
{
    return error_set(&request->error, ERROR_INVALID_REQUEST, name, "'%s' must be %s", name,
                     expected);
}

static bool read_time(struct request *request, const char *name, struct text text, int64_t *out)
{
    return text.len == 0 || clock_parse_rfc3339(text, out) ||
           refuse_value(request, name, "a date such as 2027-01-31, or an RFC 3339 time");
}

static bool read_status(struct request *request, struct text text, int *out)
{
    uint64_t number;

    if (text.len == 0)
        return true;
    if (text.len == 3 && text_equal(text_after(text, 1), TEXT("xx")) && text.at[0] >= '1' &&
        text.at[0] <= '5') {
        *out = text.at[0] - '0';
        return true;
    }
    if (!text_to_u64(text, &number) || number < 100 || number > 599)
        return refuse_value(request, "status", "a status such as 429, or a class such as 5xx");
    *out = (int)number;
    return true;
}

static bool read_duration(struct request *request, struct text text, uint64_t *out_us)
{
    uint64_t ms;

    if (text.len == 0)
        return true;
    if (!duration_parse(text, &ms) || ms > UINT64_MAX / 1000)
        return refuse_value(request, "min_duration", "a duration such as 250ms or 2s");
    *out_us = ms * 1000;
    return true;
}

/* Rows have it in lower case, as the specification writes it. */
static bool read_trace(struct request *request, struct text *trace)
{
    char *lower;

    if (trace->len == 0)
        return true;
    lower = arena_bytes(&request->arena, trace->len);
    for (size_t i = 0; i < trace->len; i++) {
        if (!isxdigit((unsigned char)trace->at[i]))
            return refuse_value(request, "trace", "the id of a trace, 32 hexadecimal digits");
        lower[i] = (char)tolower((unsigned char)trace->at[i]);
    }
    *trace = (struct text){lower, trace->len};
    return trace->len == TRACE_ID_CHARS ||
           refuse_value(request, "trace", "the id of a trace, 32 hexadecimal digits");
}

static bool read_order(struct request *request, struct text order, bool *out_oldest_first)
{
    *out_oldest_first = text_equal(order, TEXT("asc"));
    return order.len == 0 || *out_oldest_first || text_equal(order, TEXT("desc")) ||
           refuse_value(request, "order", "'asc' (oldest first) or 'desc'");
}

static bool read_after(struct request *request, struct text after, struct log_query *query)
{
    query->has_after = after.len > 0;
    return after.len == 0 || log_place_read(after, &query->after) ||
           refuse_value(request, "after", "the 'last_id' of the page before");
}

/* A list has at most a page of rows, a file all there are unless a limit is said; but none that are
 * written while it is, so that it has an end. */
static bool read_limit(struct request *request, const struct log_asked *asked,
                       struct log_wanted *out)
{
    bool list = out->format == FORMAT_JSON;

    if (!list && out->query.to_ms == 0)
        out->query.to_ms = request->wall_ms + 1;
    out->rows = asked->limit > 0 ? asked->limit : list ? PAGE_DEFAULT : SIZE_MAX;
    return !list || out->rows <= PAGE_MOST ||
           refuse_value(request, "limit", "at most 200; a file has no such limit");
}

/* A list, as callers write it: rows that have all of them. */
static bool read_tags(struct request *request, struct text list, struct log_query *query)
{
    struct tags tags = {0};
    bool good = tags_read(list, "tag", &request->arena, &tags, &request->error);

    query->tags = tags.items;
    query->tag_count = tags.count;
    return good;
}

static bool read_filters(struct request *request, const struct log_asked *asked,
                         struct log_query *query)
{
    memcpy(query->words, asked->words, sizeof query->words);
    return read_trace(request, &query->words[LOG_TRACE]) &&
           read_time(request, "from", asked->from, &query->from_ms) &&
           read_time(request, "to", asked->to, &query->to_ms) &&
           read_status(request, asked->status, &query->status) &&
           read_duration(request, asked->min_duration, &query->min_duration_us) &&
           read_tags(request, asked->tag, query) && read_after(request, asked->after, query);
}

bool log_wanted_read(struct request *request, struct log_wanted *out)
{
    struct log_asked asked = {0};

    *out = (struct log_wanted){0};
    return read_asked(request, false, &asked) && format_of(request, asked.format, &out->format) &&
           read_filters(request, &asked, &out->query) &&
           read_order(request, asked.order, &out->query.oldest_first) &&
           read_limit(request, &asked, out);
}

bool log_wanted_follow(struct request *request, struct log_query *out)
{
    struct log_asked asked = {0};

    *out = (struct log_query){0};
    return read_asked(request, true, &asked) && read_filters(request, &asked, out);
}
