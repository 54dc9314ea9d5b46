#include "telemetry/sender.h"

#include "base/clock.h"
#include "base/random.h"
#include "telemetry/gzip.h"
#include "transport/fetch.h"

#include <stdio.h>
#include <time.h>

enum {
    TRIES = 5,
    FIRST_WAIT_MS = 500,
    LONGEST_WAIT_MS = 30000,
    CLOSE_MS = 2000,
    REPLY_BYTES = 65536,
    SAY_AGAIN_MS = 60000 /* a receiver that stays away is logged no more often */
};

void sender_init(struct sender *sender, const struct otel_receiver *to, const char *what,
                 const char *rejected, struct log *log)
{
    pthread_condattr_t monotonic;

    *sender = (struct sender){.to = to, .log = log, .what = what, .rejected = rejected};
    pthread_mutex_init(&sender->mutex, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&sender->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

void sender_release(struct sender *sender)
{
    pthread_cond_destroy(&sender->changed);
    pthread_mutex_destroy(&sender->mutex);
}

/* --- its end
 * ------------------------------------------------------------------------------------------------
 */

void sender_end(struct sender *sender)
{
    pthread_mutex_lock(&sender->mutex);
    if (!sender_ends(sender))
        atomic_store(&sender->close_at_ms, clock_monotonic_ms() + CLOSE_MS);
    pthread_cond_broadcast(&sender->changed);
    pthread_mutex_unlock(&sender->mutex);
}

bool sender_ends(const struct sender *sender)
{
    return atomic_load(&sender->close_at_ms) != 0;
}

bool sender_out_of_time(const struct sender *sender)
{
    uint64_t close_at_ms = atomic_load(&sender->close_at_ms);

    return close_at_ms != 0 && clock_monotonic_ms() >= close_at_ms;
}

static bool stop(void *context)
{
    return sender_out_of_time(context);
}

void sender_wait(struct sender *sender, uint64_t monotonic_ms)
{
    const struct timespec when = {.tv_sec = (time_t)(monotonic_ms / 1000),
                                  .tv_nsec = (long)(monotonic_ms % 1000) * 1000000};

    pthread_cond_timedwait(&sender->changed, &sender->mutex, &when);
}

/* --- posting
 * ------------------------------------------------------------------------------------------------
 */

/* Where some keep a credential: in front of the host, or behind the path. */
static const char *without_credentials(const char *url, struct arena *arena)
{
    struct text all = text_of(url), head = text_first(all, text_find_byte(all, '?'));
    size_t begin = text_find(head, TEXT("://")) + 3;
    struct text scheme = text_first(head, begin), rest = text_after(head, begin);
    size_t at = text_find_byte(text_first(rest, text_find_byte(rest, '/')), '@');

    if (at < rest.len && rest.at[at] == '@')
        rest = text_after(rest, at + 1);
    return arena_printf(arena, "%.*s%.*s", TEXT_ARG(scheme), TEXT_ARG(rest)).at;
}

void sender_give_up(struct sender *sender, size_t count, const char *why)
{
    uint64_t now_ms = clock_monotonic_ms();
    struct arena arena = {0};
    char lost[24], message[64];

    atomic_fetch_add(&sender->failures, 1);
    atomic_fetch_add(&sender->lost, count);
    if (sender->said_ms != 0 && now_ms < sender->said_ms + SAY_AGAIN_MS)
        return;
    sender->said_ms = now_ms;
    snprintf(lost, sizeof lost, "%zu", count);
    snprintf(message, sizeof message, "%s were not taken by the receiver", sender->what);
    log_event(sender->log, LOG_WARN, "telemetry", message, sender->what, lost, "reason", why, "url",
              without_credentials(sender->to->url, &arena), NULL);
    arena_release(&arena);
}

/* OTLP/HTTP, "Retryable Response Codes". */
static bool is_worth_another(int status)
{
    return status == 429 || status == 502 || status == 503 || status == 504;
}

/* What the receiver asks for, else twice as long each time; a part of it by chance, so that many
 * processes do not come back at once. */
static uint64_t wait_of(const struct fetch_reply *reply, unsigned tries)
{
    uint64_t wait_ms = (uint64_t)FIRST_WAIT_MS << tries;
    uint64_t asked_ms = fetch_asked_ms(reply, clock_wall_ms());

    if (asked_ms > 0)
        return asked_ms < LONGEST_WAIT_MS ? asked_ms : LONGEST_WAIT_MS;
    return wait_ms / 2 + random_below((uint32_t)wait_ms / 2 + 1);
}

/* False when nothing more is to be tried. */
static bool pause_for(struct sender *sender, uint64_t wait_ms)
{
    uint64_t until_ms = clock_monotonic_ms() + wait_ms;

    pthread_mutex_lock(&sender->mutex);
    while (!sender_ends(sender) && clock_monotonic_ms() < until_ms)
        sender_wait(sender, until_ms);
    pthread_mutex_unlock(&sender->mutex);
    return !sender_ends(sender);
}

static void taken(struct sender *sender, size_t count, const struct fetch_reply *reply)
{
    uint64_t rejected = otlp_rejected(reply->body, sender->rejected);

    if (rejected > 0)
        sender_give_up(sender, rejected < count ? rejected : count, "refused in part");
}

static bool ask(struct sender *sender, const struct fetch *fetch, size_t count, struct arena *arena)
{
    struct fetch_reply reply = {0};
    struct error err = {0};

    for (unsigned tries = 0;; tries++) {
        bool came = fetch_reply(fetch, arena, &reply, &err);

        if (came && reply.status >= 200 && reply.status < 300) {
            taken(sender, count, &reply);
            return true;
        }
        if (tries + 1 < TRIES && (!came || is_worth_another(reply.status)) &&
            pause_for(sender, wait_of(&reply, tries)))
            continue;
        sender_give_up(sender, count,
                       came ? arena_printf(arena, "status %d", reply.status).at : reply.why);
        return false;
    }
}

bool sender_post(struct sender *sender, struct text body, size_t count, struct arena *arena)
{
    const struct otel_receiver *to = sender->to;
    const char **fields = ARENA_ARRAY(arena, const char *, to->field_count + 1);
    struct buffer small = buffer_in(arena);
    struct fetch fetch = {.url = to->url,
                          .method = "POST",
                          .body = body,
                          .timeout_ms = to->timeout_ms,
                          .fields = fields,
                          .field_count = to->field_count,
                          .body_most = REPLY_BYTES,
                          .stop = stop,
                          .context = sender};

    memcpy(fields, to->fields, to->field_count * sizeof *fields);
    if (to->gzip && gzip_put(&small, body)) {
        fetch.body = buffer_text(&small);
        fields[fetch.field_count++] = "content-encoding: gzip";
    }
    return ask(sender, &fetch, count, arena);
}

struct sender_counts sender_counts(const struct sender *sender)
{
    return (struct sender_counts){.lost = atomic_load(&sender->lost),
                                  .failures = atomic_load(&sender->failures)};
}
