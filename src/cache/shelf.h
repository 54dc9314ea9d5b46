/* cache/shelf.h
 * Answers in memory, up to so many bytes. Not safe for threads by itself: answers.c has several
 * shelves, each under a lock. Time is an argument.
 *
 * What goes first is decided by three queues (after "S3-FIFO"): a new answer stands in a small one,
 * a tenth of the room; if it was asked for again by the time it comes to the front, it moves to the
 * main one, where each use since its last turn saves it once; if not, it goes, and only its key is
 * remembered for a while: who comes back gets into the main queue at once. So answers that are
 * asked for once, however many, pass through a tenth of the room and leave the others alone, which
 * a list by last use does not give; and a look-up moves nothing, it only counts. */
#pragma once
#include "cache/cache_key.h"

#include <stdatomic.h>

/* An answer, counted by its users; const but for what is the shelf's own. */
struct kept_answer {
    _Atomic size_t users;
    struct cache_key key;
    int64_t stored_ms, expires_ms; /* wall */
    struct text endpoint, project; /* whose it is */
    struct text bytes;             /* cache/answer.h */
    /* the shelf's own */
    struct kept_answer *chained, *newer, *older;
    size_t size;
    uint8_t uses;
    bool main;
    char tail[]; /* the texts */
};
/* Gives a copy of all that is in `like`, with one user. */
struct kept_answer *kept_answer_new(const struct kept_answer *like);
struct kept_answer *kept_answer_hold(struct kept_answer *kept); /* gives it to one more */
void kept_answer_release(struct kept_answer *kept);             /* NULL does nothing */

struct shelf_queue {
    struct kept_answer *newest, *oldest;
    size_t bytes;
};
enum { SHELF_GHOSTS = 4096 };
struct shelf {
    size_t bytes_max;
    struct kept_answer **chains;
    size_t chain_mask, entries;
    struct shelf_queue small, main;
    uint32_t *ghosts; /* of keys that went lately; 0: none */
};
void shelf_init(struct shelf *shelf, size_t bytes_max);
void shelf_release(struct shelf *shelf);

/* The answer under the key, borrowed until the next call, if it has not expired and was stored at
 * or after `since_ms`; counts the use. An expired one is dropped. NULL: none. */
struct kept_answer *shelf_find(struct shelf *shelf, const struct cache_key *key, int64_t now_ms,
                               int64_t since_ms);
/* Takes an answer, in place of one under its key; others go where there is no room. One that is
 * larger than a quarter of the shelf is not put there. */
void shelf_put(struct shelf *shelf, struct kept_answer *kept, int64_t now_ms);
/* Drops what is of that endpoint and that project, an empty one being any; gives how many. */
size_t shelf_purge(struct shelf *shelf, struct text endpoint, struct text project);
/* Calls `look` with every answer, in no order. */
void shelf_each(const struct shelf *shelf, void (*look)(const struct kept_answer *kept, void *to),
                void *to);
