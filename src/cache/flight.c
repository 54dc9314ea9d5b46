#include "cache/flight.h"

#include "base/check.h"

#include <stdlib.h>

/* A seat that is left while its task is on its way lives until that arrives, because a posted task
 * cannot be taken back. */
static void arrive(struct loop_task *task)
{
    struct seat *seat = (struct seat *)task;

    if (seat->left) {
        free(seat);
        return;
    }
    pthread_mutex_lock(&seat->flight->lock);
    seat->told = false;
    pthread_mutex_unlock(&seat->flight->lock);
    seat->asker.told(seat->asker.context);
}

static struct seat *add_seat(struct flight *flight, const struct seat_asker *asker)
{
    struct seat *seat = calloc(1, sizeof *seat);

    CHECK(seat != NULL);
    seat->task.run = arrive;
    seat->flight = flight;
    seat->asker = *asker;
    seat->link = flight->end;
    *seat->link = seat;
    flight->end = &seat->next;
    flight->seats++;
    return seat;
}

struct flight *flight_new(const struct cache_key *key, const struct seat_asker *asker,
                          uint64_t purges)
{
    struct flight *flight = calloc(1, sizeof *flight);

    CHECK(flight != NULL && pthread_mutex_init(&flight->lock, NULL) == 0);
    flight->key = *key;
    flight->end = &flight->first;
    flight->purges = purges;
    flight->leader = add_seat(flight, asker);
    return flight;
}

struct seat *flight_join(struct flight *flight, const struct seat_asker *asker)
{
    struct seat *seat;

    if (flight->seats >= FLIGHT_SEATS_MAX)
        return NULL;
    if (flight->leader != NULL) /* whom it concerns that somebody waits */
        flight_tell(flight->leader);
    seat = add_seat(flight, asker);
    if (asker->live && flight->steps.len > 0)
        flight_tell(seat);
    return seat;
}

void flight_tell(struct seat *seat)
{
    if (seat->told)
        return;
    seat->told = true;
    loop_post(seat->asker.loop, &seat->task);
}

void flight_tell_all(struct flight *flight, const struct seat *but)
{
    for (struct seat *seat = flight->first; seat != NULL; seat = seat->next)
        if (seat != but)
            flight_tell(seat);
}

static void fail_seat(struct seat *seat, const struct error *error)
{
    seat->failed = true;
    seat->error = *error;
    flight_tell(seat);
}

bool flight_promote(struct flight *flight, const struct error *error, uint64_t purges)
{
    struct seat *before = flight->leader, *next = NULL;

    for (struct seat *seat = flight->first; seat != NULL; seat = seat->next) {
        if (seat == before || seat->failed)
            continue;
        if (seat->at > 0)
            fail_seat(seat, error);
        else if (next == NULL)
            next = seat;
    }
    flight->leader = next;
    flight->purges = purges;
    flight->steps.len = 0;
    flight->steps_lost = false;
    if (next != NULL)
        flight_tell(next);
    return next != NULL;
}

bool flight_remove(struct flight *flight, struct seat *seat)
{
    *seat->link = seat->next;
    if (seat->next != NULL)
        seat->next->link = seat->link;
    else
        flight->end = seat->link;
    return --flight->seats == 0;
}

void flight_free(struct flight *flight)
{
    CHECK(flight->seats == 0 && !flight->listed);
    kept_answer_release(flight->answer);
    buffer_release(&flight->steps);
    free((void *)(uintptr_t)flight->details.at);
    pthread_mutex_destroy(&flight->lock);
    free(flight);
}
