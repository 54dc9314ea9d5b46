/* The thread asks the store for what is to be sent first, sends it when its time has come, and
 * tells the store what came of it, one after the other: what is sent and not yet settled when the
 * process dies is sent again. While attempts fail the receiver is left alone for longer and longer,
 * however many events wait for it; one that it does not want is in the way of no other. */
#include "webhook/courier.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/random.h"
#include "webhook/patience.h"

#include <stdlib.h>
#include <time.h>

enum {
    LOOK_AGAIN_MS = 60000, /* the clock of the wall may have been set */
    REST_MS = 30000,       /* of a receiver, at most, unless it asks for more; of the store */
    GONE = 410             /* RFC 9110 section 15.5.11: it wants no more */
};

/* How attempts have gone lately; the thread's own. */
struct streak {
    uint32_t failures;
    uint64_t rest_until_ms; /* monotonic */
};

static void wait_for(struct courier *courier, uint64_t wait_ms)
{
    uint64_t until_ms = clock_monotonic_ms() + (wait_ms < LOOK_AGAIN_MS ? wait_ms : LOOK_AGAIN_MS);
    const struct timespec until = {.tv_sec = (time_t)(until_ms / 1000),
                                   .tv_nsec = (long)(until_ms % 1000) * 1000000};

    pthread_mutex_lock(&courier->lock);
    while (!courier->woken && !atomic_load(&courier->ending) && clock_monotonic_ms() < until_ms)
        pthread_cond_timedwait(&courier->changed, &courier->lock, &until);
    courier->woken = false;
    pthread_mutex_unlock(&courier->lock);
}

static bool is_ending(void *context)
{
    return atomic_load(&((struct courier *)context)->ending);
}

/* --- what came of an attempt ---------------------------------------------------------------------
 */

static void count(struct courier *courier, const struct webhook_answer *answer)
{
    struct text reason = text_cut(answer->reason, sizeof courier->last_reason - 1);

    pthread_mutex_lock(&courier->lock);
    courier->delivered += answer->taken;
    courier->failed += !answer->taken;
    courier->last_ms = clock_wall_ms();
    courier->last_status = answer->status;
    memcpy(courier->last_reason, reason.len > 0 ? reason.at : "", reason.len);
    courier->last_reason[reason.len] = '\0';
    pthread_mutex_unlock(&courier->lock);
}

static void say(const struct courier *courier, enum log_level level, const char *what,
                const struct webhook_record *event, const struct webhook_answer *answer)
{
    struct arena arena = {0};

    log_event(courier->all->log, level, "webhook", what, "webhook",
              arena_terminated(&arena, courier->name), "id", arena_terminated(&arena, event->id),
              "type", arena_terminated(&arena, event->type), "reason",
              arena_terminated(&arena, answer->reason), NULL);
    arena_release(&arena);
}

/* What cannot be written down will be sent again, and not at once: else a receiver would get the
 * same event for as long, and as often, as it takes it. */
static void settle(struct courier *courier, const struct webhook_record *event,
                   const struct webhook_answer *answer, enum webhook_act act, int64_t at_ms,
                   struct streak *streak)
{
    struct store_command *command = store_command_new(STORE_WEBHOOK_SETTLE);

    command->webhook = *event; /* its texts are the caller's, who waits */
    command->webhook.tries = event->tries + 1;
    command->webhook.status = (uint32_t)answer->status;
    command->webhook.reason = text_cut(answer->reason, WEBHOOK_REASON_BYTES_MAX);
    command->webhook_act = act;
    command->now_ms = at_ms;
    store_wait(courier->all->store, command);
    if (command->error.code != ERROR_NONE) {
        streak->rest_until_ms = clock_monotonic_ms() + REST_MS;
        log_event(courier->all->log, LOG_ERROR, "webhook",
                  "what became of an event could not be written; it is sent again", "error",
                  command->error.message, NULL);
    }
    store_command_free(command);
}

static void taken(struct courier *courier, const struct webhook_record *event,
                  const struct webhook_answer *answer, struct streak *streak)
{
    if (streak->failures > 0)
        say(courier, LOG_INFO, "events are taken again", event, answer);
    *streak = (struct streak){0};
    settle(courier, event, answer, WEBHOOK_DELIVERED, clock_wall_ms(), streak);
}

/* One attempt in half a minute says whether it is back, and is no burden. */
static uint64_t rest_ms(const struct streak *streak, const struct webhook_answer *answer)
{
    uint64_t wait_ms = patience_wait_ms(streak->failures, 0, random_below(UINT32_MAX));
    uint64_t asked_ms =
        answer->asked_ms < PATIENCE_LONGEST_MS ? answer->asked_ms : PATIENCE_LONGEST_MS;

    if (wait_ms > REST_MS)
        wait_ms = REST_MS;
    return wait_ms > asked_ms ? wait_ms : asked_ms;
}

static void not_taken(struct courier *courier, const struct webhook_record *event,
                      const struct webhook_answer *answer, struct streak *streak)
{
    uint64_t wait_ms =
        patience_wait_ms(event->tries + 1, answer->asked_ms, random_below(UINT32_MAX));
    int64_t now_ms = clock_wall_ms(), next_ms = now_ms + (int64_t)wait_ms;
    bool over = answer->status == GONE || patience_is_over(event->since_ms, next_ms);

    if (streak->failures++ == 0)
        say(courier, LOG_WARN, "an event was not taken", event, answer);
    streak->rest_until_ms = clock_monotonic_ms() + rest_ms(streak, answer);
    settle(courier, event, answer, over ? WEBHOOK_GIVEN_UP : WEBHOOK_AGAIN, over ? now_ms : next_ms,
           streak);
    if (over)
        say(courier, LOG_ERROR, "an event was given up", event, answer);
}

/* --- the thread ----------------------------------------------------------------------------------
 */

static void attempt(struct courier *courier, const struct webhook *webhook,
                    const struct webhook_record *event, struct streak *streak)
{
    const struct delivery delivery = {.webhook = webhook,
                                      .id = event->id,
                                      .type = event->type,
                                      .body = event->body,
                                      .attempt = event->tries + 1,
                                      .stop = is_ending,
                                      .context = courier};
    struct webhook_answer answer;
    struct arena arena = {0};

    delivery_send(&delivery, &arena, &answer);
    if (answer.taken || !is_ending(courier)) { /* one that was broken off says nothing */
        (answer.taken ? taken : not_taken)(courier, event, &answer, streak);
        count(courier, &answer);
    }
    arena_release(&arena);
}

/* Sends what is due; gives how long nothing is to be done then. */
static uint64_t send_first(struct courier *courier, struct streak *streak)
{
    struct store_command *found = store_command_new(STORE_WEBHOOK_NEXT);
    struct webhook_set *set = webhook_set_hold(courier->all);
    const struct webhook *webhook = webhook_set_find(set, courier->name);
    uint64_t now_ms = clock_monotonic_ms(), wait_ms = LOOK_AGAIN_MS;
    int64_t early_ms;

    found->webhook.webhook = courier->name;
    store_wait(courier->all->store, found);
    if (found->webhook_count > 0 && webhook != NULL && !webhook->missing) {
        early_ms = found->webhooks[0].at_ms - clock_wall_ms();
        wait_ms = early_ms > 0 ? (uint64_t)early_ms : 0;
        if (streak->rest_until_ms > now_ms && streak->rest_until_ms - now_ms > wait_ms)
            wait_ms = streak->rest_until_ms - now_ms;
        if (wait_ms == 0)
            attempt(courier, webhook, &found->webhooks[0], streak);
    }
    webhook_set_release(set);
    store_command_free(found);
    return wait_ms;
}

static void *run(void *context)
{
    struct courier *courier = context;
    struct streak streak = {0};
    uint64_t wait_ms;

    while (!is_ending(courier)) {
        wait_ms = send_first(courier, &streak);
        if (wait_ms > 0)
            wait_for(courier, wait_ms);
    }
    return NULL;
}

static void discard(struct courier *courier)
{
    pthread_cond_destroy(&courier->changed);
    pthread_mutex_destroy(&courier->lock);
    free((char *)(uintptr_t)courier->name.at);
    free(courier);
}

struct courier *courier_start(struct webhooks *all, struct text name)
{
    struct courier *courier = calloc(1, sizeof *courier);
    char *copy = malloc(name.len);
    pthread_condattr_t monotonic;

    CHECK(courier != NULL && copy != NULL && name.len > 0);
    memcpy(copy, name.at, name.len);
    courier->name = (struct text){copy, name.len};
    courier->all = all;
    pthread_mutex_init(&courier->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&courier->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&courier->thread, NULL, run, courier) == 0)
        return courier;
    discard(courier);
    return NULL;
}

void courier_wake(struct courier *courier)
{
    pthread_mutex_lock(&courier->lock);
    courier->woken = true;
    pthread_cond_signal(&courier->changed);
    pthread_mutex_unlock(&courier->lock);
}

void courier_end(struct courier *courier)
{
    atomic_store(&courier->ending, true);
    courier_wake(courier);
}

void courier_free(struct courier *courier)
{
    CHECK(pthread_join(courier->thread, NULL) == 0);
    discard(courier);
}
