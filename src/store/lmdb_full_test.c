/* A store that has reached its greatest size. */
#include "store/store_fixture.h"

#include "unit.h"

static const size_t small_map = (size_t)8 << 20;

static unsigned fill(struct fixture *fixture)
{
    unsigned session = 0;

    for (;;) {
        enum error_code code = fixture_run(fixture, fixture_append(session, 0, 2, 20000));

        if (code == ERROR_STORAGE_FULL)
            return session;
        EXPECT_EQ(code, ERROR_NONE);
        session++;
    }
}

TEST(a_full_store_refuses_additions_reads_on_and_recovers_after_deletes)
{
    struct fixture fixture;
    struct store_census census;
    unsigned count, refilled;

    fixture_make_folder(&fixture);
    fixture_reopen(&fixture, small_map);
    count = fill(&fixture);
    EXPECT(count > 50);
    EXPECT(store_stats(fixture.store).usable);
    EXPECT_EQ(fixture_run(&fixture, fixture_on_session(STORE_SESSION_READ, 0)), ERROR_NONE);
    for (unsigned session = 0; session < count; session++)
        EXPECT_EQ(fixture_run(&fixture, fixture_on_session(STORE_SESSION_DELETE, session)),
                  ERROR_NONE);
    EXPECT(store_verify_lmdb(fixture.store, &census, NULL));
    EXPECT_EQ(census.sessions, 0);
    refilled = fill(&fixture);
    EXPECT(refilled > count / 2);
    EXPECT(store_verify_lmdb(fixture.store, &census, NULL));
    EXPECT_EQ(census.sessions, refilled);
    fixture_close(&fixture);
}

TEST(turns_of_known_sessions_still_fit_where_new_sessions_do_not)
{
    struct fixture fixture;
    struct store_census census;
    uint64_t revision = 1;
    enum error_code code;

    fixture_make_folder(&fixture);
    fixture_reopen(&fixture, small_map);
    fill(&fixture);
    while ((code = fixture_run(&fixture, fixture_append(0, revision, 2, 3000))) == ERROR_NONE)
        revision++;
    EXPECT_EQ(code, ERROR_STORAGE_FULL);
    EXPECT(revision > 10);
    EXPECT_EQ(fixture_run(&fixture, fixture_on_session(STORE_SESSION_DELETE, 1)), ERROR_NONE);
    EXPECT(store_verify_lmdb(fixture.store, &census, NULL));
    fixture_close(&fixture);
}

TEST(a_token_can_be_revoked_in_a_full_store)
{
    struct fixture fixture;
    struct store_command *command;

    fixture_make_folder(&fixture);
    fixture_reopen(&fixture, small_map);
    for (int round = 0; round < 2; round++) {
        command = store_command_new(STORE_TOKEN_PUT);
        command->token = (struct token_record){.id = TEXT("tok_1"), .revoked_ms = round};
        EXPECT_EQ(fixture_run(&fixture, command), ERROR_NONE);
        if (round == 0)
            fill(&fixture);
    }
    fixture_close(&fixture);
}

static struct store_command *act_on_token(const char *id, int64_t revoked_ms)
{
    struct store_command *command = store_command_new(STORE_TOKEN_PUT);
    const struct audit_event event = {
        .action = revoked_ms != 0 ? AUDIT_TOKEN_REVOKE : AUDIT_TOKEN_CREATE, .object = text_of(id)};

    command->token = (struct token_record){.id = text_of(id), .revoked_ms = revoked_ms};
    command->audit = audit_event_copy(&command->arena, &event);
    return command;
}

TEST(in_a_full_store_what_adds_is_neither_done_nor_recorded_and_a_revocation_is_both)
{
    struct fixture fixture;
    struct store_census census;
    struct store_command *append;
    unsigned known = 1;

    fixture_make_folder(&fixture);
    fixture_reopen(&fixture, small_map);
    EXPECT_EQ(fixture_run(&fixture, act_on_token("tok_1", 0)), ERROR_NONE);
    fill(&fixture);
    while (fixture_run(&fixture, fixture_append(0, known, 2, 3000)) == ERROR_NONE)
        known++;
    EXPECT_EQ(fixture_run(&fixture, act_on_token("tok_2", 0)), ERROR_STORAGE_FULL);
    append = store_command_new(STORE_AUDIT_APPEND);
    append->audit =
        audit_event_copy(&append->arena, &(struct audit_event){.action = AUDIT_PROCESS_START});
    EXPECT_EQ(fixture_run(&fixture, append), ERROR_STORAGE_FULL);
    EXPECT_EQ(fixture_run(&fixture, act_on_token("tok_1", 7)), ERROR_NONE);
    EXPECT(store_verify_lmdb(fixture.store, &census, NULL));
    EXPECT_EQ(census.audit_records, 2);
    EXPECT_EQ(census.tokens, 1);
    fixture_close(&fixture);
}

static size_t codes[ERROR_CODE_COUNT], waiting;

static void note(struct store_command *command)
{
    waiting--;
    codes[command->error.code]++;
    store_command_free(command);
}

static void submit(struct fixture *fixture, struct loop *loop, struct store_command *command)
{
    command->loop = loop;
    command->done = note;
    waiting++;
    store_submit(fixture->store, command);
}

TEST(in_one_group_only_those_fail_that_do_not_fit)
{
    struct fixture fixture;
    struct loop *loop = loop_open();
    struct store_census census;

    fixture_make_folder(&fixture);
    fixture_reopen(&fixture, small_map);
    for (unsigned session = 0; session < 100; session++)
        submit(&fixture, loop,
               fixture_append(session, 0, 1, session % 10 == 9 ? (size_t)9 << 20 : 100));
    while (waiting > 0)
        loop_turn(loop, 1000);
    EXPECT_EQ(codes[ERROR_STORAGE_FULL], 10);
    EXPECT_EQ(codes[ERROR_NONE], 90);
    EXPECT(store_verify_lmdb(fixture.store, &census, NULL));
    EXPECT_EQ(census.sessions, 90);
    fixture_close(&fixture);
    loop_close(loop);
}
