/* Spans wait in a ring under a mutex that is held for one copy. A batch goes out when it is full or
 * its first span has waited long enough; while a receiver is asked again the ring fills, and then
 * spans are dropped. */
#include "telemetry/exporter.h"

#include "base/clock.h"

#include <stdlib.h>

struct exporter {
    const struct otel_settings *settings;
    pthread_t thread;
    struct span *batch;   /* the thread's own */
    struct sender sender; /* whose mutex guards the following */
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

    pthread_mutex_lock(&exporter->sender.mutex);
    if (exporter->count == settings->queue_spans) {
        pthread_mutex_unlock(&exporter->sender.mutex);
        atomic_fetch_add_explicit(&exporter->sender.lost, 1, memory_order_relaxed);
        return;
    }
    exporter->ring[(exporter->first + exporter->count) % settings->queue_spans] = *span;
    exporter->count++;
    if (exporter->count == 1)
        exporter->due_ms = clock_monotonic_ms() + settings->delay_ms;
    wake = exporter->count == 1 || exporter->count == settings->batch_spans;
    pthread_mutex_unlock(&exporter->sender.mutex);
    if (wake)
        pthread_cond_signal(&exporter->sender.changed);
}

/* --- the thread ----------------------------------------------------------------------------------
 */

/* Takes a batch off the ring; 0: it is the end. */
static size_t next_batch(struct exporter *exporter)
{
    const struct otel_settings *settings = exporter->settings;
    struct sender *sender = &exporter->sender;
    size_t taken = 0;

    pthread_mutex_lock(&sender->mutex);
    while (!sender_ends(sender) && exporter->count < settings->batch_spans &&
           (exporter->count == 0 || clock_monotonic_ms() < exporter->due_ms))
        if (exporter->count == 0)
            pthread_cond_wait(&sender->changed, &sender->mutex);
        else
            sender_wait(sender, exporter->due_ms);
    for (; taken < settings->batch_spans && exporter->count > 0; taken++) {
        exporter->batch[taken] = exporter->ring[exporter->first];
        exporter->first = (exporter->first + 1) % settings->queue_spans;
        exporter->count--;
    }
    exporter->due_ms = clock_monotonic_ms() + settings->delay_ms;
    pthread_mutex_unlock(&sender->mutex);
    return taken;
}

static void *run(void *context)
{
    struct exporter *exporter = context;
    size_t count;

    while ((count = next_batch(exporter)) > 0) {
        struct arena arena = {0};
        struct buffer body = buffer_in(&arena);

        if (sender_out_of_time(&exporter->sender)) {
            sender_give_up(&exporter->sender, count, "there was no time left");
            continue;
        }
        otlp_put_spans(&body, &exporter->settings->source, exporter->batch, count);
        sender_post(&exporter->sender, buffer_text(&body), count, &arena);
        arena_release(&arena);
    }
    return NULL;
}

/* --- beginning and end ---------------------------------------------------------------------------
 */

static void discard(struct exporter *exporter)
{
    sender_release(&exporter->sender);
    free(exporter->ring);
    free(exporter->batch);
    free(exporter);
}

struct exporter *exporter_open(const struct otel_settings *settings, struct log *log)
{
    struct exporter *exporter = calloc(1, sizeof *exporter);

    if (exporter == NULL)
        return NULL;
    exporter->settings = settings;
    sender_init(&exporter->sender, &settings->traces, "spans", "rejectedSpans", log);
    exporter->ring = malloc(settings->queue_spans * sizeof *exporter->ring);
    exporter->batch = malloc(settings->batch_spans * sizeof *exporter->batch);
    if (exporter->ring != NULL && exporter->batch != NULL &&
        pthread_create(&exporter->thread, NULL, run, exporter) == 0)
        return exporter;
    discard(exporter);
    return NULL;
}

void exporter_end(struct exporter *exporter)
{
    if (exporter != NULL)
        sender_end(&exporter->sender);
}

void exporter_close(struct exporter *exporter)
{
    if (exporter == NULL)
        return;
    exporter_end(exporter);
    pthread_join(exporter->thread, NULL);
    discard(exporter);
}

struct sender_counts exporter_counts(const struct exporter *exporter)
{
    return exporter == NULL ? (struct sender_counts){0} : sender_counts(&exporter->sender);
}
