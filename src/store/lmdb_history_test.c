#include "store/lmdb_impl.h"
#include "store/store_fixture.h"

#include <openssl/evp.h>

#include "unit.h"

static struct history_file file_of(const char *path, const char *bytes)
{
    struct history_file file = {.path = text_of(path), .bytes = text_of(bytes)};

    CHECK(EVP_Digest(bytes, strlen(bytes), file.digest, NULL, EVP_sha256(), NULL) == 1);
    return file;
}

/* An endpoint with a file of its own, and one that all have. */
static void make(struct arena *arena, const char *slug, const char *system, bool pinned,
                 struct history_entry *out)
{
    struct history_file *files = ARENA_ARRAY(arena, struct history_file, 2);

    files[0] = file_of("endpoints/a.yaml", system);
    files[1] = file_of("schemas/a.json", "{}");
    *out = (struct history_entry){.slug = text_of(slug),
                                  .hash = arena_printf(arena, "%-64s", system),
                                  .actor = TEXT("owner"),
                                  .actor_id = TEXT("1000"),
                                  .cause = TEXT("reload"),
                                  .files = files,
                                  .file_count = 2,
                                  .pinned = pinned};
    memset(out->replaced, 7, sizeof out->replaced);
}

/* Appends one; gives its number, or 0 when nothing was changed. */
static uint64_t append(struct fixture *fixture, const char *slug, const char *system, bool pinned,
                       bool anew, size_t keep)
{
    struct store_command *command = store_command_new(STORE_HISTORY_APPEND);
    struct history_entry *entry = ARENA_NEW(&command->arena, struct history_entry);
    uint64_t number = 0;

    make(&command->arena, slug, system, pinned, entry);
    command->now_ms = 1000;
    command->history = (struct history_order){
        .entries = entry, .count = 1, .anew = anew, .keep = keep, .numbers = &number};
    store_wait(fixture->store, command);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    number = command->unchanged ? 0 : number;
    store_command_free(command);
    return number;
}

static struct store_command *ask(struct fixture *fixture, enum store_kind kind, const char *slug,
                                 uint64_t number, const char *hash)
{
    struct store_command *command = store_command_new(kind);

    command->history.slug = text_of(slug);
    command->history.number = number;
    command->history.hash = text_of(hash);
    store_wait(fixture->store, command);
    return command;
}

static void expect_whole(struct fixture *fixture, uint64_t versions, size_t files)
{
    struct lmdb_store *store = lmdb_of(fixture->store);
    struct store_census census;
    struct error err = {0};
    MDB_stat stat;
    MDB_txn *txn;

    EXPECT(store_verify_lmdb(fixture->store, &census, &err));
    EXPECT_EQ(census.versions, versions);
    EXPECT_EQ(mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn), 0);
    EXPECT_EQ(mdb_stat(txn, store->tables[TABLE_HISTORY_FILES], &stat), 0);
    mdb_txn_abort(txn);
    EXPECT_EQ(stat.ms_entries, files);
}

TEST(what_is_not_the_last_version_becomes_one_and_keeps_its_files)
{
    struct fixture fixture;
    struct store_command *command;

    fixture_open(&fixture);
    EXPECT_EQ(append(&fixture, "summarize", "one", false, false, 100), 1);
    EXPECT_EQ(append(&fixture, "summarize", "one", false, false, 100), 0);
    EXPECT_EQ(append(&fixture, "summarize", "two", false, false, 100), 2);
    EXPECT_EQ(append(&fixture, "summarize-2", "two", false, false, 100), 1);
    EXPECT_EQ(append(&fixture, "summarize", "one", false, false, 100), 3);
    command = ask(&fixture, STORE_HISTORY_LIST, "summarize", 0, NULL);
    EXPECT_EQ(command->history.found_count, 3);
    EXPECT_EQ(command->history.found[0].number, 3);
    EXPECT_EQ(command->history.found[0].wall_ms, 1000);
    EXPECT_TEXT(command->history.found[0].actor, "owner");
    EXPECT_TEXT(command->history.found[0].actor_id, "1000");
    EXPECT_TEXT(command->history.found[0].cause, "reload");
    EXPECT_TEXT(command->history.found[2].files[0].path, "endpoints/a.yaml");
    EXPECT_EQ(command->history.found[2].files[0].bytes.len, 0);
    store_command_free(command);
    command = ask(&fixture, STORE_HISTORY_READ, "summarize", 2, NULL);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    EXPECT_TEXT(command->history.found[0].files[0].bytes, "two");
    EXPECT_TEXT(command->history.found[0].files[1].bytes, "{}");
    store_command_free(command);
    expect_whole(&fixture, 4, 3 + 2);
    fixture_close(&fixture);
}

TEST(a_version_is_found_by_the_beginning_of_its_hash_and_the_newest_of_several_is_meant)
{
    struct fixture fixture;
    struct store_command *command;

    fixture_open(&fixture);
    append(&fixture, "a", "one", false, false, 100);
    append(&fixture, "a", "two", false, false, 100);
    append(&fixture, "a", "one", false, false, 100);
    command = ask(&fixture, STORE_HISTORY_READ, "a", 0, "on");
    EXPECT_EQ(command->history.found[0].number, 3);
    store_command_free(command);
    command = ask(&fixture, STORE_HISTORY_READ, "a", 0, "12ab");
    EXPECT_EQ(command->error.code, ERROR_VERSION_NOT_FOUND);
    EXPECT_STR(command->error.message, "endpoint 'a' has no version '12ab' in its history");
    EXPECT_STR(command->error.hint, "list them with 'pinion history a'");
    store_command_free(command);
    command = ask(&fixture, STORE_HISTORY_READ, "a", 4, NULL);
    EXPECT_STR(command->error.message, "endpoint 'a' has no version 4 in its history");
    store_command_free(command);
    command = ask(&fixture, STORE_HISTORY_READ, "b", 1, NULL);
    EXPECT_EQ(command->error.code, ERROR_VERSION_NOT_FOUND);
    store_command_free(command);
    fixture_close(&fixture);
}

TEST(the_oldest_versions_go_and_take_the_files_along_that_no_other_has)
{
    static const char *const systems[] = {"one", "two", "three", "two", "four", "five"};
    struct fixture fixture;
    struct store_command *command;

    fixture_open(&fixture);
    for (size_t i = 0; i < sizeof systems / sizeof *systems; i++)
        EXPECT_EQ(append(&fixture, "a", systems[i], false, false, 3), i + 1);
    command = ask(&fixture, STORE_HISTORY_LIST, "a", 0, NULL);
    EXPECT_EQ(command->history.found_count, 3);
    EXPECT_EQ(command->history.found[2].number, 4);
    store_command_free(command);
    expect_whole(&fixture, 3, 4);
    EXPECT_EQ(append(&fixture, "a", "six", false, false, 1), 7);
    expect_whole(&fixture, 1, 2);
    fixture_close(&fixture);
}

TEST(a_pin_is_put_with_its_version_and_goes_with_what_is_not_pinned)
{
    struct fixture fixture;
    struct store_command *command;

    fixture_open(&fixture);
    append(&fixture, "a", "one", false, false, 100);
    append(&fixture, "a", "two", false, false, 100);
    EXPECT_EQ(append(&fixture, "a", "one", true, true, 100), 3);
    EXPECT_EQ(append(&fixture, "a", "one", true, false, 100), 0);
    command = ask(&fixture, STORE_HISTORY_PINS, "", 0, NULL);
    EXPECT_EQ(command->history.found_count, 1);
    EXPECT_EQ(command->history.found[0].number, 3);
    EXPECT(command->history.found[0].pinned);
    EXPECT_EQ(command->history.found[0].replaced[31], 7);
    EXPECT_TEXT(command->history.found[0].files[0].bytes, "one");
    store_command_free(command);
    command = ask(&fixture, STORE_HISTORY_LIST, "a", 0, NULL);
    EXPECT(command->history.found[0].pinned && !command->history.found[2].pinned);
    store_command_free(command);
    expect_whole(&fixture, 3, 3);
    EXPECT_EQ(append(&fixture, "a", "one", false, false, 100), 3); /* the same, no longer pinned */
    command = ask(&fixture, STORE_HISTORY_PINS, "", 0, NULL);
    EXPECT_EQ(command->history.found_count, 0);
    store_command_free(command);
    fixture_close(&fixture);
}

TEST(a_whole_load_lets_go_of_the_pins_of_endpoints_that_are_gone)
{
    struct fixture fixture;
    struct store_command *command;

    fixture_open(&fixture);
    append(&fixture, "a", "one", true, false, 100);
    append(&fixture, "b", "one", true, false, 100);
    command = store_command_new(STORE_HISTORY_APPEND);
    command->history.entries = ARENA_NEW(&command->arena, struct history_entry);
    make(&command->arena, "b", "one", true,
         (struct history_entry *)(uintptr_t)command->history.entries);
    command->history.numbers = ARENA_ARRAY(&command->arena, uint64_t, 1);
    command->history.count = 1;
    command->history.keep = 100;
    command->history.whole = true;
    EXPECT_EQ(fixture_run(&fixture, command), ERROR_NONE);
    command = ask(&fixture, STORE_HISTORY_PINS, "", 0, NULL);
    EXPECT_EQ(command->history.found_count, 1);
    EXPECT_TEXT(command->history.found[0].slug, "b");
    store_command_free(command);
    command = ask(&fixture, STORE_HISTORY_HEADS, "", 0, NULL);
    EXPECT_EQ(command->history.found_count, 2);
    EXPECT_TEXT(command->history.found[0].slug, "a");
    EXPECT_TEXT(command->history.found[1].slug, "b");
    store_command_free(command);
    fixture_close(&fixture);
}

TEST(lists_come_in_pages)
{
    struct fixture fixture;
    struct store_command *command;
    char system[16];

    fixture_open(&fixture);
    for (int i = 0; i < 5; i++) {
        snprintf(system, sizeof system, "n%d", i);
        append(&fixture, "a", system, false, false, 100);
    }
    command = store_command_new(STORE_HISTORY_LIST);
    command->history.slug = TEXT("a");
    command->history.number = 5;
    command->history.most = 2;
    store_wait(fixture.store, command);
    EXPECT_EQ(command->history.found_count, 2);
    EXPECT_EQ(command->history.found[0].number, 4);
    EXPECT(command->history.more);
    store_command_free(command);
    command = ask(&fixture, STORE_HISTORY_LIST, "a", 3, NULL);
    EXPECT_EQ(command->history.found_count, 2);
    EXPECT(!command->history.more);
    store_command_free(command);
    fixture_close(&fixture);
}

/* Overwrites the value under a key by nonsense. */
static void damage(struct fixture *fixture, enum lmdb_table table, struct text key)
{
    struct lmdb_store *store = lmdb_of(fixture->store);
    MDB_val key_val = val_of_text(key), value = {6, (void *)(uintptr_t) "broken"};
    MDB_txn *txn;

    EXPECT_EQ(mdb_txn_begin(store->env, NULL, 0, &txn), 0);
    EXPECT_EQ(mdb_put(txn, store->tables[table], &key_val, &value, 0), 0);
    EXPECT_EQ(mdb_txn_commit(txn), 0);
}

TEST(a_damaged_version_is_told_and_does_not_keep_the_next_from_being_written)
{
    unsigned char bytes[RECORD_HISTORY_KEY_BYTES_MAX];
    struct fixture fixture;
    struct store_command *command;
    struct store_census census;
    struct error err = {0};

    fixture_open(&fixture);
    append(&fixture, "a", "one", false, false, 2);
    append(&fixture, "a", "two", false, false, 2);
    damage(&fixture, TABLE_HISTORY, record_history_key(TEXT("a"), 2, bytes));
    command = ask(&fixture, STORE_HISTORY_READ, "a", 2, NULL);
    EXPECT_EQ(command->error.code, ERROR_RECORD_DAMAGED);
    EXPECT_STR(command->error.at, "version of endpoint a");
    store_command_free(command);
    EXPECT(!store_verify_lmdb(fixture.store, &census, &err));
    EXPECT_EQ(append(&fixture, "a", "three", false, false, 2), 3);
    EXPECT_EQ(append(&fixture, "a", "four", false, false, 2), 4);
    command = ask(&fixture, STORE_HISTORY_LIST, "a", 0, NULL);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    EXPECT_EQ(command->history.found_count, 2);
    store_command_free(command);
    fixture_close(&fixture);
}
