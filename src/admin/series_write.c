#include "admin/series.h"
#include "base/clock.h"
#include "document/json_write.h"
#include "journal/csv.h"

static const char *shown_word(enum rollup_sum sum)
{
    return sum == ROLLUP_COST     ? "cost_usd"
           : sum == ROLLUP_BILLED ? "billed_usd"
                                  : rollup_sum_word(sum);
}

static bool is_money(enum rollup_sum sum)
{
    return sum == ROLLUP_COST || sum == ROLLUP_BILLED;
}

static struct text time_of(int64_t minute, char out[CLOCK_RFC3339_BYTES])
{
    return clock_rfc3339(minute * SERIES_MINUTE_MS, out);
}

static void put_ms(struct buffer *out, uint64_t us)
{
    buffer_put_u64(out, us / 1000);
    buffer_put_byte(out, '.');
    buffer_put_byte(out, (char)('0' + us % 1000 / 100));
    buffer_put_byte(out, (char)('0' + us % 100 / 10));
    buffer_put_byte(out, (char)('0' + us % 10));
}

static void put_percentile(struct buffer *out, const char *name, const struct rollup_point *point,
                           uint64_t us)
{
    json_put_name(out, name);
    if (point->timed > 0)
        put_ms(out, us);
    else
        buffer_put(out, TEXT("null"));
}

static struct text key_of(const struct series *series, const struct rollup_point *point)
{
    return series->query.total ? TEXT("total") : point->key;
}

static void put_point(const struct series *series, const struct rollup_point *point,
                      struct buffer *out)
{
    char time[CLOCK_RFC3339_BYTES];

    buffer_put_byte(out, '{');
    if (series->query.stepped)
        json_put_text(out, "t", time_of(point->at, time));
    json_put_text(out, "key", key_of(series, point));
    for (size_t i = 0; i < ROLLUP_SUM_COUNT; i++) {
        json_put_name(out, shown_word((enum rollup_sum)i));
        if (is_money((enum rollup_sum)i))
            buffer_put_byte(out, '"');
        if (is_money((enum rollup_sum)i))
            json_put_nano(out, point->sums[i]);
        else
            buffer_put_i64(out, point->sums[i]);
        if (is_money((enum rollup_sum)i))
            buffer_put_byte(out, '"');
    }
    put_percentile(out, "p50_ms", point, point->p50_us);
    put_percentile(out, "p95_ms", point, point->p95_us);
    buffer_put_byte(out, '}');
}

static void put_document(const struct series *series, const struct rollup_page *page,
                         struct buffer *out)
{
    char time[CLOCK_RFC3339_BYTES];

    buffer_put(out, TEXT("{\"object\":\"series\""));
    json_put_text_or_null(out, "by", series->by);
    json_put_text(out, "from", time_of(series->plan.from, time));
    json_put_text(out, "to", time_of(series->plan.until, time));
    json_put_text_or_null(
        out, "step", series->query.stepped ? text_of(rollup_step_word(series->step)) : TEXT(""));
    buffer_put(out, TEXT(",\"points\":["));
    for (size_t i = 0; i < page->count; i++) {
        if (i > 0)
            buffer_put_byte(out, ',');
        put_point(series, &page->points[i], out);
    }
    buffer_put(out, TEXT("]}"));
}

static void put_head(const struct series *series, struct buffer *out)
{
    if (series->query.stepped)
        csv_put_plain(out, TEXT("t"));
    csv_put_plain(out, TEXT("key"));
    for (size_t i = 0; i < ROLLUP_SUM_COUNT; i++)
        csv_put_plain(out, text_of(shown_word((enum rollup_sum)i)));
    csv_put_plain(out, TEXT("p50_ms"));
    csv_put_plain(out, TEXT("p95_ms"));
    csv_end(out);
}

static void put_line(const struct series *series, const struct rollup_point *point,
                     struct buffer *out)
{
    char time[CLOCK_RFC3339_BYTES], digits[64];
    struct buffer cell = {.at = digits, .room = sizeof digits};

    if (series->query.stepped)
        csv_put_plain(out, time_of(point->at, time));
    csv_put_text(out, key_of(series, point));
    for (size_t i = 0; i < ROLLUP_SUM_COUNT; i++, cell.len = 0) {
        if (is_money((enum rollup_sum)i))
            json_put_nano(&cell, point->sums[i]);
        else
            buffer_put_i64(&cell, point->sums[i]);
        csv_put_plain(out, buffer_text(&cell));
    }
    for (int i = 0; i < 2; i++, cell.len = 0) {
        if (point->timed > 0)
            put_ms(&cell, i == 0 ? point->p50_us : point->p95_us);
        csv_put_plain(out, buffer_text(&cell));
    }
    csv_end(out);
}

static void put_file(const struct series *series, const struct rollup_page *page,
                     struct buffer *out)
{
    if (series->format == FORMAT_CSV)
        put_head(series, out);
    for (size_t i = 0; i < page->count; i++) {
        if (series->format == FORMAT_CSV) {
            put_line(series, &page->points[i], out);
            continue;
        }
        put_point(series, &page->points[i], out);
        buffer_put_byte(out, '\n');
    }
}

void series_write(const struct series *series, const struct rollup_page *page, struct buffer *out)
{
    if (series->format == FORMAT_JSON)
        put_document(series, page, out);
    else
        put_file(series, page, out);
}
