/* gateway/ledger.h
 * What a worker writes down about its requests: what they cost, what they used, and a row of the
 * request log each. It collects them in memory and hands them to the store as one command, and so
 * one transaction, LEDGER_PATIENCE_MS after the first one or when there are LEDGER_ROW_BYTES of
 * rows; at most one such command is under way per worker.
 *
 * When the store cannot write, sums are kept and tried again, first at once without rows (which a
 * full store has room for: store/lmdb_ledger.c), then every LEDGER_RETRY_MS. Rows that do not fit
 * are dropped and counted. What is in memory when the process is killed is lost: it is never more
 * than what one commit's time and LEDGER_PATIENCE_MS bring in, and of budgets the lease that covers
 * it is counted as spent. */
#pragma once
#include "base/loop.h"
#include "calendar/period.h"
#include "gateway/ledger_page.h"

struct worker;

enum {
    LEDGER_PATIENCE_MS = 50,
    LEDGER_ROW_BYTES = 64 << 10,
    LEDGER_ROW_BYTES_MAX = 4 << 20, /* in memory while the store is busy, contents included */
    LEDGER_RETRY_MS = 1000,
    LEDGER_LAST_TRIES = 2,
    LEDGER_LEAN_MS = 10000 /* for how long no rows are offered to a store that was full */
};

/* Waits until what is written down now has been answered by the store. Embed it. */
struct ledger_waiter {
    void (*done)(struct ledger_waiter *waiter); /* may free it */
    uint64_t answers;                           /* of the store that it waits for */
    struct ledger_waiter *next;
};
struct ledger {
    struct worker *worker;
    struct ledger_page *page; /* NULL: nothing is written down */
    uint64_t due_ms;          /* of the page */
    uint64_t hold_until_ms;   /* nothing is handed over before: the store has failed */
    uint64_t lean_until_ms;   /* no rows before; 0: they may */
    bool flying;              /* a command is under way */
    uint64_t answers;         /* of the store, so far */
    struct ledger_waiter *waiters;
    bool closing;
    int last_tries; /* that are left when closing */
    struct loop_timer timer;
    /* the day that was asked for last */
    const struct zone *zone;
    struct period day;
    int64_t day_from_ms; /* since when, as far as is known */
};

void ledger_open(struct ledger *ledger, struct worker *worker);
/* Hands over what is left; the worker then waits for its commands (durable.h), after which what
 * could not be written is lost and said so in the log. */
void ledger_close(struct ledger *ledger);

/* Hands over what is written down as soon as can be; done() follows when it is answered, whatever
 * the answer, or at once when there is nothing. */
void ledger_wait(struct ledger *ledger, struct ledger_waiter *waiter);

/* The cost of a call that is over, for a budget's account and period. */
void ledger_settle(struct worker *worker, struct text budget, int64_t nano);
/* The name of the day (USAGE_DAY) that an instant is in; valid until the next is asked for. */
struct text ledger_day(struct worker *worker, const struct zone *zone, int64_t wall_ms);
void ledger_use(struct worker *worker, const struct usage_record *usage);

/* Adds what a request or an attempt was to the roll-ups of when it ended, which is filled in. */
void ledger_roll(struct worker *worker, const struct zone *zone, int64_t wall_ms,
                 struct rollup_event *event);

/* Begins a row, whose line is then appended to the buffer that it gives; NULL, having counted it,
 * when rows are dropped. */
struct buffer *ledger_row_begin(struct worker *worker, size_t *out_at);
/* Keeps what was said in the request of the row that has begun. */
void ledger_content(struct worker *worker, const struct log_content *content);
void ledger_row_end(struct worker *worker, size_t at, int64_t wall_ms, uint64_t duration_us,
                    int status);
