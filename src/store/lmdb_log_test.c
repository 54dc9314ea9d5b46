/* Looking through the request log. */
#include "store/store_fixture.h"

#include "unit.h"

/* A block of `count` rows, one a millisecond from `from_ms` on, of the given endpoint. */
static enum error_code write_rows(struct fixture *fixture, int64_t from_ms, size_t count,
                                  const char *endpoint)
{
    struct store_command *command = store_command_new(STORE_LEDGER_APPEND);
    struct ledger_entries *entries = ARENA_NEW(&command->arena, struct ledger_entries);
    struct buffer rows = buffer_in(&command->arena);

    for (size_t i = 0; i < count; i++) {
        size_t at = log_row_begin(&rows);

        buffer_printf(&rows,
                      "{\"n\":%lld,\"endpoint\":\"%s\",\"attempt_list\":[{\"model\":\"m1\"}],"
                      "\"model\":\"m2\",\"tags\":{\"of\":\"%s\",\"odd\":\"%d\"}}",
                      (long long)(from_ms + (int64_t)i), endpoint, endpoint, (int)(i % 2));
        log_row_end(&rows, at, from_ms + (int64_t)i, 1000 * i, i % 10 == 0 ? 500 : 200);
    }
    entries->rows = buffer_text(&rows);
    entries->row_count = count;
    entries->newest_ms = from_ms + (int64_t)count - 1;
    command->ledger = entries;
    return fixture_run(fixture, command);
}

/* All that a query finds, page by page; gives how many reads it took. */
static size_t read_all(struct fixture *fixture, struct log_query query, int64_t *out_ms,
                       size_t *out_count)
{
    size_t reads = 0;
    bool more = true;

    *out_count = 0;
    while (more) {
        struct store_command *command = store_command_new(STORE_LOG_READ);

        command->log_query = query;
        store_wait(fixture->store, command);
        EXPECT_EQ(command->error.code, ERROR_NONE);
        for (size_t i = 0; i < command->log_page.count; i++)
            out_ms[(*out_count)++] = command->log_page.rows[i].wall_ms;
        more = command->log_page.more;
        query.has_after = true;
        query.after = command->log_page.last;
        store_command_free(command);
        reads++;
        EXPECT(reads < 10000);
    }
    return reads;
}

static void expect_range(const int64_t *ms, size_t count, int64_t first, int64_t last)
{
    int64_t step = first <= last ? 1 : -1;

    EXPECT_EQ(count, (size_t)((last - first) * step + 1));
    for (size_t i = 0; i < count; i++)
        EXPECT_EQ(ms[i], first + step * (int64_t)i);
}

TEST(every_row_is_read_once_whatever_the_page_and_the_order)
{
    static const size_t pages[] = {1, 3, 7, 50, 1000};
    struct fixture fixture;
    int64_t ms[100];
    size_t count;

    fixture_open(&fixture);
    for (int64_t from = 1000; from < 1100; from += 10)
        EXPECT_EQ(write_rows(&fixture, from, 10, "a"), ERROR_NONE);
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        read_all(&fixture, (struct log_query){.most = pages[i], .oldest_first = true}, ms, &count);
        expect_range(ms, count, 1000, 1099);
        read_all(&fixture, (struct log_query){.most = pages[i]}, ms, &count);
        expect_range(ms, count, 1099, 1000);
    }
    fixture_close(&fixture);
}

/* What stands behind a place, as somebody who follows the log asks for it. */
static struct log_page read_behind(struct fixture *fixture, struct log_place *place)
{
    struct store_command *command = store_command_new(STORE_LOG_READ);
    struct log_page page;

    command->log_query =
        (struct log_query){.most = 100, .oldest_first = true, .has_after = true, .after = *place};
    store_wait(fixture->store, command);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    page = command->log_page;
    store_command_free(command);
    if (page.seen > 0)
        *place = page.last;
    return page; /* but for its rows */
}

TEST(who_follows_the_log_sees_each_row_once_and_that_some_have_gone)
{
    struct store_command *purge = store_command_new(STORE_LOG_PURGE);
    struct log_place place = {0};
    struct fixture fixture;
    struct log_page page;

    fixture_open(&fixture);
    EXPECT_EQ(read_behind(&fixture, &place).seen, 0);
    EXPECT_EQ(write_rows(&fixture, 1000, 10, "a"), ERROR_NONE);
    EXPECT_EQ(read_behind(&fixture, &place).count, 10);
    page = read_behind(&fixture, &place);
    EXPECT_EQ(page.count, 0);
    EXPECT(!page.gap);
    EXPECT_EQ(write_rows(&fixture, 1010, 5, "a"), ERROR_NONE);
    page = read_behind(&fixture, &place);
    EXPECT_EQ(page.count, 5);
    EXPECT(!page.gap);
    EXPECT_EQ(write_rows(&fixture, 1020, 5, "a"), ERROR_NONE);
    purge->created_before_ms = 1022;
    EXPECT_EQ(fixture_run(&fixture, purge), ERROR_NONE);
    EXPECT_EQ(write_rows(&fixture, 1030, 1, "a"), ERROR_NONE);
    page = read_behind(&fixture, &place);
    EXPECT_EQ(page.count, 6);
    EXPECT(page.gap);
    fixture_close(&fixture);
}

TEST(a_span_of_time_is_found_from_both_ends)
{
    struct fixture fixture;
    int64_t ms[100];
    size_t count;

    fixture_open(&fixture);
    for (int64_t from = 1000; from < 1100; from += 10)
        EXPECT_EQ(write_rows(&fixture, from, 10, "a"), ERROR_NONE);
    for (int oldest_first = 0; oldest_first <= 1; oldest_first++) {
        struct log_query query = {
            .most = 4, .oldest_first = oldest_first, .from_ms = 1015, .to_ms = 1042};

        read_all(&fixture, query, ms, &count);
        expect_range(ms, count, oldest_first ? 1015 : 1041, oldest_first ? 1041 : 1015);
    }
    fixture_close(&fixture);
}

TEST(members_of_the_row_itself_are_what_counts)
{
    struct fixture fixture;
    int64_t ms[100];
    size_t count;

    fixture_open(&fixture);
    EXPECT_EQ(write_rows(&fixture, 1000, 10, "a"), ERROR_NONE);
    EXPECT_EQ(write_rows(&fixture, 1010, 10, "b"), ERROR_NONE);
    read_all(&fixture, (struct log_query){.most = 50, .words = {[LOG_ENDPOINT] = TEXT("b")}}, ms,
             &count);
    expect_range(ms, count, 1019, 1010);
    read_all(&fixture, (struct log_query){.most = 50, .words = {[LOG_MODEL] = TEXT("m1")}}, ms,
             &count);
    EXPECT_EQ(count, 0); /* one of an attempt */
    read_all(&fixture, (struct log_query){.most = 50, .status = 5}, ms, &count);
    EXPECT_EQ(count, 2);
    read_all(&fixture, (struct log_query){.most = 50, .min_duration_us = 8000}, ms, &count);
    EXPECT_EQ(count, 4);
    fixture_close(&fixture);
}

TEST(tags_are_found_as_tags_and_all_of_those_that_are_named)
{
    static const struct token_tag tags[] = {{TEXT_INIT("of"), TEXT_INIT("b")},
                                            {TEXT_INIT("odd"), TEXT_INIT("1")},
                                            {TEXT_INIT("endpoint"), TEXT_INIT("b")}};
    struct fixture fixture;
    int64_t ms[100];
    size_t count;

    fixture_open(&fixture);
    EXPECT_EQ(write_rows(&fixture, 1000, 10, "a"), ERROR_NONE);
    EXPECT_EQ(write_rows(&fixture, 1010, 10, "b"), ERROR_NONE);
    read_all(&fixture, (struct log_query){.most = 50, .tags = tags, .tag_count = 1}, ms, &count);
    expect_range(ms, count, 1019, 1010);
    read_all(&fixture, (struct log_query){.most = 50, .tags = tags, .tag_count = 2}, ms, &count);
    EXPECT_EQ(count, 5);
    read_all(&fixture, (struct log_query){.most = 50, .tags = tags + 2, .tag_count = 1}, ms,
             &count);
    EXPECT_EQ(count, 0); /* one of the row */
    fixture_close(&fixture);
}

TEST(a_clock_that_is_set_back_leaves_the_rows_in_the_order_they_were_written)
{
    struct fixture fixture;
    struct store_census census;
    int64_t ms[100];
    size_t count;

    fixture_open(&fixture);
    EXPECT_EQ(write_rows(&fixture, 5000, 1, "a"), ERROR_NONE);
    EXPECT_EQ(write_rows(&fixture, 1000, 1, "a"), ERROR_NONE);
    EXPECT_EQ(write_rows(&fixture, 1001, 1, "a"), ERROR_NONE);
    read_all(&fixture, (struct log_query){.most = 50, .oldest_first = true}, ms, &count);
    EXPECT_EQ(count, 3);
    EXPECT_EQ(ms[0], 5000);
    EXPECT_EQ(ms[1], 1000);
    EXPECT_EQ(ms[2], 1001);
    read_all(&fixture, (struct log_query){.most = 50, .from_ms = 900, .to_ms = 1001}, ms, &count);
    EXPECT_EQ(count, 1);
    EXPECT(store_verify_lmdb(fixture.store, &census, NULL));
    fixture_close(&fixture);
}

TEST(one_read_looks_at_a_bounded_part_and_the_next_goes_on_behind_it)
{
    struct fixture fixture;
    int64_t ms[100];
    size_t count, reads;

    fixture_open(&fixture);
    for (int64_t from = 0; from < 60; from++) /* blocks of about 80 KB */
        EXPECT_EQ(write_rows(&fixture, 1000 + from * 1000, 900, from == 0 ? "rare" : "a"),
                  ERROR_NONE);
    for (int oldest_first = 0; oldest_first <= 1; oldest_first++) {
        struct log_query query = {.most = 1000,
                                  .oldest_first = oldest_first,
                                  .words = {[LOG_ENDPOINT] = TEXT("rare")},
                                  .from_ms = 1895};

        reads = read_all(&fixture, query, ms, &count);
        EXPECT_EQ(count, 5);
        EXPECT(reads > 1 && reads < 10);
    }
    fixture_close(&fixture);
}

TEST(a_place_comes_back_as_it_was_written_and_nothing_else_is_one)
{
    struct log_place place = {1795712400123, 7, 4711}, back;
    char text[LOG_PLACE_CHARS];

    log_place_write(&place, text);
    EXPECT(log_place_read((struct text){text, sizeof text}, &back));
    EXPECT(log_place_same(&place, &back));
    EXPECT(!log_place_read((struct text){text, sizeof text - 1}, &back));
    text[4] = 'f'; /* before 1970 */
    EXPECT(!log_place_read((struct text){text, sizeof text}, &back));
    text[4] = 'g';
    EXPECT(!log_place_read((struct text){text, sizeof text}, &back));
}
