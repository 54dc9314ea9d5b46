#include "gateway/session_counts.h"

#include "base/check.h"
#include "base/clock.h"

#include <pthread.h>
#include <stdlib.h>

enum { REST_TIMES = 20 };

struct count {
    struct text slug;
    size_t sessions;
};
/* What was counted at one time. */
struct tally {
    struct arena arena;
    struct count *items; /* of the endpoints there were then, in their order: sorted by slug */
    size_t count;
    size_t others;
};
struct session_counts {
    pthread_mutex_t lock;
    bool counting; /* somebody is at it */
    uint64_t next_us;
    struct tally last;
};

struct session_counts *session_counts_new(void)
{
    struct session_counts *counts = calloc(1, sizeof *counts);

    CHECK(counts != NULL);
    pthread_mutex_init(&counts->lock, NULL);
    return counts;
}

void session_counts_free(struct session_counts *counts)
{
    if (counts == NULL)
        return;
    arena_release(&counts->last.arena);
    pthread_mutex_destroy(&counts->lock);
    free(counts);
}

static int by_slug(const void *a, const void *b)
{
    return text_compare(((const struct count *)a)->slug, ((const struct count *)b)->slug);
}

/* NULL: there was no such endpoint. */
static struct count *count_of(const struct tally *tally, struct text slug)
{
    const struct count wanted = {.slug = slug};

    return tally->count == 0 ? NULL
                             : bsearch(&wanted, tally->items, tally->count, sizeof wanted, by_slug);
}

static void count_page(struct tally *tally, const struct store_command *page, int64_t now_ms)
{
    for (size_t i = 0; i < page->session_count; i++) {
        const struct session_record *session = &page->sessions[i];
        struct count *count = count_of(tally, session->endpoint);

        if (!session->damaged && (session->expires_ms == 0 || session->expires_ms > now_ms))
            ++*(count != NULL ? &count->sessions : &tally->others);
    }
}

/* False when the store cannot say. */
static bool count_all(struct tally *tally, struct store *store)
{
    int64_t now_ms = clock_wall_ms();
    struct arena arena = {0};
    struct text after = {0};
    bool more = true, good = true;

    while (more && good) {
        struct store_command *page = store_command_new(STORE_SESSION_LIST);

        page->after = arena_copy(&page->arena, after);
        store_wait(store, page);
        good = page->error.code == ERROR_NONE;
        if (good)
            count_page(tally, page, now_ms);
        more = page->more;
        arena_release(&arena);
        after = arena_copy(&arena, page->last);
        store_command_free(page);
    }
    arena_release(&arena);
    return good;
}

static void list_endpoints(struct tally *tally, const struct config *config)
{
    tally->items = ARENA_ARRAY(&tally->arena, struct count, config->endpoint_count + 1);
    for (size_t i = 0; i < config->endpoint_count; i++)
        tally->items[tally->count++].slug = arena_copy(&tally->arena, config->endpoints[i].slug);
}

/* Whether it is time, and nobody else is at it. */
static bool begin(struct session_counts *counts, uint64_t now_us)
{
    bool mine;

    pthread_mutex_lock(&counts->lock);
    mine = !counts->counting && now_us >= counts->next_us;
    counts->counting = counts->counting || mine;
    pthread_mutex_unlock(&counts->lock);
    return mine;
}

static void renew(struct session_counts *counts, struct store *store, const struct config *config)
{
    uint64_t begun_us = clock_monotonic_us(), took_us;
    struct tally tally = {0}, old;
    bool good;

    if (!begin(counts, begun_us))
        return;
    list_endpoints(&tally, config);
    good = count_all(&tally, store);
    took_us = clock_monotonic_us() - begun_us;
    pthread_mutex_lock(&counts->lock);
    old = good ? counts->last : tally;
    if (good)
        counts->last = tally;
    counts->counting = false;
    counts->next_us = begun_us + took_us * REST_TIMES;
    pthread_mutex_unlock(&counts->lock);
    arena_release(&old.arena);
}

/* The ones of a configuration that came meanwhile are counted the next time. */
static void put_all(struct session_counts *counts, const struct config *config, size_t series_max,
                    struct buffer *out)
{
    const struct text other = TEXT("other");
    size_t others = counts->last.others, shown = 0;

    for (size_t i = 0; i < config->endpoint_count; i++) {
        const struct endpoint *endpoint = &config->endpoints[i];
        const struct count *count = count_of(&counts->last, endpoint->slug);
        size_t sessions = count != NULL ? count->sessions : 0;

        if (sessions == 0 && endpoint->session.ttl_ms == 0)
            continue;
        if (shown++ < series_max)
            reading_put(out, READING_SESSIONS, &endpoint->slug, (double)sessions);
        else
            others += sessions;
    }
    if (others > 0)
        reading_put(out, READING_SESSIONS, &other, (double)others);
}

void session_counts_put(struct session_counts *counts, struct store *store,
                        const struct config *config, enum metrics_form form, size_t series_max,
                        struct buffer *out)
{
    renew(counts, store, config);
    reading_begin(out, form, READING_SESSIONS);
    pthread_mutex_lock(&counts->lock);
    put_all(counts, config, series_max, out);
    pthread_mutex_unlock(&counts->lock);
}
