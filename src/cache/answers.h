/* cache/answers.h
 * One answer for calls that are the same: kept from calls that are over, and shared by those that
 * are under way. Who asks either gets an answer that is kept, or makes the call (leads), or joins
 * one who does; between asking and the end of a call there is no moment in which two would make it.
 *
 * Safe for all threads. Eight parts, each under a lock of its own that is held for a look-up or one
 * step in a list; a flight (a call under way) has a lock besides, taken inside the part's. Nobody
 * is called back from inside: an asker is told through its loop, and looks.
 *
 * Bounded: memory by what answers_new is given; who waits for a flight by 4,096; what is said in a
 * stream by the longest reply of a provider, once for each flight however many listen. */
#pragma once
#include "base/buffer.h"
#include "base/error.h"
#include "base/loop.h"
#include "cache/shelf.h"

struct answers;
struct seat;

/* At most so many bytes of answers; 0: none is kept, calls under way are shared all the same. Never
 * NULL. */
struct answers *answers_new(size_t bytes_max);
void answers_free(struct answers *answers); /* nobody has a seat; NULL does nothing */

struct seat_asker {
    struct loop *loop;
    void (*told)(void *context); /* something has changed: look; in the loop's thread */
    void *context;
    bool live; /* it is to be told of every step */
};
enum answers_verdict {
    ANSWERS_KEPT,   /* *out_kept, to be released */
    ANSWERS_LEADS,  /* *out_seat: make the call, then land or fail, then leave */
    ANSWERS_JOINED, /* *out_seat: wait to be told, then look */
    ANSWERS_CROWDED /* make the call for yourself: enough wait */
};
/* An answer counts that was stored at or after since_ms; INT64_MIN: any. Times are the wall's. */
enum answers_verdict answers_ask(struct answers *answers, const struct cache_key *key,
                                 int64_t now_ms, int64_t since_ms, const struct seat_asker *asker,
                                 struct kept_answer **out_kept, struct seat **out_seat);
/* Takes the seat; of one who leads a flight that goes on, the next takes over. NULL does nothing.
 */
void answers_leave(struct answers *answers, struct seat *seat);

/* --- who leads; it is told when others join or leave --------------------------------------------
 */

/* How many besides it have a seat. */
size_t seat_others(struct seat *seat);
/* One step of the stream (cache/answer.h), said by the target at that place of the chain. */
void seat_say(struct seat *seat, unsigned place, struct text step);
/* The answer, borrowed, from that place; it is `kept` for others, too, unless a purge came between
 * the call's beginning and now. Gives whether it is. */
bool answers_land(struct answers *answers, struct seat *seat, struct kept_answer *answer,
                  unsigned place, bool kept, int64_t now_ms);
/* Likewise one that was kept elsewhere and found there: it may be older than some of those want who
 * wait, and they are told so. */
bool answers_land_found(struct answers *answers, struct seat *seat, struct kept_answer *answer,
                        int64_t now_ms);
enum flight_error {
    FLIGHT_OWN,      /* the leader's own: the next tries */
    FLIGHT_PROVIDER, /* the next tries, once; what then fails is told to all */
    FLIGHT_ALL       /* another try would end the same: told to all */
};
/* There is no answer. `details` are for those who are told. */
void answers_fail(struct answers *answers, struct seat *seat, const struct error *error,
                  enum flight_error whose, struct text details);

/* --- who waits ----------------------------------------------------------------------------------
 */

enum seat_state { SEAT_WAITS, SEAT_LEADS, SEAT_ANSWERED, SEAT_FAILED };
struct seat_view {
    enum seat_state state;
    unsigned place;                   /* who answers, once there is something to read */
    size_t unread;                    /* bytes of steps */
    bool steps_lost;                  /* there were too many to keep: some are missing */
    bool found;                       /* the answer was kept before anybody of these asked */
    const struct kept_answer *answer; /* until the seat is left */
    const struct error *error;        /* likewise */
    struct text details;              /* likewise */
};
void seat_look(struct seat *seat, struct seat_view *out);
/* Appends whole steps that were not read yet, about `most` bytes of them, at least one. */
void seat_read(struct seat *seat, size_t most, struct buffer *out);

/* --- what is kept -------------------------------------------------------------------------------
 */

/* Keeps an answer (borrowed) of a call that no flight was about, begun when there had been so many
 * purges. Gives whether it is. */
bool answers_keep(struct answers *answers, struct kept_answer *answer, uint64_t purges,
                  int64_t now_ms);
/* How many purges there were. */
uint64_t answers_purges(const struct answers *answers);
/* Forgets what is of that endpoint and that project, an empty one being any; also what is under way
 * now will not be kept. Gives how many there were. */
size_t answers_purge(struct answers *answers, struct text endpoint, struct text project);

struct answers_stats {
    size_t entries, bytes, bytes_max;
    size_t flights, waiting; /* calls under way, and how many wait for their answers */
};
struct answers_stats answers_stats(struct answers *answers);
/* Calls `look` with every answer; some of them are locked meanwhile. */
void answers_each(struct answers *answers, void (*look)(const struct kept_answer *kept, void *to),
                  void *to);
