/* gateway/ledger_page.h
 * A page of a worker's ledger while it is being filled: settlements summed per budget, usage summed
 * per what it is kept apart by, roll-ups likewise and by the minute, and rows of the request log.
 * It is filled inside the command that will carry it to the store; memory grows with the number of
 * different sums, and with rows only as far as whoever fills it lets it. Belongs to one thread. */
#pragma once
#include "store/store.h"

/* Where a sum stands, by the hash of what it is a sum of: open addressing, linear probing. */
struct ledger_index {
    uint32_t *places; /* 1-based; 0: free */
    size_t room;      /* a power of two; 0: none yet */
};
struct ledger_page {
    struct store_command *command;
    struct budget_settlement *settlements;
    uint64_t *settlement_hashes;
    size_t settlement_count, settlement_room;
    struct ledger_index by_budget;
    struct usage_record *usage;
    uint64_t *usage_hashes;
    size_t usage_count, usage_room;
    struct ledger_index by_names;
    struct rollup_cell *rollups;
    uint64_t *rollup_hashes;
    size_t rollup_count, rollup_room;
    struct ledger_index by_cell;
    struct buffer rows;
    size_t row_count;
    int64_t newest_ms;
    struct log_content *contents;
    size_t content_count, content_room, content_bytes;
};

/* A request or an attempt that ended: what it is counted under (store/rollup_record.h), and what it
 * adds there. */
struct rollup_event {
    int64_t minute, day;
    struct text names[ROLLUP_NAME_COUNT];
    bool attempt;
    int64_t sums[ROLLUP_SUM_COUNT];
    bool timed;
    uint64_t took_us;
};
/* Of roll-ups, which have times and so grow while the store is busy. From there on tokens and tags
 * are not told apart, and not counted; at twice as many nothing more is. */
enum { LEDGER_CELLS_MAX = 4096 };

/* Gives an empty page. */
struct ledger_page *ledger_page_new(void);
/* Takes the page, and gives the command with everything that was filled in; with `log_bytes_max` as
 * in struct ledger_entries. */
struct store_command *ledger_page_close(struct ledger_page *page, uint64_t log_bytes_max);
/* NULL does nothing. */
void ledger_page_free(struct ledger_page *page);

void ledger_page_settle(struct ledger_page *page, struct text budget, int64_t nano);
void ledger_page_use(struct ledger_page *page, const struct usage_record *usage);
void ledger_page_roll(struct ledger_page *page, const struct rollup_event *event);
/* Adds a row, whose line is appended to page->rows between these two. */
size_t ledger_page_row_begin(struct ledger_page *page);
void ledger_page_row_end(struct ledger_page *page, size_t at, int64_t wall_ms, uint64_t duration_us,
                         int status);
/* What was said in the request whose row is being written. */
void ledger_page_content(struct ledger_page *page, const struct log_content *content);
/* Drops the rows, and contents with them; gives how many rows there were. */
size_t ledger_page_drop_rows(struct ledger_page *page);
/* Adds the sums of what a store could not write; its rows are left out. */
void ledger_page_take_back(struct ledger_page *page, const struct ledger_entries *entries);
