/* A receiver is told either what was counted from the beginning on (cumulative), or what has been
 * since it was told last (delta): what it did not take is part of the next time then. */
#include "telemetry/meter.h"

#include "base/check.h"
#include "base/clock.h"

#include <stdlib.h>

/* By the place of a series among those of its instrument: what a receiver has been told of it. */
struct told {
    struct series_total *items;
    size_t count;
};

struct meter {
    const struct otel_settings *settings;
    struct series_set *set;
    struct sender sender;
    pthread_t thread;
    int64_t since_us; /* wall; the thread's own, as is */
    struct told told[INSTRUMENT_COUNT];
};

/* --- since last time
 * ------------------------------------------------------------------------------
 */

static struct series_total *told_of(struct told *told, size_t place)
{
    if (place >= told->count) {
        size_t count = (place + 1) * 2;

        told->items = realloc(told->items, count * sizeof *told->items);
        CHECK(told->items != NULL);
        memset(told->items + told->count, 0, (count - told->count) * sizeof *told->items);
        told->count = count;
    }
    return &told->items[place];
}

/* False when nothing has been counted meanwhile. */
static bool subtract(struct series_total *total, const struct series_total *before)
{
    bool some = total->sum != before->sum;

    total->sum -= before->sum;
    for (size_t b = 0; b <= SERIES_BOUNDS_MAX; b++) {
        total->buckets[b] -= before->buckets[b];
        some = some || total->buckets[b] != 0;
    }
    return some;
}

/* Leaves what has been counted since the receiver was told. */
static void keep_new(struct meter *meter, struct series_totals *totals)
{
    for (size_t id = 0; id < INSTRUMENT_COUNT; id++) {
        struct series_total *items = totals->items[id];
        size_t kept = 0;

        for (size_t i = 0; i < totals->counts[id]; i++)
            if (subtract(&items[i], told_of(&meter->told[id], items[i].place)))
                items[kept++] = items[i];
        totals->counts[id] = kept;
    }
}

static void remember(struct meter *meter, const struct series_totals *totals)
{
    for (size_t id = 0; id < INSTRUMENT_COUNT; id++)
        for (size_t i = 0; i < totals->counts[id]; i++) {
            const struct series_total *total = &totals->items[id][i];
            struct series_total *told = told_of(&meter->told[id], total->place);

            told->sum += total->sum;
            for (size_t b = 0; b <= SERIES_BOUNDS_MAX; b++)
                told->buckets[b] += total->buckets[b];
        }
}

/* --- the thread ----------------------------------------------------------------------------------
 */

static void tell(struct meter *meter)
{
    const struct otel_settings *settings = meter->settings;
    bool delta = settings->temporality == OTLP_DELTA;
    int64_t wall_us = clock_wall_ms() * 1000;
    struct series_totals totals;
    struct buffer body;
    size_t points = 0;

    series_collect(meter->set, &totals);
    if (delta)
        keep_new(meter, &totals);
    for (size_t id = 0; id < INSTRUMENT_COUNT; id++)
        points += totals.counts[id];
    body = buffer_in(&totals.arena);
    if (points > 0) {
        otlp_put_metrics(&body, &settings->source, &totals, settings->temporality, meter->since_us,
                         wall_us);
        if (sender_post(&meter->sender, buffer_text(&body), points, &totals.arena) && delta) {
            remember(meter, &totals);
            meter->since_us = wall_us;
        }
    }
    arena_release(&totals.arena);
}

static void *run(void *context)
{
    struct meter *meter = context;
    struct sender *sender = &meter->sender;
    uint64_t due_ms = clock_monotonic_ms();

    for (bool last = false; !last;) {
        uint64_t now_ms = clock_monotonic_ms();

        due_ms += meter->settings->interval_ms;
        if (due_ms < now_ms) /* the receiver took its time */
            due_ms = now_ms;
        pthread_mutex_lock(&sender->mutex);
        while (!sender_ends(sender) && clock_monotonic_ms() < due_ms)
            sender_wait(sender, due_ms);
        pthread_mutex_unlock(&sender->mutex);
        last = sender_ends(sender);
        tell(meter);
    }
    return NULL;
}

/* --- beginning and end ---------------------------------------------------------------------------
 */

static void discard(struct meter *meter)
{
    for (size_t id = 0; id < INSTRUMENT_COUNT; id++)
        free(meter->told[id].items);
    sender_release(&meter->sender);
    series_set_free(meter->set);
    free(meter);
}

struct meter *meter_open(const struct otel_settings *settings, size_t series_max, struct log *log)
{
    struct meter *meter = calloc(1, sizeof *meter);

    if (meter == NULL)
        return NULL;
    meter->settings = settings;
    meter->since_us = clock_wall_ms() * 1000;
    meter->set = series_set_new(instrument_kinds(), INSTRUMENT_COUNT, series_max);
    sender_init(&meter->sender, &settings->metrics, "metrics", "rejectedDataPoints", log);
    if (pthread_create(&meter->thread, NULL, run, meter) == 0)
        return meter;
    discard(meter);
    return NULL;
}

struct series_shard *meter_shard(struct meter *meter)
{
    return meter != NULL ? series_shard_new(meter->set) : NULL;
}

bool meter_latest(const struct meter *meter)
{
    return meter->settings->source.latest;
}

void meter_end(struct meter *meter)
{
    if (meter != NULL)
        sender_end(&meter->sender);
}

void meter_close(struct meter *meter)
{
    if (meter == NULL)
        return;
    meter_end(meter);
    pthread_join(meter->thread, NULL);
    discard(meter);
}

struct sender_counts meter_counts(const struct meter *meter)
{
    return meter == NULL ? (struct sender_counts){0} : sender_counts(&meter->sender);
}
