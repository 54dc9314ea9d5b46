#include "store/store_fixture.h"

#include "unit.h"

static enum error_code put(struct fixture *fixture, const char *name, const char *sealed,
                           const char *replaces)
{
    struct store_command *command = store_command_new(STORE_SECRET_PUT);

    command->secret = (struct secret_record){
        .name = text_of(name), .key_id = TEXT("mk_1"), .sealed = text_of(sealed), .created_ms = 7};
    command->replaces = text_of(replaces);
    return fixture_run(fixture, command);
}

static enum error_code remove_secret(struct fixture *fixture, const char *name)
{
    struct store_command *command = store_command_new(STORE_SECRET_DELETE);

    command->secret.name = text_of(name);
    return fixture_run(fixture, command);
}

TEST(secrets_are_put_replaced_listed_by_name_and_deleted)
{
    struct fixture fixture;
    struct store_command *command;
    struct store_census census;

    fixture_open(&fixture);
    EXPECT_EQ(put(&fixture, "openai", "one", NULL), ERROR_NONE);
    EXPECT_EQ(put(&fixture, "mistral", "two", NULL), ERROR_NONE);
    EXPECT_EQ(put(&fixture, "openai", "three", NULL), ERROR_NONE);
    command = store_command_new(STORE_SECRET_LIST);
    store_wait(fixture.store, command);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    EXPECT_EQ(command->secret_count, 2);
    EXPECT_TEXT(command->secrets[0].name, "mistral");
    EXPECT_TEXT(command->secrets[1].sealed, "three");
    EXPECT_TEXT(command->secrets[1].key_id, "mk_1");
    EXPECT_EQ(command->secrets[1].created_ms, 7);
    store_command_free(command);
    EXPECT(store_verify_lmdb(fixture.store, &census, NULL));
    EXPECT_EQ(census.secrets, 2);
    EXPECT_EQ(remove_secret(&fixture, "openai"), ERROR_NONE);
    EXPECT_EQ(remove_secret(&fixture, "openai"), ERROR_SECRET_NOT_FOUND);
    EXPECT_EQ(remove_secret(&fixture, ""), ERROR_SECRET_NOT_FOUND);
    fixture_close(&fixture);
}

TEST(a_put_that_replaces_what_is_no_longer_there_changes_nothing)
{
    struct fixture fixture;

    fixture_open(&fixture);
    EXPECT_EQ(put(&fixture, "openai", "one", "zero"), ERROR_SECRET_NOT_FOUND);
    EXPECT_EQ(put(&fixture, "openai", "one", NULL), ERROR_NONE);
    EXPECT_EQ(put(&fixture, "openai", "two", "zero"), ERROR_SECRET_NOT_FOUND);
    EXPECT_EQ(put(&fixture, "openai", "two", "one"), ERROR_NONE);
    EXPECT_EQ(put(&fixture, "openai", "three", "two"), ERROR_NONE);
    fixture_close(&fixture);
}

TEST(a_secret_without_a_name_or_a_value_and_one_too_many_are_refused)
{
    struct fixture fixture;
    char name[16];

    fixture_open(&fixture);
    EXPECT_EQ(put(&fixture, "", "one", NULL), ERROR_INVALID_REQUEST);
    EXPECT_EQ(put(&fixture, "openai", "", NULL), ERROR_INVALID_REQUEST);
    for (unsigned i = 0; i < STORE_SECRETS_MAX; i++) {
        snprintf(name, sizeof name, "s%u", i);
        EXPECT_EQ(put(&fixture, name, "x", NULL), ERROR_NONE);
    }
    EXPECT_EQ(put(&fixture, "last", "x", NULL), ERROR_STORAGE_FULL);
    EXPECT_EQ(put(&fixture, "s0", "y", NULL), ERROR_NONE);
    fixture_close(&fixture);
}

/* Gives the command, with what it found. */
static struct store_command *peek(const struct fixture *fixture, bool there)
{
    struct store_command *command = store_command_new(STORE_SECRET_LIST);

    EXPECT_EQ(store_peek(text_of(fixture->folder), command), there);
    return command;
}

TEST(secrets_are_read_from_beside_a_store_without_a_trace)
{
    struct fixture fixture;
    struct store_command *command;

    fixture_make_folder(&fixture);
    command = peek(&fixture, false);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    store_command_free(command);
    EXPECT_EQ(rmdir(fixture.folder), 0); /* nothing was made in it */
    fixture_open(&fixture);
    EXPECT_EQ(put(&fixture, "openai", "one", NULL), ERROR_NONE);
    store_close(fixture.store);
    command = peek(&fixture, true);
    EXPECT_EQ(command->secret_count, 1);
    EXPECT_TEXT(command->secrets[0].sealed, "one");
    store_command_free(command);
    fixture_reopen(&fixture, (size_t)256 << 20);
    fixture_close(&fixture);
}

TEST(a_store_cut_short_is_refused_from_beside_and_does_not_end_the_process)
{
    struct fixture fixture;
    struct store_command *command;
    char path[128];

    fixture_open(&fixture);
    for (int i = 0; i < 20; i++)
        EXPECT_EQ(put(&fixture, "openai", i % 2 ? "one" : "two", NULL), ERROR_NONE);
    store_close(fixture.store);
    fixture_path(&fixture, "data.mdb", path);
    EXPECT_EQ(truncate(path, 8192), 0);
    command = peek(&fixture, true);
    EXPECT_EQ(command->error.code, ERROR_RECORD_DAMAGED);
    store_command_free(command);
    fixture_remove(&fixture);
}
