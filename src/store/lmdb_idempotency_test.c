#include "store/store_fixture.h"
#include "unit.h"

enum { NOW_MS = 100000, EXPIRES_MS = 900000, BUSY_MS = 150000 };

static struct store_command *on_key(enum store_kind kind, unsigned char key, uint64_t owner)
{
    struct store_command *command = store_command_new(kind);
    struct idempotency_record *record = &command->idempotency;

    memset(record->key, key, sizeof record->key);
    memset(record->fingerprint, 'f', sizeof record->fingerprint);
    record->owner = owner;
    record->expires_ms = EXPIRES_MS;
    record->busy_until_ms = BUSY_MS;
    command->now_ms = NOW_MS;
    return command;
}

/* Carried out, with what it has found. */
static struct store_command *done(struct fixture *fixture, struct store_command *command)
{
    store_wait(fixture->store, command);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    return command;
}

static bool begins(struct fixture *fixture, unsigned char key, uint64_t owner)
{
    struct store_command *command = done(fixture, on_key(STORE_IDEMPOTENCY_BEGIN, key, owner));
    bool begun = command->kept == NULL;

    store_command_free(command);
    return begun;
}

static void end(struct fixture *fixture, unsigned char key, uint64_t owner, size_t bytes)
{
    struct store_command *command = on_key(STORE_IDEMPOTENCY_END, key, owner);
    struct idempotency_header *headers = ARENA_ARRAY(&command->arena, struct idempotency_header, 1);
    char *body = arena_bytes(&command->arena, bytes);

    memset(body, 'b', bytes);
    headers[0] = (struct idempotency_header){TEXT("content-type"), TEXT("application/json")};
    command->idempotency.state = IDEMPOTENCY_ANSWERED;
    command->idempotency.status = 502;
    command->idempotency.headers = headers;
    command->idempotency.header_count = 1;
    command->idempotency.body = (struct text){body, bytes};
    EXPECT_EQ(fixture_run(fixture, command), ERROR_NONE);
}

static uint64_t purge(struct fixture *fixture, int64_t now_ms)
{
    struct store_command *command = on_key(STORE_IDEMPOTENCY_PURGE, 0, 0);
    uint64_t purged;

    command->now_ms = now_ms;
    purged = done(fixture, command)->purged;
    store_command_free(command);
    return purged;
}

/* What is under the key: a state, or -1 for nothing. */
static int state_of(struct fixture *fixture, unsigned char key, int64_t now_ms)
{
    struct store_command *command = on_key(STORE_IDEMPOTENCY_READ, key, 0);
    int state;

    command->now_ms = now_ms;
    state = done(fixture, command)->kept != NULL ? (int)command->kept->state : -1;
    store_command_free(command);
    return state;
}

static void expect_whole(struct fixture *fixture, uint64_t keys)
{
    struct store_census census;
    struct error err = {0};

    EXPECT(store_verify_lmdb(fixture->store, &census, &err));
    EXPECT_EQ(census.idempotencies, keys);
}

TEST(of_two_calls_with_a_key_one_begins_and_the_other_meets_it)
{
    struct fixture fixture;
    struct store_command *second;

    fixture_open(&fixture);
    EXPECT_EQ(state_of(&fixture, 'k', NOW_MS), -1);
    EXPECT(begins(&fixture, 'k', 1));
    second = done(&fixture, on_key(STORE_IDEMPOTENCY_BEGIN, 'k', 2));
    EXPECT(second->kept != NULL);
    EXPECT_EQ(second->kept->state, IDEMPOTENCY_OPEN);
    EXPECT_EQ(second->kept->owner, 1);
    EXPECT_EQ(second->kept->busy_until_ms, BUSY_MS);
    EXPECT(second->kept->epoch == store_epoch(fixture.store));
    store_command_free(second);
    EXPECT(begins(&fixture, 'l', 2));
    expect_whole(&fixture, 2);
    fixture_close(&fixture);
}

TEST(what_was_answered_is_met_as_it_was)
{
    struct fixture fixture;
    struct store_command *command;

    fixture_open(&fixture);
    EXPECT(begins(&fixture, 'k', 1));
    end(&fixture, 'k', 1, 100000);
    command = done(&fixture, on_key(STORE_IDEMPOTENCY_BEGIN, 'k', 2));
    EXPECT_EQ(command->kept->state, IDEMPOTENCY_ANSWERED);
    EXPECT_EQ(command->kept->status, 502);
    EXPECT_EQ(command->kept->header_count, 1);
    EXPECT_TEXT(command->kept->headers[0].value, "application/json");
    EXPECT_EQ(command->kept->body.len, 100000);
    EXPECT_EQ(command->kept->fingerprint[31], 'f');
    EXPECT_EQ(command->kept->expires_ms, EXPIRES_MS);
    store_command_free(command);
    expect_whole(&fixture, 1);
    fixture_close(&fixture);
}

TEST(only_the_call_that_began_a_key_ends_it_or_lets_go_of_it)
{
    struct fixture fixture;

    fixture_open(&fixture);
    end(&fixture, 'k', 1, 10);
    EXPECT_EQ(state_of(&fixture, 'k', NOW_MS), -1);
    EXPECT(begins(&fixture, 'k', 1));
    end(&fixture, 'k', 2, 10);
    EXPECT_EQ(fixture_run(&fixture, on_key(STORE_IDEMPOTENCY_DROP, 'k', 2)), ERROR_NONE);
    EXPECT_EQ(state_of(&fixture, 'k', NOW_MS), IDEMPOTENCY_OPEN);
    EXPECT_EQ(fixture_run(&fixture, on_key(STORE_IDEMPOTENCY_DROP, 'k', 1)), ERROR_NONE);
    EXPECT_EQ(state_of(&fixture, 'k', NOW_MS), -1);
    expect_whole(&fixture, 0);
    EXPECT(begins(&fixture, 'k', 3));
    end(&fixture, 'k', 3, 10);
    EXPECT_EQ(fixture_run(&fixture, on_key(STORE_IDEMPOTENCY_DROP, 'k', 3)), ERROR_NONE);
    EXPECT_EQ(state_of(&fixture, 'k', NOW_MS), IDEMPOTENCY_ANSWERED); /* what is over stays */
    fixture_close(&fixture);
}

TEST(what_a_process_that_ended_had_begun_is_of_another_epoch_and_nobody_ends_it)
{
    struct fixture fixture;
    struct store_command *command;

    fixture_open(&fixture);
    EXPECT(begins(&fixture, 'k', 1));
    store_close(fixture.store);
    fixture_reopen(&fixture, (size_t)256 << 20);
    command = done(&fixture, on_key(STORE_IDEMPOTENCY_BEGIN, 'k', 1));
    EXPECT(command->kept != NULL && command->kept->epoch != store_epoch(fixture.store));
    store_command_free(command);
    end(&fixture, 'k', 1, 10);
    EXPECT_EQ(state_of(&fixture, 'k', NOW_MS), IDEMPOTENCY_OPEN);
    fixture_close(&fixture);
}

TEST(a_key_is_new_again_once_it_has_expired_purged_or_not)
{
    struct fixture fixture;
    struct store_command *command;

    fixture_open(&fixture);
    EXPECT(begins(&fixture, 'k', 1));
    EXPECT(begins(&fixture, 'l', 1));
    EXPECT_EQ(state_of(&fixture, 'k', EXPIRES_MS - 1), IDEMPOTENCY_OPEN);
    EXPECT_EQ(state_of(&fixture, 'k', EXPIRES_MS), -1);
    command = on_key(STORE_IDEMPOTENCY_BEGIN, 'k', 2);
    command->now_ms = EXPIRES_MS;
    command->idempotency.expires_ms = 2 * EXPIRES_MS;
    EXPECT(done(&fixture, command)->kept == NULL);
    store_command_free(command);
    expect_whole(&fixture, 2);
    EXPECT_EQ(purge(&fixture, EXPIRES_MS), 0);
    EXPECT_EQ(purge(&fixture, EXPIRES_MS + 1), 1);
    expect_whole(&fixture, 1);
    EXPECT_EQ(state_of(&fixture, 'k', EXPIRES_MS), IDEMPOTENCY_OPEN);
    fixture_close(&fixture);
}

/* Asks for many at once, which share their commits. */
static void begin_many(struct fixture *fixture, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct store_command *command = on_key(STORE_IDEMPOTENCY_BEGIN, 0, 7);

        memcpy(command->idempotency.key, &i, sizeof i);
        command->done = store_command_free;
        store_submit(fixture->store, command);
    }
    EXPECT(begins(fixture, 'z', 7)); /* behind all of them */
}

TEST(a_purge_takes_a_bounded_batch)
{
    struct fixture fixture;
    uint64_t rounds = 0, purged = 0, batch;

    fixture_open(&fixture);
    begin_many(&fixture, 599);
    expect_whole(&fixture, 600);
    while ((batch = purge(&fixture, EXPIRES_MS + 1)) > 0) {
        EXPECT(batch <= 256);
        purged += batch;
        rounds++;
    }
    EXPECT_EQ(purged, 600);
    EXPECT_EQ(rounds, 3);
    expect_whole(&fixture, 0);
    fixture_close(&fixture);
}

TEST(a_store_that_is_full_begins_no_key_and_still_ends_what_was_begun)
{
    struct fixture fixture;
    enum error_code code = ERROR_NONE;

    fixture_make_folder(&fixture);
    fixture_reopen(&fixture, (size_t)8 << 20);
    EXPECT(begins(&fixture, 'k', 7));
    for (unsigned session = 0; code == ERROR_NONE; session++) /* up to 90 % */
        code = fixture_run(&fixture, fixture_append(session, 0, 2, 250000));
    EXPECT_EQ(code, ERROR_STORAGE_FULL);
    code = ERROR_NONE;
    for (unsigned char key = 0; code == ERROR_NONE; key++) { /* and up to 95 % */
        code = fixture_run(&fixture, on_key(STORE_IDEMPOTENCY_BEGIN, key, 7));
        if (code == ERROR_NONE)
            end(&fixture, key, 7, 100000);
    }
    EXPECT_EQ(code, ERROR_STORAGE_FULL);
    end(&fixture, 'k', 7, 50000);
    EXPECT_EQ(state_of(&fixture, 'k', NOW_MS), IDEMPOTENCY_ANSWERED);
    fixture_close(&fixture);
}
