#include "store/store_fixture.h"

#include "unit.h"

static const char *const account = "endpoint/summarize/2026-11";

static struct budget_order run(struct fixture *fixture, enum store_kind kind, const char *key,
                               int64_t need, int64_t want, int64_t limit)
{
    struct store_command *command = store_command_new(kind);
    struct budget_order order = {.key = text_of(key), .need = need, .want = want, .limit = limit};

    command->orders = ARENA_NEW(&command->arena, struct budget_order);
    command->order_count = 1;
    *command->orders = order;
    store_wait(fixture->store, command);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    order = *command->orders;
    store_command_free(command);
    return order;
}

static struct budget_order lease(struct fixture *fixture, const char *key, int64_t need,
                                 int64_t want, int64_t limit)
{
    return run(fixture, STORE_BUDGET_LEASE, key, need, want, limit);
}

static struct store_command *recover(struct fixture *fixture, int64_t now_ms)
{
    struct store_command *command = store_command_new(STORE_BUDGET_RECOVER);

    command->now_ms = now_ms;
    store_wait(fixture->store, command);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    return command;
}

static void expect_whole(struct fixture *fixture, uint64_t budgets, uint64_t leases)
{
    struct store_census census;
    struct error err = {0};

    EXPECT(store_verify_lmdb(fixture->store, &census, &err));
    EXPECT_EQ(census.budgets, budgets);
    EXPECT_EQ(census.leases, leases);
}

TEST(leases_together_never_pass_the_limit)
{
    struct fixture fixture;

    fixture_open(&fixture);
    EXPECT_EQ(lease(&fixture, account, 10, 60, 100).granted, 60);
    EXPECT_EQ(lease(&fixture, account, 10, 60, 100).granted, 40); /* what is left of it */
    EXPECT_EQ(lease(&fixture, account, 1, 60, 100).granted, 0);
    EXPECT_EQ(lease(&fixture, account, 0, 60, 100).granted, 0);
    EXPECT_EQ(lease(&fixture, account, 11, 60, 110).granted, 0);  /* less than is of use */
    EXPECT_EQ(lease(&fixture, account, 10, 60, 110).granted, 10); /* the limit was raised */
    EXPECT_EQ(lease(&fixture, account, 10, 60, 50).granted, 0);   /* ... and lowered */
    EXPECT_EQ(lease(&fixture, account, 10, 60, STORE_BUDGET_UNLIMITED).record.open, 170);
    expect_whole(&fixture, 1, 1);
    fixture_close(&fixture);
}

TEST(what_is_given_back_can_be_leased_again)
{
    struct fixture fixture;

    fixture_open(&fixture);
    EXPECT_EQ(lease(&fixture, account, 100, 100, 100).granted, 100);
    run(&fixture, STORE_BUDGET_RETURN, account, 30, 30, 0);
    expect_whole(&fixture, 1, 1);
    EXPECT_EQ(lease(&fixture, account, 31, 31, 100).granted, 0);
    EXPECT_EQ(lease(&fixture, account, 30, 30, 100).granted, 30);
    run(&fixture, STORE_BUDGET_RETURN, account, 100, 100, 0);
    expect_whole(&fixture, 1, 0);
    fixture_close(&fixture);
}

TEST(what_a_dead_process_had_leased_is_counted_as_spent_and_listed_once)
{
    struct fixture fixture;
    struct store_command *found;

    fixture_open(&fixture);
    lease(&fixture, account, 70, 70, 100);
    lease(&fixture, "organisation/2026-11", 5, 5, STORE_BUDGET_UNLIMITED);
    lease(&fixture, "token/tok_1/2026-11", 5, 5, 10);
    run(&fixture, STORE_BUDGET_RETURN, "token/tok_1/2026-11", 5, 5, 0);
    store_close(fixture.store);
    fixture_reopen(&fixture, (size_t)256 << 20);

    found = recover(&fixture, 1234);
    EXPECT_EQ(found->budget_count, 2);
    EXPECT_TEXT(found->budgets[0].key, account);
    EXPECT_EQ(found->budgets[0].open, 70);
    EXPECT_TEXT(found->budgets[1].key, "organisation/2026-11");
    store_command_free(found);
    found = recover(&fixture, 2345);
    EXPECT_EQ(found->budget_count, 0);
    store_command_free(found);
    expect_whole(&fixture, 3, 0);

    EXPECT_EQ(lease(&fixture, account, 31, 31, 100).granted, 0);
    EXPECT_EQ(lease(&fixture, account, 30, 30, 100).granted, 30);
    EXPECT_EQ(lease(&fixture, account, 0, 0, 100).record.recovered, 70);
    EXPECT_EQ(lease(&fixture, account, 0, 0, 100).record.recovered_ms, 1234);
    fixture_close(&fixture);
}

static size_t purge(struct fixture *fixture)
{
    size_t purged = 0;
    bool more = true;
    struct arena arena = {0};
    struct text after = {0};

    while (more) {
        struct store_command *command = store_command_new(STORE_BUDGET_PURGE);

        command->prefix = TEXT("organisation/");
        command->after = after;
        store_wait(fixture->store, command);
        EXPECT_EQ(command->error.code, ERROR_NONE);
        purged += command->purged;
        more = command->more;
        after = arena_copy(&arena, command->last);
        store_command_free(command);
    }
    arena_release(&arena);
    return purged;
}

TEST(budgets_of_periods_long_over_go_whatever_the_clock_says)
{
    struct fixture fixture;
    char key[64];

    fixture_open(&fixture);
    for (unsigned i = 0; i < 450; i++) {
        snprintf(key, sizeof key, "endpoint/e%u/2025-%02u", i, 1 + i % 2);
        lease(&fixture, key, 1, 1, 100);
    }
    EXPECT_EQ(purge(&fixture), 0); /* nobody has spent anything later */
    lease(&fixture, "organisation/2026-02-28", 1, 1, 100);
    EXPECT_EQ(purge(&fixture), 0);
    lease(&fixture, "organisation/2026-03", 1, 1, 100);
    lease(&fixture, "token/tok_1/2025-01-31", 1, 1, 100);
    lease(&fixture, "token/tok_1/2025-02-01", 1, 1, 100);
    EXPECT_EQ(purge(&fixture), 226);
    EXPECT_EQ(purge(&fixture), 0);
    expect_whole(&fixture, 228, 228);
    fixture_close(&fixture);
}

TEST(budgets_are_listed_by_key_in_pages)
{
    struct fixture fixture;
    struct store_command *command;
    char key[64];

    fixture_open(&fixture);
    for (unsigned i = 0; i < 5; i++) {
        snprintf(key, sizeof key, "token/tok_%u/2026-11", i);
        lease(&fixture, key, 1 + i, 1 + i, 100);
    }
    lease(&fixture, "zebra/2026-11", 1, 1, 100);
    command = store_command_new(STORE_BUDGET_LIST);
    command->prefix = TEXT("token/");
    command->after = TEXT("token/tok_1/2026-11");
    command->most = 2;
    store_wait(fixture.store, command);
    EXPECT_EQ(command->budget_count, 2);
    EXPECT(command->more);
    EXPECT_TEXT(command->budgets[0].key, "token/tok_2/2026-11");
    EXPECT_EQ(command->budgets[1].open, 4);
    command->after = command->budgets[1].key;
    store_wait(fixture.store, command);
    EXPECT_EQ(command->budget_count, 1);
    EXPECT(!command->more);
    EXPECT_TEXT(command->budgets[0].key, "token/tok_4/2026-11");
    store_command_free(command);
    fixture_close(&fixture);
}

TEST(an_order_that_makes_no_sense_is_refused_and_changes_nothing)
{
    struct fixture fixture;
    struct store_command *command;

    fixture_open(&fixture);
    command = store_command_new(STORE_BUDGET_LEASE);
    command->orders = ARENA_ARRAY(&command->arena, struct budget_order, 2);
    command->order_count = 2;
    command->orders[0] =
        (struct budget_order){.key = text_of(account), .need = 1, .want = 1, .limit = 100};
    command->orders[1] =
        (struct budget_order){.key = text_of(account), .need = 2, .want = 1, .limit = 100};
    store_wait(fixture.store, command);
    EXPECT_EQ(command->error.code, ERROR_INVALID_REQUEST);
    store_command_free(command);
    expect_whole(&fixture, 0, 0);
    fixture_close(&fixture);
}
