/* cache/flight.h
 * A call that is being made, and everybody who waits for its answer. Private to this room; what is
 * offered is in answers.h, and what locks what in answers.c. */
#pragma once
#include "cache/answers.h"

#include <pthread.h>

enum { FLIGHT_SEATS_MAX = 4096, FLIGHT_STEPS_BYTES_MAX = 64 << 20, FLIGHT_FAILURES_MAX = 2 };

struct seat {
    struct loop_task task; /* first */
    struct flight *flight;
    struct seat *next, **link; /* in the order in which they came; what points to it */
    struct seat_asker asker;
    bool told;   /* the task is on its way; under the flight's lock until it runs */
    bool left;   /* only the asker's thread looks */
    bool failed; /* this one's, while the flight goes on without it */
    size_t at;   /* how much it has read of the steps */
    struct error error;
};

struct flight {
    struct cache_key key;
    struct flight *chained; /* in its shelf's table, under that lock */
    pthread_mutex_t lock;   /* of what is below */
    bool listed;            /* it can be joined */
    struct seat *first, **end;
    size_t seats;
    struct seat *leader; /* NULL: it has landed or failed */
    uint64_t purges;     /* of the cache, when its leader began */
    unsigned failures;   /* leaders in a row whose provider failed */
    unsigned place;      /* in the chain: who answers */
    struct buffer steps; /* on the heap */
    bool steps_lost;     /* there were more than are kept */
    struct kept_answer *answer;
    bool found; /* the answer was; nobody made it now */
    bool failed;
    struct error error;
    struct text details; /* on the heap */
};

/* With the asker in its first seat, who leads. */
struct flight *flight_new(const struct cache_key *key, const struct seat_asker *asker,
                          uint64_t purges);
/* The seat of one more; NULL when enough wait. With the flight's lock held. */
struct seat *flight_join(struct flight *flight, const struct seat_asker *asker);
/* Has the seat's asker told, unless that is on its way. With the lock held. */
void flight_tell(struct seat *seat);
void flight_tell_all(struct flight *flight, const struct seat *but);
/* The next to lead: the first who has read nothing of the one that failed; those who have are told
 * of the error. False: there is none. With the lock held. */
bool flight_promote(struct flight *flight, const struct error *error, uint64_t purges);
/* Takes the seat out; true when it was the last. With the lock held. */
bool flight_remove(struct flight *flight, struct seat *seat);
/* No seat is left, and it is in no table. */
void flight_free(struct flight *flight);
