#include "store/store_fixture.h"

#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

static const size_t usual_map = (size_t)256 << 20;

TEST(a_new_store_is_a_private_folder_that_opens_again)
{
    struct fixture fixture;
    struct store_census census;
    struct stat stat_of;
    char path[128];

    fixture_make_folder(&fixture);
    rmdir(fixture.folder);
    fixture_reopen(&fixture, usual_map);
    EXPECT_EQ(stat(fixture.folder, &stat_of), 0);
    EXPECT_EQ(stat_of.st_mode & 0777, 0700);
    fixture_path(&fixture, "data.mdb", path);
    EXPECT_EQ(stat(path, &stat_of), 0);
    EXPECT_EQ(stat_of.st_mode & 0777, 0600);
    EXPECT(store_stats(fixture.store).usable);
    EXPECT_EQ(store_stats(fixture.store).map_bytes, usual_map);
    store_close(fixture.store);
    fixture_reopen(&fixture, usual_map);
    EXPECT(store_verify_lmdb(fixture.store, &census, NULL));
    fixture_close(&fixture);
}

TEST(tokens_are_put_replaced_and_listed)
{
    struct fixture fixture;
    struct store_command *command;
    struct text scopes[] = {TEXT("summarize"), TEXT("chat-*")};

    fixture_open(&fixture);
    for (unsigned i = 0; i < 3; i++) {
        command = store_command_new(STORE_TOKEN_PUT);
        command->token = (struct token_record){.id = fixture_id(&command->arena, "tok_", i % 2),
                                               .name = TEXT("job"),
                                               .hint = TEXT("abcd"),
                                               .scopes = scopes,
                                               .scope_count = 2,
                                               .created_ms = 10 + i,
                                               .revoked_ms = i == 2 ? 99 : 0};
        EXPECT_EQ(fixture_run(&fixture, command), ERROR_NONE);
    }
    command = store_command_new(STORE_TOKEN_LIST);
    store_wait(fixture.store, command);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    EXPECT_EQ(command->token_count, 2);
    EXPECT_EQ(command->tokens[0].revoked_ms, 99);
    EXPECT_EQ(command->tokens[0].created_ms, 12);
    EXPECT_EQ(command->tokens[1].revoked_ms, 0);
    EXPECT_TEXT(command->tokens[1].scopes[1], "chat-*");
    store_command_free(command);
    fixture_close(&fixture);
}

TEST(a_token_without_id_or_with_too_many_scopes_is_refused)
{
    struct fixture fixture;
    struct store_command *command = store_command_new(STORE_TOKEN_PUT);

    fixture_open(&fixture);
    EXPECT_EQ(fixture_run(&fixture, command), ERROR_INVALID_REQUEST);
    command = store_command_new(STORE_TOKEN_PUT);
    command->token.id = TEXT("tok_1");
    command->token.scope_count = RECORD_SCOPES_MAX + 1;
    EXPECT_EQ(fixture_run(&fixture, command), ERROR_INVALID_REQUEST);
    fixture_close(&fixture);
}

TEST(a_session_is_read_back_turn_by_turn_also_after_reopening)
{
    struct fixture fixture;
    struct store_command *read;

    fixture_open(&fixture);
    EXPECT_EQ(fixture_run(&fixture, fixture_append(7, 0, 2, 5)), ERROR_NONE);
    EXPECT_EQ(fixture_run(&fixture, fixture_append(7, 1, 2, 9000)), ERROR_NONE);
    for (int round = 0; round < 2; round++) {
        read = fixture_on_session(STORE_SESSION_READ, 7);
        store_wait(fixture.store, read);
        EXPECT_EQ(read->error.code, ERROR_NONE);
        EXPECT_EQ(read->session.revision, 2);
        EXPECT_EQ(read->session.message_count, 4);
        EXPECT_TEXT(read->session.messages[0].text, "aaaaa");
        EXPECT_EQ(read->session.messages[3].role, CHAT_ASSISTANT);
        EXPECT_EQ(read->session.messages[3].text.len, 9000);
        EXPECT_EQ(read->session.messages[3].text.at[8999], 'b');
        EXPECT_EQ(read->session.created_ms, 1000);
        EXPECT_EQ(read->session.expires_ms, 5007);
        EXPECT_TEXT(read->session.endpoint, "summarize");
        EXPECT_TEXT(read->session.token_id, "tok_1");
        store_command_free(read);
        store_close(fixture.store);
        fixture_reopen(&fixture, usual_map);
    }
    fixture_close(&fixture);
}

TEST(an_append_on_an_old_revision_is_busy_and_changes_nothing)
{
    struct fixture fixture;
    struct store_census census;

    fixture_open(&fixture);
    EXPECT_EQ(fixture_run(&fixture, fixture_append(1, 0, 2, 5)), ERROR_NONE);
    EXPECT_EQ(fixture_run(&fixture, fixture_append(1, 0, 2, 5)), ERROR_SESSION_BUSY);
    EXPECT_EQ(fixture_run(&fixture, fixture_append(1, 2, 2, 5)), ERROR_SESSION_BUSY);
    EXPECT_EQ(fixture_run(&fixture, fixture_append(2, 4, 2, 5)), ERROR_SESSION_NOT_FOUND);
    EXPECT(store_verify_lmdb(fixture.store, &census, NULL));
    EXPECT_EQ(census.sessions, 1);
    EXPECT_EQ(census.messages, 2);
    fixture_close(&fixture);
}

TEST(the_oldest_messages_beyond_those_to_keep_are_dropped)
{
    struct fixture fixture;
    struct store_census census;
    struct store_command *command;
    struct error err = {0};

    fixture_open(&fixture);
    for (uint64_t revision = 0; revision < 5; revision++) {
        command = fixture_append(1, revision, 2, 10);
        command->keep_messages = 3;
        EXPECT_EQ(fixture_run(&fixture, command), ERROR_NONE);
    }
    command = fixture_on_session(STORE_SESSION_READ, 1);
    store_wait(fixture.store, command);
    EXPECT_EQ(command->session.message_count, 3);
    EXPECT_EQ(command->session.messages[0].role, CHAT_ASSISTANT);
    EXPECT_EQ(command->session.messages[0].text.at[0], 'd');
    EXPECT_EQ(command->session.messages[2].text.at[0], 'e');
    store_command_free(command);
    command = fixture_append(1, 5, 8, 10);
    command->keep_messages = 3;
    EXPECT_EQ(fixture_run(&fixture, command), ERROR_NONE);
    EXPECT(store_verify_lmdb(fixture.store, &census, &err));
    EXPECT_EQ(census.messages, 3);
    fixture_close(&fixture);
}

TEST(a_session_holds_only_so_many_messages_and_bytes)
{
    struct fixture fixture;

    fixture_open(&fixture);
    EXPECT_EQ(fixture_run(&fixture, fixture_append(1, 0, RECORD_SESSION_MESSAGES_MAX, 1)),
              ERROR_NONE);
    EXPECT_EQ(fixture_run(&fixture, fixture_append(1, 1, 1, 1)), ERROR_SESSION_FULL);
    EXPECT_EQ(fixture_run(&fixture, fixture_append(2, 0, 2, 33 << 20)), ERROR_SESSION_FULL);
    EXPECT_EQ(fixture_run(&fixture, fixture_append(2, 0, 1, 33 << 20)), ERROR_NONE);
    fixture_close(&fixture);
}

TEST(a_deleted_session_is_gone_with_its_messages_and_expiry)
{
    struct fixture fixture;
    struct store_census census;

    fixture_open(&fixture);
    for (unsigned session = 1; session <= 3; session++)
        EXPECT_EQ(fixture_run(&fixture, fixture_append(session, 0, 4, 3000)), ERROR_NONE);
    EXPECT_EQ(fixture_run(&fixture, fixture_on_session(STORE_SESSION_DELETE, 2)), ERROR_NONE);
    EXPECT_EQ(fixture_run(&fixture, fixture_on_session(STORE_SESSION_DELETE, 2)),
              ERROR_SESSION_NOT_FOUND);
    EXPECT_EQ(fixture_run(&fixture, fixture_on_session(STORE_SESSION_READ, 2)),
              ERROR_SESSION_NOT_FOUND);
    EXPECT_EQ(fixture_run(&fixture, fixture_on_session(STORE_SESSION_READ, 3)), ERROR_NONE);
    EXPECT(store_verify_lmdb(fixture.store, &census, NULL));
    EXPECT_EQ(census.sessions, 2);
    EXPECT_EQ(census.messages, 8);
    EXPECT_EQ(census.expiries, 2);
    fixture_close(&fixture);
}

TEST(an_id_of_another_length_is_only_unknown)
{
    static const char *const ids[] = {"", "ses_1", "ses_0000000000000000000000000000000000001"};
    struct fixture fixture;

    fixture_open(&fixture);
    for (size_t i = 0; i < 3; i++) {
        struct store_command *command = fixture_append(1, 0, 1, 1);

        command->session.id = text_of(ids[i]);
        EXPECT_EQ(fixture_run(&fixture, command), ERROR_SESSION_NOT_FOUND);
        command = store_command_new(STORE_SESSION_READ);
        command->session.id = text_of(ids[i]);
        EXPECT_EQ(fixture_run(&fixture, command), ERROR_SESSION_NOT_FOUND);
        command = store_command_new(STORE_SESSION_DELETE);
        command->session.id = text_of(ids[i]);
        EXPECT_EQ(fixture_run(&fixture, command), ERROR_SESSION_NOT_FOUND);
    }
    fixture_close(&fixture);
}

static uint64_t purge(struct fixture *fixture, int64_t now_ms)
{
    struct store_command *command = store_command_new(STORE_SESSION_PURGE);
    uint64_t purged;

    command->now_ms = now_ms;
    store_wait(fixture->store, command);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    purged = command->purged;
    store_command_free(command);
    return purged;
}

TEST(a_purge_takes_what_expired_before_and_nothing_else)
{
    struct fixture fixture;
    struct store_census census;

    fixture_open(&fixture);
    for (unsigned session = 1; session <= 6; session++)
        EXPECT_EQ(fixture_run(&fixture, fixture_append(session, 0, 2, 10)), ERROR_NONE);
    EXPECT_EQ(purge(&fixture, 5003), 2);
    EXPECT_EQ(purge(&fixture, 5003), 0);
    EXPECT_EQ(fixture_run(&fixture, fixture_on_session(STORE_SESSION_READ, 3)), ERROR_NONE);
    EXPECT(store_verify_lmdb(fixture.store, &census, NULL));
    EXPECT_EQ(census.sessions, 4);
    fixture_close(&fixture);
}

TEST(a_purge_is_bounded_and_the_next_goes_on)
{
    struct fixture fixture;
    struct store_census census;
    uint64_t first;

    fixture_open(&fixture);
    for (unsigned session = 1; session <= 8; session++)
        EXPECT_EQ(fixture_run(&fixture, fixture_append(session, 0, 300, 10)), ERROR_NONE);
    first = purge(&fixture, INT64_MAX);
    EXPECT(first > 0 && first < 8);
    while (first < 8)
        first += purge(&fixture, INT64_MAX);
    EXPECT(store_verify_lmdb(fixture.store, &census, NULL));
    EXPECT_EQ(census.sessions + census.messages + census.expiries, 0);
    fixture_close(&fixture);
}

TEST(a_session_that_never_expires_is_never_purged)
{
    struct fixture fixture;
    struct store_command *command = fixture_append(1, 0, 1, 1);

    fixture_open(&fixture);
    command->session.expires_ms = 0;
    EXPECT_EQ(fixture_run(&fixture, command), ERROR_NONE);
    EXPECT_EQ(purge(&fixture, INT64_MAX), 0);
    EXPECT_EQ(fixture_run(&fixture, fixture_on_session(STORE_SESSION_READ, 1)), ERROR_NONE);
    fixture_close(&fixture);
}

TEST(a_second_process_is_told_who_has_the_store)
{
    struct fixture fixture;
    struct error err = {0};
    char expected[64];
    int status;
    pid_t child;

    fixture_open(&fixture);
    snprintf(expected, sizeof expected, "the store is in use by process %ld", (long)getpid());
    child = fork();
    if (child == 0) {
        struct store *second = store_open_lmdb(text_of(fixture.folder), &err);

        _exit(second == NULL && err.code == ERROR_STORAGE_ERROR &&
                      strcmp(err.message, expected) == 0
                  ? 0
                  : 1);
    }
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    EXPECT(store_open_lmdb(text_of(fixture.folder), &err) == NULL);
    EXPECT_STR(err.message, expected);
    EXPECT_STR(err.at, fixture.folder);
    EXPECT_EQ(fixture_run(&fixture, fixture_append(1, 0, 1, 1)), ERROR_NONE);
    fixture_close(&fixture);
}

TEST(a_store_that_cannot_be_made_says_where)
{
    struct error err = {0};

    EXPECT(store_open_lmdb(TEXT("/proc/no/such"), &err) == NULL);
    EXPECT_EQ(err.code, ERROR_STORAGE_ERROR);
    EXPECT_STR(err.at, "/proc/no/such");
}

TEST(a_file_that_is_no_store_is_refused)
{
    struct fixture fixture;
    struct error err = {0};
    char path[128], junk[8192];
    int fd;

    fixture_make_folder(&fixture);
    fixture_path(&fixture, "data.mdb", path);
    memset(junk, 'x', sizeof junk);
    fd = open(path, O_WRONLY | O_CREAT, 0600);
    EXPECT_EQ(write(fd, junk, sizeof junk), sizeof junk);
    close(fd);
    EXPECT(store_open_lmdb(text_of(fixture.folder), &err) == NULL);
    EXPECT_EQ(err.code, ERROR_RECORD_DAMAGED);
    fixture_remove(&fixture);
}
