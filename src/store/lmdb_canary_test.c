#include "store/store_fixture.h"

#include "unit.h"

static struct store_command *order(enum store_kind kind, const char *endpoint, unsigned digest)
{
    struct store_command *command = store_command_new(kind);

    command->canary = (struct canary_record){.endpoint = text_of(endpoint),
                                             .rule = TEXT("canary"),
                                             .off_ms = 1000 + digest,
                                             .why = CANARY_REFUSED,
                                             .taken = {50, 9, 50, 100}};
    memcpy(command->canary.digest, &digest, sizeof digest);
    return command;
}

static enum error_code run(struct fixture *fixture, enum store_kind kind, const char *endpoint,
                           unsigned digest)
{
    return fixture_run(fixture, order(kind, endpoint, digest));
}

static size_t count(struct fixture *fixture)
{
    struct store_command *command = store_command_new(STORE_CANARY_LIST);
    struct store_census census;
    size_t found;

    store_wait(fixture->store, command);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    found = command->canary_count;
    store_command_free(command);
    EXPECT(store_verify_lmdb(fixture->store, &census, NULL));
    EXPECT_EQ(census.canaries, found);
    return found;
}

TEST(a_rule_that_was_switched_off_is_so_after_a_restart_until_it_is_armed_again)
{
    struct fixture fixture;

    fixture_open(&fixture);
    EXPECT_EQ(count(&fixture), 0);
    EXPECT_EQ(run(&fixture, STORE_CANARY_OFF, "sum", 1), ERROR_NONE);
    EXPECT_EQ(run(&fixture, STORE_CANARY_OFF, "sum", 2), ERROR_NONE);
    EXPECT_EQ(run(&fixture, STORE_CANARY_OFF, "other", 1), ERROR_NONE);
    EXPECT_EQ(run(&fixture, STORE_CANARY_OFF, "sum", 1), ERROR_NONE);
    store_close(fixture.store);
    fixture_reopen(&fixture, (size_t)256 << 20);
    EXPECT_EQ(count(&fixture), 3);
    EXPECT_EQ(run(&fixture, STORE_CANARY_REARM, "sum", 1), ERROR_NONE);
    EXPECT_EQ(run(&fixture, STORE_CANARY_REARM, "sum", 1), ERROR_NONE);
    EXPECT_EQ(count(&fixture), 2);
    fixture_close(&fixture);
}

TEST(of_too_many_rules_that_are_off_the_oldest_is_forgotten)
{
    struct fixture fixture;
    struct store_command *command = store_command_new(STORE_CANARY_LIST);

    fixture_open(&fixture);
    for (unsigned i = 0; i <= STORE_CANARIES_MAX; i++)
        EXPECT_EQ(run(&fixture, STORE_CANARY_OFF, "sum", i), ERROR_NONE);
    EXPECT_EQ(count(&fixture), STORE_CANARIES_MAX);
    store_wait(fixture.store, command);
    for (size_t i = 0; i < command->canary_count; i++)
        EXPECT(command->canaries[i].off_ms != 1000);
    store_command_free(command);
    EXPECT_EQ(run(&fixture, STORE_CANARY_OFF, "", 1), ERROR_INVALID_REQUEST);
    fixture_close(&fixture);
}
