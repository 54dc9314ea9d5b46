#include "store/store_fixture.h"

#include "unit.h"

static struct usage_record usage_of(const char *day, const char *token, int64_t cost)
{
    return (struct usage_record){
        .names = {[USAGE_DAY] = text_of(day),
                  [USAGE_PROJECT] = TEXT("default"),
                  [USAGE_ENDPOINT] = TEXT("summarize"),
                  [USAGE_PROVIDER] = TEXT("openai"),
                  [USAGE_MODEL] = TEXT("gpt-4.1-mini"),
                  [USAGE_TOKEN] = text_of(token)},
        .all = {[USAGE_CALLS] = 1, [USAGE_INPUT] = 100, [USAGE_COST] = cost},
        .estimated = {[USAGE_CALLS] = 1},
    };
}

/* A command with one sum of usage, its settlement, and `rows` rows of `bytes` bytes each. */
static struct store_command *entries_of(const char *token, int64_t cost, size_t rows, size_t bytes)
{
    struct store_command *command = store_command_new(STORE_LEDGER_APPEND);
    struct ledger_entries *entries = ARENA_NEW(&command->arena, struct ledger_entries);
    struct usage_record *usage = ARENA_NEW(&command->arena, struct usage_record);
    struct budget_settlement *settlement = ARENA_NEW(&command->arena, struct budget_settlement);
    struct buffer out = buffer_in(&command->arena);

    for (size_t i = 0; i < rows; i++) {
        size_t at = log_row_begin(&out);

        memset(buffer_reserve(&out, bytes), 'x', bytes);
        out.len += bytes;
        log_row_end(&out, at, 1000 + (int64_t)i, 5, 200);
    }
    *usage = usage_of("2026-11-26", token, cost);
    *settlement = (struct budget_settlement){TEXT("endpoint/summarize/2026-11"), cost};
    *entries = (struct ledger_entries){.settlements = settlement,
                                       .settlement_count = 1,
                                       .usage = usage,
                                       .usage_count = 1,
                                       .rows = buffer_text(&out),
                                       .row_count = rows,
                                       .newest_ms = 1000 + (int64_t)rows};
    command->ledger = entries;
    return command;
}

static int64_t settled(struct fixture *fixture)
{
    struct store_command *command = store_command_new(STORE_BUDGET_LIST);
    int64_t sum = 0;

    store_wait(fixture->store, command);
    for (size_t i = 0; i < command->budget_count; i++)
        sum += command->budgets[i].settled;
    store_command_free(command);
    return sum;
}

TEST(sums_are_added_to_what_was_there_and_agree_with_the_budget)
{
    struct fixture fixture;
    struct store_census census;

    fixture_open(&fixture);
    for (int i = 0; i < 10; i++)
        EXPECT_EQ(fixture_run(&fixture, entries_of(i % 2 == 0 ? "tok_1" : "tok_2", 7, 3, 100)),
                  ERROR_NONE);
    EXPECT(store_verify_lmdb(fixture.store, &census, NULL));
    EXPECT_EQ(census.usages, 2);
    EXPECT_EQ(census.log_blocks, 10); /* though the clock stood still */
    EXPECT_EQ(settled(&fixture), 70);
    fixture_close(&fixture);
}

TEST(a_full_store_refuses_rows_and_takes_the_sums_without_them)
{
    struct fixture fixture;
    struct store_census census;
    enum error_code code = ERROR_NONE;
    int64_t taken = 0;

    fixture_make_folder(&fixture);
    fixture_reopen(&fixture, (size_t)2 << 20);
    for (int i = 0; i < 1000 && code == ERROR_NONE; i++) {
        code = fixture_run(&fixture, entries_of("tok_1", 7, 10, 1000));
        taken += code == ERROR_NONE ? 7 : 0;
    }
    EXPECT_EQ(code, ERROR_STORAGE_FULL);
    for (int i = 0; i < 50; i++)
        EXPECT_EQ(fixture_run(&fixture, entries_of("tok_1", 7, 0, 0)), ERROR_NONE);
    EXPECT_EQ(settled(&fixture), taken + 350);
    EXPECT(store_verify_lmdb(fixture.store, &census, NULL));
    EXPECT_EQ(census.usages, 1);
    fixture_close(&fixture);
}

TEST(the_oldest_rows_go_when_there_are_more_bytes_than_may_be)
{
    enum { LIMIT = 1 << 20 };
    struct fixture fixture;
    struct store_census census;

    fixture_open(&fixture);
    for (int i = 0; i < 100; i++) {
        struct store_command *command = entries_of("tok_1", 1, 20, 1000);

        ((struct ledger_entries *)(uintptr_t)command->ledger)->log_bytes_max = LIMIT;
        EXPECT_EQ(fixture_run(&fixture, command), ERROR_NONE);
    }
    EXPECT(store_verify_lmdb(fixture.store, &census, NULL));
    EXPECT(census.log_blocks >= 40 && census.log_blocks <= LIMIT / 20000);
    EXPECT_EQ(census.usages, 1);
    fixture_close(&fixture);
}

TEST(sums_stay_at_the_greatest_number_rather_than_turn_over)
{
    struct usage_record sum = usage_of("2026-11-26", "tok_1", INT64_MAX - 1);
    struct usage_record more = usage_of("2026-11-26", "tok_1", 7);

    usage_add(&sum, &more);
    EXPECT_EQ(sum.all[USAGE_COST], INT64_MAX);
    EXPECT_EQ(sum.all[USAGE_INPUT], 200);
    EXPECT_EQ(usage_plus(INT64_MIN, -1), INT64_MIN);
}

/* --- contents
 * ----------------------------------------------------------------------------------------- */

/* A command with a row and what was said in its request. */
static struct store_command *said(const char *id, const char *token, int64_t expires_ms)
{
    struct store_command *command = entries_of(token, 1, 1, 10);
    struct ledger_entries *entries = (struct ledger_entries *)(uintptr_t)command->ledger;
    struct log_content *content = ARENA_NEW(&command->arena, struct log_content);

    *content = (struct log_content){expires_ms, text_of(id), text_of(token), TEXT("{\"said\":1}")};
    entries->contents = content;
    entries->content_count = 1;
    entries->content_bytes = content->json.len;
    return command;
}

static enum error_code read_content(struct fixture *fixture, const char *id, int64_t expires_ms)
{
    struct store_command *command = store_command_new(STORE_CONTENT_READ);
    enum error_code code;

    command->content = (struct log_content){.expires_ms = expires_ms, .request_id = text_of(id)};
    store_wait(fixture->store, command);
    code = command->error.code;
    if (code == ERROR_NONE)
        EXPECT_TEXT(command->found.json, "{\"said\":1}");
    store_command_free(command);
    return code;
}

TEST(what_was_said_is_found_by_its_request_and_end_and_deleted_once)
{
    struct fixture fixture;
    struct store_command *command = store_command_new(STORE_CONTENT_DELETE),
                         *again = store_command_new(STORE_CONTENT_DELETE);

    fixture_open(&fixture);
    EXPECT_EQ(fixture_run(&fixture, said("req_1", "tok_1", 5000)), ERROR_NONE);
    EXPECT_EQ(read_content(&fixture, "req_1", 5000), ERROR_NONE);
    EXPECT_EQ(read_content(&fixture, "req_1", 5001), ERROR_LOG_NOT_FOUND);
    EXPECT_EQ(read_content(&fixture, "req_2", 5000), ERROR_LOG_NOT_FOUND);
    command->content.expires_ms = again->content.expires_ms = 5000;
    command->content.request_id = again->content.request_id = TEXT("req_1");
    EXPECT_EQ(fixture_run(&fixture, command), ERROR_NONE);
    EXPECT_EQ(fixture_run(&fixture, again), ERROR_LOG_NOT_FOUND);
    EXPECT_EQ(read_content(&fixture, "req_1", 5000), ERROR_LOG_NOT_FOUND);
    fixture_close(&fixture);
}

TEST(all_that_a_token_said_is_erased_in_bounded_steps_and_nothing_else)
{
    enum { REQUESTS = 700 };
    struct fixture fixture;
    struct store_census census;
    struct arena arena = {0};
    struct text after = {0};
    uint64_t erased = 0, steps = 0;
    bool more = true;

    fixture_open(&fixture);
    for (int i = 0; i < REQUESTS; i++)
        EXPECT_EQ(fixture_run(&fixture, said(arena_printf(&arena, "req_%d", i).at,
                                             i % 2 == 0 ? "tok_1" : "tok_2", 5000 + i % 50)),
                  ERROR_NONE);
    while (more) {
        struct store_command *command = store_command_new(STORE_CONTENT_ERASE);

        command->content.token_id = TEXT("tok_1");
        command->after = after;
        store_wait(fixture.store, command);
        EXPECT_EQ(command->error.code, ERROR_NONE);
        EXPECT(command->purged <= 100);
        erased += command->purged;
        more = command->more;
        after = arena_copy(&arena, command->last);
        store_command_free(command);
        steps++;
    }
    EXPECT_EQ(erased, REQUESTS / 2);
    EXPECT(steps >= 4 && steps < 20);
    EXPECT(store_verify_lmdb(fixture.store, &census, NULL));
    EXPECT_EQ(census.contents, REQUESTS / 2);
    arena_release(&arena);
    fixture_close(&fixture);
}

TEST(a_purge_takes_what_is_old_of_each_kind_and_leaves_the_rest)
{
    struct fixture fixture;
    struct store_census census;
    uint64_t purged = 1, all = 0;

    fixture_open(&fixture);
    for (int i = 0; i < 300; i++) { /* rows at 1001, contents that end at 2000 and at 9000 */
        EXPECT_EQ(fixture_run(&fixture, said("req_1", "tok_1", 2000 + i)), ERROR_NONE);
        EXPECT_EQ(fixture_run(&fixture, said("req_1", "tok_1", 9000 + i)), ERROR_NONE);
    }
    for (int before = 0; before <= 1; before++, purged = 1) {
        while (purged > 0) {
            struct store_command *command = store_command_new(STORE_LOG_PURGE);

            command->now_ms = 5000;
            command->created_before_ms = before == 0 ? 1000 : 1002;
            command->after = before == 0 ? TEXT("2026-11-26") : TEXT("2026-11-27");
            store_wait(fixture.store, command);
            EXPECT_EQ(command->error.code, ERROR_NONE);
            purged = command->purged;
            all += purged;
            store_command_free(command);
        }
        EXPECT(store_verify_lmdb(fixture.store, &census, NULL));
        EXPECT_EQ(census.contents, 300);
        EXPECT_EQ(census.log_blocks, before == 0 ? 600 : 0);
        EXPECT_EQ(census.usages, before == 0 ? 1 : 0);
    }
    EXPECT_EQ(all, 300 + 600 + 1);
    EXPECT_EQ(settled(&fixture), 600); /* money is not forgotten */
    fixture_close(&fixture);
}
