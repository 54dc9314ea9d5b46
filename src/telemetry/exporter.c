/* Spans wait in a ring under a mutex that is held for one copy. A batch goes out when it is full or
 * its first span has waited long enough. A receiver that is away or says that it is busy (429, 502,
 * 503, 504: OTLP/HTTP, "Retryable Response Codes") is asked again, later each time or when it says;
 * meanwhile the ring fills, and then spans are dropped. */
#include "telemetry/exporter.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/random.h"
#include "provider/http_head.h"
#include "provider/retry_after.h"
#include "transport/fetch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    TRIES = 5,
    FIRST_WAIT_MS = 500,
    LONGEST_WAIT_MS = 30000,
    CLOSE_MS = 2000,
    REPLY_BYTES = 65536,
    SAY_AGAIN_MS = 60000 /* a receiver that stays away is logged no more often */
};

struct exporter {
    const struct otel_settings *settings;
    struct log *log;
    pthread_t thread;
    struct span *batch; /* the thread's own; so is */
    uint64_t said_ms;
    _Atomic uint64_t dropped, failures;
    _Atomic uint64_t close_at_ms; /* 0: it is not being closed */
    pthread_mutex_t mutex;        /* guards the following */
    pthread_cond_t changed;
    struct span *ring;
    size_t first, count;
    uint64_t due_ms; /* when the first span has waited long enough */
};

/* --- handing in ----------------------------------------------------------------------------------
 */

bool exporter_wants(const struct exporter *exporter, struct trace_context *trace)
{
    return sampler_decide(&exporter->settings->sampler, trace);
}

void exporter_take(struct exporter *exporter, const struct span *span)
{
    const struct otel_settings *settings = exporter->settings;
    bool wake;

    pthread_mutex_lock(&exporter->mutex);
    if (exporter->count == settings->queue_spans) {
        pthread_mutex_unlock(&exporter->mutex);
        atomic_fetch_add_explicit(&exporter->dropped, 1, memory_order_relaxed);
        return;
    }
    exporter->ring[(exporter->first + exporter->count) % settings->queue_spans] = *span;
    exporter->count++;
    if (exporter->count == 1)
        exporter->due_ms = clock_monotonic_ms() + settings->delay_ms;
    wake = exporter->count == 1 || exporter->count == settings->batch_spans;
    pthread_mutex_unlock(&exporter->mutex);
    if (wake)
        pthread_cond_signal(&exporter->changed);
}

/* --- the thread ----------------------------------------------------------------------------------
 */

static bool closing(const struct exporter *exporter)
{
    return atomic_load(&exporter->close_at_ms) != 0;
}

static bool out_of_time(void *context)
{
    const struct exporter *exporter = context;
    uint64_t close_at_ms = atomic_load(&exporter->close_at_ms);

    return close_at_ms != 0 && clock_monotonic_ms() >= close_at_ms;
}

static void wait_until(struct exporter *exporter, uint64_t monotonic_ms)
{
    const struct timespec when = {.tv_sec = (time_t)(monotonic_ms / 1000),
                                  .tv_nsec = (long)(monotonic_ms % 1000) * 1000000};

    pthread_cond_timedwait(&exporter->changed, &exporter->mutex, &when);
}

/* Takes a batch off the ring; 0: it is the end. */
static size_t next_batch(struct exporter *exporter)
{
    const struct otel_settings *settings = exporter->settings;
    size_t taken = 0;

    pthread_mutex_lock(&exporter->mutex);
    while (!closing(exporter) && exporter->count < settings->batch_spans &&
           (exporter->count == 0 || clock_monotonic_ms() < exporter->due_ms))
        if (exporter->count == 0)
            pthread_cond_wait(&exporter->changed, &exporter->mutex);
        else
            wait_until(exporter, exporter->due_ms);
    for (; taken < settings->batch_spans && exporter->count > 0; taken++) {
        exporter->batch[taken] = exporter->ring[exporter->first];
        exporter->first = (exporter->first + 1) % settings->queue_spans;
        exporter->count--;
    }
    exporter->due_ms = clock_monotonic_ms() + settings->delay_ms;
    pthread_mutex_unlock(&exporter->mutex);
    return taken;
}

static void give_up(struct exporter *exporter, size_t spans, const char *why)
{
    uint64_t now_ms = clock_monotonic_ms();
    char count[24];

    atomic_fetch_add(&exporter->failures, 1);
    atomic_fetch_add(&exporter->dropped, spans);
    if (exporter->said_ms != 0 && now_ms < exporter->said_ms + SAY_AGAIN_MS)
        return;
    exporter->said_ms = now_ms;
    snprintf(count, sizeof count, "%zu", spans);
    log_event(exporter->log, LOG_WARN, "telemetry", "spans were not taken by the receiver", "spans",
              count, "reason", why, "url", exporter->settings->traces_url, NULL);
}

static bool is_worth_another(int status)
{
    return status == 429 || status == 502 || status == 503 || status == 504;
}

/* What the receiver asks for, else twice as long each time; a part of it by chance, so that many
 * processes do not come back at once. */
static uint64_t wait_of(const struct fetch_reply *reply, unsigned tries)
{
    uint64_t wait_ms = (uint64_t)FIRST_WAIT_MS << tries, asked_ms;
    struct retry_after after = {0};
    struct text fields = reply->fields, name, value;

    while (http_head_next(&fields, &name, &value))
        if (text_equal(name, TEXT("retry-after")))
            retry_after_read(&after, name, value);
    asked_ms = retry_after_wait_ms(&after, clock_wall_ms());
    if (asked_ms > 0)
        return asked_ms < LONGEST_WAIT_MS ? asked_ms : LONGEST_WAIT_MS;
    return wait_ms / 2 + random_below((uint32_t)wait_ms / 2 + 1);
}

/* False when nothing more is to be tried. */
static bool pause_for(struct exporter *exporter, uint64_t wait_ms)
{
    uint64_t until_ms = clock_monotonic_ms() + wait_ms;

    pthread_mutex_lock(&exporter->mutex);
    while (!closing(exporter) && clock_monotonic_ms() < until_ms)
        wait_until(exporter, until_ms);
    pthread_mutex_unlock(&exporter->mutex);
    return !closing(exporter);
}

static void taken(struct exporter *exporter, size_t spans, const struct fetch_reply *reply)
{
    uint64_t rejected = otlp_rejected(reply->body);

    if (rejected > 0)
        give_up(exporter, rejected < spans ? rejected : spans, "refused in part");
}

static void post(struct exporter *exporter, struct text body, size_t spans, struct arena *arena)
{
    const struct otel_settings *settings = exporter->settings;
    const struct fetch fetch = {.url = settings->traces_url,
                                .method = "POST",
                                .body = body,
                                .timeout_ms = settings->timeout_ms,
                                .fields = settings->fields,
                                .field_count = settings->field_count,
                                .body_most = REPLY_BYTES,
                                .stop = out_of_time,
                                .context = exporter};
    struct fetch_reply reply = {0};
    struct error err = {0};

    for (unsigned tries = 0;; tries++) {
        bool came = fetch_reply(&fetch, arena, &reply, &err);

        if (came && reply.status >= 200 && reply.status < 300) {
            taken(exporter, spans, &reply);
            return;
        }
        if (tries + 1 < TRIES && (!came || is_worth_another(reply.status)) &&
            pause_for(exporter, wait_of(&reply, tries)))
            continue;
        give_up(exporter, spans,
                came ? arena_printf(arena, "status %d", reply.status).at : err.message);
        return;
    }
}

static void *run(void *context)
{
    struct exporter *exporter = context;
    const struct otel_settings *settings = exporter->settings;
    size_t count;

    while ((count = next_batch(exporter)) > 0) {
        struct arena arena = {0};
        struct buffer body = buffer_in(&arena);

        if (out_of_time(exporter)) {
            give_up(exporter, count, "there was no time left");
            continue;
        }
        otlp_put_spans(&body, settings->resource, settings->resource_count, exporter->batch, count);
        post(exporter, buffer_text(&body), count, &arena);
        arena_release(&arena);
    }
    return NULL;
}

/* --- beginning and end ---------------------------------------------------------------------------
 */

static void discard(struct exporter *exporter)
{
    pthread_cond_destroy(&exporter->changed);
    pthread_mutex_destroy(&exporter->mutex);
    free(exporter->ring);
    free(exporter->batch);
    free(exporter);
}

struct exporter *exporter_open(const struct otel_settings *settings, struct log *log)
{
    struct exporter *exporter = calloc(1, sizeof *exporter);
    pthread_condattr_t monotonic;

    if (exporter == NULL)
        return NULL;
    exporter->settings = settings;
    exporter->log = log;
    pthread_mutex_init(&exporter->mutex, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&exporter->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    exporter->ring = malloc(settings->queue_spans * sizeof *exporter->ring);
    exporter->batch = malloc(settings->batch_spans * sizeof *exporter->batch);
    if (exporter->ring != NULL && exporter->batch != NULL &&
        pthread_create(&exporter->thread, NULL, run, exporter) == 0)
        return exporter;
    discard(exporter);
    return NULL;
}

void exporter_close(struct exporter *exporter)
{
    if (exporter == NULL)
        return;
    pthread_mutex_lock(&exporter->mutex);
    atomic_store(&exporter->close_at_ms, clock_monotonic_ms() + CLOSE_MS);
    pthread_cond_broadcast(&exporter->changed);
    pthread_mutex_unlock(&exporter->mutex);
    pthread_join(exporter->thread, NULL);
    discard(exporter);
}

struct exporter_counts exporter_counts(const struct exporter *exporter)
{
    return exporter == NULL
               ? (struct exporter_counts){0}
               : (struct exporter_counts){.dropped = atomic_load(&exporter->dropped),
                                          .failures = atomic_load(&exporter->failures)};
}
