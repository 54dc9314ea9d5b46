/* As with canaries: entries in one list by slug and digest, on which tables hold counts. */
#include "gateway/shadows.h"

#include "base/check.h"

#include <pthread.h>
#include <stdlib.h>

struct shadow_state {
    struct shadow_state *next;
    size_t holders; /* under the lock of all */
    struct arena arena;
    struct text slug;
    unsigned char digest[SHADOW_DIGEST_BYTES];
    _Atomic uint32_t running;
    pthread_mutex_t lock; /* of the tally */
    struct tally tally;
};

struct shadows {
    pthread_mutex_t lock;
    struct shadow_state *first;
};

struct shadows *shadows_new(void)
{
    struct shadows *shadows = calloc(1, sizeof *shadows);

    CHECK(shadows != NULL && pthread_mutex_init(&shadows->lock, NULL) == 0);
    return shadows;
}

void shadows_free(struct shadows *shadows)
{
    if (shadows == NULL)
        return;
    CHECK(shadows->first == NULL);
    pthread_mutex_destroy(&shadows->lock);
    free(shadows);
}

static struct shadow_state *hold(struct shadows *shadows, struct text slug,
                                 const unsigned char digest[SHADOW_DIGEST_BYTES])
{
    struct shadow_state *state;

    for (state = shadows->first; state != NULL; state = state->next)
        if (memcmp(state->digest, digest, SHADOW_DIGEST_BYTES) == 0 &&
            text_equal(state->slug, slug))
            break;
    if (state == NULL) {
        state = calloc(1, sizeof *state);
        CHECK(state != NULL && pthread_mutex_init(&state->lock, NULL) == 0);
        state->slug = arena_copy(&state->arena, slug);
        memcpy(state->digest, digest, SHADOW_DIGEST_BYTES);
        state->next = shadows->first;
        shadows->first = state;
    }
    state->holders++;
    return state;
}

static void let_go(struct shadows *shadows, struct shadow_state *state)
{
    struct shadow_state **link = &shadows->first;

    if (--state->holders > 0)
        return;
    while (*link != state)
        link = &(*link)->next;
    *link = state->next;
    pthread_mutex_destroy(&state->lock);
    arena_release(&state->arena);
    free(state);
}

void shadow_table_init(struct shadow_table *table, struct shadows *shadows,
                       const struct config *config)
{
    *table = (struct shadow_table){
        .shadows = shadows,
        .items = calloc(config->shadow_count + 1, sizeof(struct shadow_state *)),
        .count = config->shadow_count,
    };
    CHECK(table->items != NULL);
    pthread_mutex_lock(&shadows->lock);
    for (size_t i = 0; i < config->endpoint_count; i++) {
        const struct endpoint *endpoint = &config->endpoints[i];

        if (endpoint->shadow != NULL)
            table->items[endpoint->shadow->index] =
                hold(shadows, endpoint->slug, endpoint->shadow->digest);
    }
    pthread_mutex_unlock(&shadows->lock);
}

void shadow_table_release(struct shadow_table *table)
{
    if (table->shadows == NULL)
        return;
    pthread_mutex_lock(&table->shadows->lock);
    for (size_t i = 0; i < table->count; i++)
        if (table->items[i] != NULL)
            let_go(table->shadows, table->items[i]);
    pthread_mutex_unlock(&table->shadows->lock);
    free(table->items);
    *table = (struct shadow_table){0};
}

bool shadow_enter(struct shadow_state *state, uint32_t most)
{
    if (atomic_fetch_add(&state->running, 1) < most)
        return true;
    atomic_fetch_sub(&state->running, 1);
    return false;
}

void shadow_leave(struct shadow_state *state)
{
    atomic_fetch_sub(&state->running, 1);
}

void shadow_tally(struct shadow_state *state, enum tally_result result,
                  const struct tally_side *answered, const struct tally_side *shadow,
                  struct text id, struct text shadow_id, int64_t wall_ms)
{
    pthread_mutex_lock(&state->lock);
    tally_add(&state->tally, result, answered, shadow, id, shadow_id, wall_ms);
    pthread_mutex_unlock(&state->lock);
}

void shadow_look(struct shadow_state *state, struct tally *out, uint32_t *out_running)
{
    pthread_mutex_lock(&state->lock);
    *out = state->tally;
    pthread_mutex_unlock(&state->lock);
    *out_running = atomic_load(&state->running);
}
