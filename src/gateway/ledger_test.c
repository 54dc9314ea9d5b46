/* A worker's ledger before a store that does what a test tells it to. */
#include "gateway/ledger.h"

#include "base/check.h"
#include "gateway/durable.h"
#include "gateway/worker.h"
#include "store/store_impl.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* What it has taken, and how the next writes fail. */
static struct {
    struct store store; /* first */
    struct gateway gateway;
    struct worker worker;
    struct config config;
    struct lease lease;
    FILE *log;
    /* written by the store's thread while a command is under way, read when none is */
    enum error_code failures[8];
    size_t failing, settlements;
    _Atomic size_t writes, purges, budget_purges; /* looked at meanwhile, too */
    int64_t settled, used, rolled;
    size_t rows, contents, cells;
    bool agreed;
} on;

static void take(struct store_command *command)
{
    const struct ledger_entries *entries = command->ledger;
    int64_t settled = 0, used = 0, rolled = 0;

    if (command->kind == STORE_LOG_PURGE) {
        command->purged = on.purges++ == 0;
        return;
    }
    if (command->kind == STORE_BUDGET_PURGE) {
        EXPECT_TEXT(command->after, on.budget_purges == 0 ? "" : "so far");
        command->last = TEXT("so far");
        command->more = on.budget_purges++ == 0;
        return;
    }
    on.writes++;
    if (on.failing < 8 && on.failures[on.failing] != ERROR_NONE) {
        error_set(&command->error, on.failures[on.failing++], NULL, "as the test wants");
        return;
    }
    on.failing++;
    for (size_t i = 0; i < entries->settlement_count; i++)
        settled += entries->settlements[i].nano;
    for (size_t i = 0; i < entries->usage_count; i++)
        used += entries->usage[i].all[USAGE_COST];
    for (size_t i = 0; i < entries->rollup_count; i++)
        rolled += entries->rollups[i].sums.sums[ROLLUP_COST];
    on.agreed = on.agreed && settled == used && settled == rolled;
    on.settled += settled;
    on.used += used;
    on.rolled += rolled;
    on.cells += entries->rollup_count;
    on.settlements += entries->settlement_count;
    on.rows += entries->row_count;
    on.contents += entries->content_count;
}

static void write_group(struct store *store, struct store_command *const *group, size_t count)
{
    (void)store;
    for (size_t i = 0; i < count; i++)
        take(group[i]);
}

static void read_one(struct store *store, struct store_command *command)
{
    (void)store;
    (void)command;
}

static void do_nothing(struct store *store)
{
    (void)store;
}

static const struct store_ops ops = {write_group, read_one, do_nothing, do_nothing};

static void open_worker(void)
{
    struct error err = {0};

    memset(&on, 0, sizeof on);
    on.agreed = true;
    on.store.ops = &ops;
    EXPECT(store_start(&on.store, &err));
    on.gateway.store = &on.store;
    on.log = tmpfile();
    on.gateway.log = log_open(fileno(on.log), 1 << 16);
    on.lease.config = &on.config;
    on.worker.lease = &on.lease;
    on.worker.gateway = &on.gateway;
    on.worker.loop = loop_open();
    ledger_open(&on.worker.ledger, &on.worker);
}

/* Gives how many lines the log has. */
static size_t close_worker(void)
{
    char line[1024];
    size_t lines = 0;

    ledger_close(&on.worker.ledger);
    durable_wait(&on.worker);
    EXPECT(on.worker.ledger.page == NULL);
    loop_close(on.worker.loop);
    store_close(&on.store);
    log_close(on.gateway.log);
    rewind(on.log);
    while (fgets(line, sizeof line, on.log) != NULL)
        lines++;
    fclose(on.log);
    return lines;
}

/* One request of `nano`, with a row of so many bytes. */
static void ask(const char *token, int64_t nano, size_t bytes)
{
    struct usage_record usage = {
        .names = {[USAGE_DAY] = TEXT("2026-11-26"), [USAGE_TOKEN] = text_of(token)},
        .all = {[USAGE_CALLS] = 1, [USAGE_COST] = nano}};
    struct rollup_event event = {.names = {[ROLLUP_TOKEN] = text_of(token)},
                                 .sums = {[ROLLUP_CALLS] = 1, [ROLLUP_COST] = nano}};
    struct buffer *row;
    size_t at;

    ledger_settle(&on.worker, text_of(token), nano);
    ledger_use(&on.worker, &usage);
    ledger_roll(&on.worker, NULL, 1000, &event);
    row = ledger_row_begin(&on.worker, &at);
    if (row == NULL)
        return;
    memset(buffer_reserve(row, bytes), 'x', bytes);
    row->len += bytes;
    ledger_row_end(&on.worker, at, 1000, 5, 200);
}

static void turn_until_written(size_t writes)
{
    for (int i = 0; i < 1000 && on.writes < writes; i++)
        loop_turn(on.worker.loop, 10);
    durable_wait(&on.worker);
    EXPECT(on.writes >= writes);
}

TEST(what_a_short_while_brings_is_one_command_summed_per_account)
{
    open_worker();
    for (int i = 0; i < 40; i++)
        ask(i % 2 == 0 ? "a" : "b", i, 100);
    EXPECT_EQ(on.worker.commands, 0);
    turn_until_written(1);
    EXPECT_EQ(on.writes, 1);
    EXPECT_EQ(on.settlements, 2);
    EXPECT_EQ(on.settled, 780);
    EXPECT_EQ(on.rows, 40);
    EXPECT_EQ(on.cells, 2);
    EXPECT_EQ(close_worker(), 0);
    EXPECT(on.agreed);
}

TEST(many_rows_are_handed_over_at_once)
{
    open_worker();
    for (int i = 0; i < 70; i++)
        ask("a", 1, 1000);
    EXPECT_EQ(on.worker.commands, 1);
    EXPECT_EQ(close_worker(), 0);
    EXPECT_EQ(on.rows, 70);
    EXPECT_EQ(on.settled, 70);
}

TEST(a_full_store_gets_the_sums_at_once_and_the_rows_are_counted)
{
    open_worker();
    on.failures[0] = ERROR_STORAGE_FULL;
    for (int i = 0; i < 10; i++)
        ask("a", 3, 100);
    turn_until_written(2);
    EXPECT_EQ(on.settled, 30);
    EXPECT_EQ(on.rows, 0);
    ask("a", 3, 100); /* and offers no rows for a while */
    turn_until_written(3);
    EXPECT_EQ(atomic_load(&on.gateway.log_dropped), 11);
    EXPECT_EQ(close_worker(), 0);
    EXPECT_EQ(on.settled, 33);
    EXPECT(on.agreed);
}

TEST(sums_outlast_a_store_that_fails_and_usage_agrees_with_settlements_after_every_write)
{
    open_worker();
    on.failures[0] = ERROR_STORAGE_ERROR;
    on.failures[1] = ERROR_STORAGE_ERROR;
    for (int i = 0; i < 100; i++) {
        char token[8];

        snprintf(token, sizeof token, "t%d", i % 37);
        ask(token, i, 100);
    }
    turn_until_written(1);
    EXPECT_EQ(on.settled, 0);
    ask("t1", 50, 100); /* adds to what waits for the next try */
    EXPECT_EQ(close_worker(), 0);
    EXPECT_EQ(on.settled, 5000);
    EXPECT_EQ(on.used, 5000);
    EXPECT_EQ(on.rolled, 5000);
    EXPECT(on.agreed);
    EXPECT_EQ(on.settlements, 37);
    EXPECT_EQ(on.cells, 37);
}

TEST(what_cannot_be_stored_before_the_end_is_said_to_be_lost)
{
    open_worker();
    for (size_t i = 0; i < 8; i++)
        on.failures[i] = ERROR_STORAGE_ERROR;
    ask("a", 3, 100);
    EXPECT_EQ(close_worker(), 1);
    EXPECT_EQ(on.writes, 1 + LEDGER_LAST_TRIES);
    EXPECT_EQ(on.settled, 0);
}

TEST(rows_are_bounded_while_the_store_is_busy_and_sums_are_not)
{
    enum { ROWS = 2 * LEDGER_ROW_BYTES_MAX / 1000 };

    open_worker();
    on.worker.ledger.flying = true; /* a command that does not come back */
    for (int i = 0; i < ROWS; i++)
        ask("a", 1, 1000);
    EXPECT(on.worker.ledger.page->rows.len <= LEDGER_ROW_BYTES_MAX + 1100);
    EXPECT(atomic_load(&on.gateway.log_dropped) > ROWS / 3);
    on.worker.ledger.flying = false;
    EXPECT_EQ(close_worker(), 0);
    EXPECT_EQ(on.settled, ROWS);
    EXPECT_EQ(on.rows + atomic_load(&on.gateway.log_dropped), ROWS);
}

/* Of `minutes` minutes, each of another token: the sum of what the cells have, and how many. */
static size_t roll_tokens(size_t minutes, int64_t *out_calls)
{
    struct ledger_page *page = ledger_page_new();
    struct store_command *command;
    size_t cells;

    for (size_t i = 0; i < minutes; i++) {
        char token[24];
        struct rollup_event event = {
            .minute = 29000000 + (int64_t)i / 100,
            .names = {[ROLLUP_ENDPOINT] = TEXT("summarize"), [ROLLUP_TAGS] = TEXT("team=search")},
            .sums = {[ROLLUP_CALLS] = 1},
            .timed = true,
            .took_us = 5000};

        event.names[ROLLUP_TOKEN].at = token;
        event.names[ROLLUP_TOKEN].len = (size_t)snprintf(token, sizeof token, "tok_%zu", i);
        ledger_page_roll(page, &event);
    }
    command = ledger_page_close(page, 0);
    cells = command->ledger->rollup_count;
    *out_calls = 0;
    for (size_t i = 0; i < cells; i++) {
        const struct rollup_cell *cell = &command->ledger->rollups[i];

        *out_calls += cell->sums.sums[ROLLUP_CALLS];
        EXPECT_EQ(cell->sums.took[rollup_range(5000)], cell->sums.sums[ROLLUP_CALLS]);
    }
    store_command_free(command);
    return cells;
}

TEST(roll_ups_are_bounded_and_beyond_it_tokens_are_not_told_apart)
{
    int64_t calls;

    EXPECT_EQ(roll_tokens(1000, &calls), 1000);
    EXPECT_EQ(calls, 1000);
    EXPECT_EQ(roll_tokens(10000, &calls), LEDGER_CELLS_MAX + (10000 - 4000) / 100);
    EXPECT_EQ(calls, 10000);
}

TEST(what_was_said_goes_with_its_row_and_is_dropped_with_it)
{
    const struct log_content content = {.expires_ms = 5000,
                                        .request_id = TEXT("req_1"),
                                        .token_id = TEXT("tok_1"),
                                        .json = TEXT("{}")};
    size_t at;

    open_worker();
    for (int i = 0; i < 10; i++) {
        struct buffer *row = ledger_row_begin(&on.worker, &at);

        EXPECT(row != NULL);
        buffer_put(row, TEXT("{}"));
        ledger_content(&on.worker, &content);
        ledger_row_end(&on.worker, at, 1000, 5, 200);
    }
    turn_until_written(1);
    EXPECT_EQ(on.rows, 10);
    EXPECT_EQ(on.contents, 10);
    on.failures[on.failing] = ERROR_STORAGE_FULL;
    EXPECT(ledger_row_begin(&on.worker, &at) != NULL);
    ledger_content(&on.worker, &content);
    ledger_row_end(&on.worker, at, 1000, 5, 200);
    turn_until_written(2);
    EXPECT_EQ(close_worker(), 0);
    EXPECT_EQ(on.contents, 10);
    EXPECT_EQ(atomic_load(&on.gateway.log_dropped), 1);
}

static void note(struct ledger_waiter *waiter)
{
    waiter->next = waiter; /* which marks it */
}

TEST(who_waits_hears_when_what_is_written_down_now_has_been_answered)
{
    struct ledger_waiter nothing = {.done = note}, waiting = {.done = note};

    open_worker();
    ledger_wait(&on.worker.ledger, &nothing);
    EXPECT(nothing.next == &nothing); /* at once */
    ask("a", 1, 100);
    ledger_wait(&on.worker.ledger, &waiting);
    EXPECT_EQ(on.worker.commands, 1); /* long before its time */
    EXPECT(waiting.next != &waiting);
    durable_wait(&on.worker);
    EXPECT(waiting.next == &waiting);
    EXPECT_EQ(on.settled, 1);
    EXPECT_EQ(close_worker(), 0);
}

TEST(one_worker_purges_until_nothing_is_left)
{
    open_worker();
    on.worker.index = 1;
    log_purge_open(&on.worker.log_purge, &on.worker, 0);
    loop_turn(on.worker.loop, 20);
    EXPECT_EQ(on.worker.commands, 0);
    on.worker.index = 0;
    log_purge_open(&on.worker.log_purge, &on.worker, 0);
    for (int i = 0; i < 100 && (on.budget_purges < 2 || on.worker.commands > 0); i++)
        loop_turn(on.worker.loop, 10);
    EXPECT(on.worker.log_purge.timer.place > 0); /* and again in an hour */
    log_purge_close(&on.worker.log_purge);
    EXPECT_EQ(close_worker(), 0);
    EXPECT_EQ(on.purges, 2);
    EXPECT_EQ(on.budget_purges, 2);
}
