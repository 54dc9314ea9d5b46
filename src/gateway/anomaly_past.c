#include "gateway/anomaly_past.h"

#include <math.h>

enum { WEEK_HOURS = 168, WEEKS = 4, POINTS_MAX = 10000 };

struct store_command *anomaly_read(struct store *store, struct text only,
                                   const struct rollup_span *spans, size_t count, bool stepped)
{
    struct store_command *command = store_command_new(STORE_ROLLUP_READ);

    command->rollup_query = (struct rollup_query){.kind = ROLLUP_BY_ENDPOINT,
                                                  .only = only,
                                                  .spans = spans,
                                                  .span_count = count,
                                                  .stepped = stepped,
                                                  .most = POINTS_MAX};
    do
        store_wait(store, command);
    while (command->error.code == ERROR_NONE && command->rollup_page.more &&
           !command->rollup_page.too_many);
    return command;
}

static uint64_t sum_of(const struct rollup_point *point, enum rollup_sum sum)
{
    return point->sums[sum] > 0 ? (uint64_t)point->sums[sum] : 0;
}

struct anomaly_hour anomaly_hour_of(const struct rollup_point *point)
{
    return (struct anomaly_hour){.calls = sum_of(point, ROLLUP_CALLS),
                                 .errors = sum_of(point, ROLLUP_ERRORS),
                                 .invalid_output = sum_of(point, ROLLUP_INVALID_OUTPUT),
                                 .invalid_input = sum_of(point, ROLLUP_INVALID_INPUT),
                                 .timed = point->timed,
                                 .p95_us = point->p95_us,
                                 .cost_nano = point->sums[ROLLUP_COST]};
}

/* --- what was ------------------------------------------------------------------------------------
 */

static size_t read_hours(struct store *store, struct text endpoint, const struct rollup_span *spans,
                         size_t count, struct anomaly_hour *out, size_t most)
{
    struct store_command *command = anomaly_read(store, endpoint, spans, count, true);
    const struct rollup_page *page = &command->rollup_page;
    size_t found = 0;

    for (size_t i = 0; i < page->count && found < most; i++)
        if (page->points[i].sums[ROLLUP_CALLS] > 0)
            out[found++] = anomaly_hour_of(&page->points[i]);
    store_command_free(command);
    return found;
}

static struct rollup_span hours_of(int64_t from, int64_t until)
{
    return (struct rollup_span){ROLLUP_HOUR, from * ANOMALY_HOUR_MINUTES,
                                until * ANOMALY_HOUR_MINUTES};
}

void anomaly_past_read(struct store *store, struct text endpoint, int64_t hour,
                       struct anomaly_past *out)
{
    const struct rollup_span week = hours_of(hour - 1 - WEEK_HOURS, hour - 1);
    struct rollup_span same[WEEKS];

    for (int i = 0; i < WEEKS; i++) {
        int64_t then = hour - (i + 1) * WEEK_HOURS;

        same[i] = hours_of(then - 1, then + 2);
    }
    out->same_count = read_hours(store, endpoint, same, WEEKS, out->same, ANOMALY_SAME_MAX);
    out->week_count = read_hours(store, endpoint, &week, 1, out->week, ANOMALY_WEEK_MAX);
}

/* --- since when ----------------------------------------------------------------------------------
 */

/* How much a minute speaks for that it has begun by then; below 0: against it. Half way between
 * what is usual and what is now. */
static double weight_of(enum anomaly_kind kind, const struct anomaly_sight *sight,
                        const struct rollup_point *point)
{
    const struct anomaly_hour minute = anomaly_hour_of(point);
    double middle = (sight->usual + sight->now) / 2;
    uint64_t hits = kind == ANOMALY_ERRORS           ? minute.errors
                    : kind == ANOMALY_INVALID_OUTPUT ? minute.invalid_output
                                                     : minute.invalid_input;

    if (kind == ANOMALY_SPEND)
        return (double)minute.cost_nano / 1e9 - middle / ANOMALY_HOUR_MINUTES;
    if (kind == ANOMALY_LATENCY)
        return minute.p95_us > 0 ? log((double)minute.p95_us / 1e3 / middle) : 0;
    return (double)hits - middle * (double)minute.calls;
}

int64_t anomaly_begin(struct store *store, struct text endpoint, enum anomaly_kind kind,
                      const struct anomaly_sight *sight, const struct rollup_span *span)
{
    struct store_command *command = anomaly_read(store, endpoint, span, 1, true);
    const struct rollup_page *page = &command->rollup_page;
    double sum = 0, most = 0;
    int64_t begin = span->until - 1;

    for (size_t i = page->count; i-- > 0;) {
        sum += weight_of(kind, sight, &page->points[i]);
        if (sum > most) {
            most = sum;
            begin = page->points[i].at;
        }
    }
    store_command_free(command);
    return begin * ANOMALY_MINUTE_MS;
}
