/* What a damaged store does: it says so, and never gives wrong data. */
#include "store/lmdb_impl.h"
#include "store/store_fixture.h"

#include "unit.h"

static void fill(struct fixture *fixture)
{
    static const struct text scopes[] = {TEXT_INIT("summarize")};
    struct store_command *command;

    fixture_open(fixture);
    for (unsigned i = 1; i <= 3; i++) {
        EXPECT_EQ(fixture_run(fixture, fixture_append(i, 0, 2, 20)), ERROR_NONE);
        command = store_command_new(STORE_TOKEN_PUT);
        command->token = (struct token_record){.id = fixture_id(&command->arena, "tok_", i),
                                               .name = TEXT("job"),
                                               .scopes = scopes,
                                               .scope_count = 1};
        EXPECT_EQ(fixture_run(fixture, command), ERROR_NONE);
    }
    mdb_env_set_flags(lmdb_of(fixture->store)->env, MDB_NOSYNC, 1); /* for speed */
}

/* Replaces the second value of a table by `value`, and gives what was there. */
static struct text swap(struct fixture *fixture, enum lmdb_table table, struct text value,
                        struct arena *arena)
{
    struct lmdb_store *store = lmdb_of(fixture->store);
    MDB_txn *txn;
    MDB_cursor *cursor;
    MDB_val key, old, fresh = val_of_text(value);
    struct text before;

    EXPECT_EQ(mdb_txn_begin(store->env, NULL, 0, &txn), 0);
    EXPECT_EQ(mdb_cursor_open(txn, store->tables[table], &cursor), 0);
    EXPECT_EQ(mdb_cursor_get(cursor, &key, &old, MDB_FIRST), 0);
    if (table == TABLE_MESSAGES) /* two a session */
        EXPECT_EQ(mdb_cursor_get(cursor, &key, &old, MDB_NEXT), 0);
    EXPECT_EQ(mdb_cursor_get(cursor, &key, &old, MDB_NEXT), 0);
    before = arena_copy(arena, text_of_val(old));
    if (value.at != NULL)
        EXPECT_EQ(mdb_cursor_put(cursor, &key, &fresh, MDB_CURRENT), 0);
    mdb_cursor_close(cursor);
    EXPECT_EQ(mdb_txn_commit(txn), 0);
    return before;
}

static void expect_verify(struct fixture *fixture, bool whole)
{
    struct store_census census;
    struct error err = {0};

    EXPECT_EQ(store_verify_lmdb(fixture->store, &census, &err), whole);
    EXPECT_EQ(err.code, whole ? ERROR_NONE : ERROR_RECORD_DAMAGED);
    EXPECT_EQ(census.damaged > 0, !whole);
}

static enum error_code read_table(struct fixture *fixture, enum lmdb_table table)
{
    struct store_command *command = table == TABLE_TOKENS
                                        ? store_command_new(STORE_TOKEN_LIST)
                                        : fixture_on_session(STORE_SESSION_READ, 2);
    enum error_code code;

    store_wait(fixture->store, command);
    code = command->error.code;
    if (table == TABLE_TOKENS) /* the others are given all the same */
        EXPECT_EQ(command->token_count, code == ERROR_NONE ? 3 : 2);
    store_command_free(command);
    return code;
}

TEST(every_flipped_bit_of_a_stored_value_is_reported_and_nothing_else_suffers)
{
    static const enum lmdb_table tables[] = {TABLE_TOKENS, TABLE_SESSIONS, TABLE_MESSAGES};
    struct fixture fixture;
    struct arena arena = {0};

    fill(&fixture);
    for (size_t t = 0; t < 3; t++) {
        struct text whole = swap(&fixture, tables[t], (struct text){0}, &arena);

        for (size_t bit = 0; bit < whole.len * 8; bit += 3) {
            struct text flipped = arena_copy(&arena, whole);
            char *byte = (char *)(uintptr_t)flipped.at + bit / 8;

            *byte = (char)(*byte ^ (1 << bit % 8));
            swap(&fixture, tables[t], flipped, &arena);
            EXPECT_EQ(read_table(&fixture, tables[t]), ERROR_RECORD_DAMAGED);
            EXPECT_EQ(fixture_run(&fixture, fixture_on_session(STORE_SESSION_READ, 3)), ERROR_NONE);
            expect_verify(&fixture, false);
        }
        swap(&fixture, tables[t], whole, &arena);
        EXPECT_EQ(read_table(&fixture, tables[t]), ERROR_NONE);
        expect_verify(&fixture, true);
    }
    arena_release(&arena);
    fixture_close(&fixture);
}

static void damage(struct fixture *fixture, enum lmdb_table table)
{
    struct arena arena = {0};
    struct text whole = swap(fixture, table, (struct text){0}, &arena);

    ((char *)(uintptr_t)whole.at)[whole.len - 1] ^= 1;
    swap(fixture, table, whole, &arena);
    arena_release(&arena);
}

static struct store_command *list_of(struct fixture *fixture, const char *token_id)
{
    struct store_command *command = store_command_new(STORE_SESSION_LIST);

    command->session.token_id = text_of(token_id);
    store_wait(fixture->store, command);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    return command;
}

TEST(where_one_budget_is_damaged_nothing_is_leased_of_the_others)
{
    const char *const keys[] = {"a/2026-11", "b/2026-11", "c/2026-11"};
    struct store_command *command = store_command_new(STORE_BUDGET_LEASE);
    struct fixture fixture;

    fixture_open(&fixture);
    command->orders = ARENA_ARRAY(&command->arena, struct budget_order, 3);
    command->order_count = 3;
    for (size_t i = 0; i < 3; i++)
        command->orders[i] =
            (struct budget_order){.key = text_of(keys[i]), .need = 1, .want = 1, .limit = 100};
    store_wait(fixture.store, command);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    damage(&fixture, TABLE_BUDGETS);
    store_wait(fixture.store, command);
    EXPECT_EQ(command->error.code, ERROR_RECORD_DAMAGED);
    command->kind = STORE_BUDGET_READ;
    store_wait(fixture.store, command);
    EXPECT_EQ(command->orders[0].record.open + command->orders[1].record.open +
                  command->orders[2].record.open,
              2);
    store_command_free(command);
    fixture_close(&fixture);
}

TEST(a_damaged_session_is_listed_as_such_and_as_nobodys)
{
    struct fixture fixture;
    struct store_command *all, *theirs;

    fill(&fixture);
    damage(&fixture, TABLE_SESSIONS);
    all = list_of(&fixture, "");
    EXPECT_EQ(all->session_count, 3);
    EXPECT(!all->sessions[0].damaged && all->sessions[1].damaged && !all->sessions[2].damaged);
    EXPECT_EQ(all->sessions[1].token_id.len, 0);
    theirs = list_of(&fixture, "tok_1");
    EXPECT_EQ(theirs->session_count, 2);
    store_command_free(all);
    store_command_free(theirs);
    fixture_close(&fixture);
}

TEST(a_damaged_session_is_not_rewound_and_no_owner_may_delete_it)
{
    struct fixture fixture;
    struct store_command *command;

    fill(&fixture);
    damage(&fixture, TABLE_SESSIONS);
    command = fixture_on_session(STORE_SESSION_REWIND, 2);
    command->session.revision = 1;
    EXPECT_EQ(fixture_run(&fixture, command), ERROR_RECORD_DAMAGED);
    command = fixture_on_session(STORE_SESSION_DELETE, 2);
    command->session.token_id = TEXT("tok_1");
    EXPECT_EQ(fixture_run(&fixture, command), ERROR_RECORD_DAMAGED);
    EXPECT_EQ(fixture_run(&fixture, fixture_on_session(STORE_SESSION_DELETE, 2)), ERROR_NONE);
    expect_verify(&fixture, false); /* its place in the expiry index is left to a purge */
    fixture_close(&fixture);
}

TEST(a_retention_passes_over_a_damaged_session)
{
    struct fixture fixture;
    struct store_command *command;

    fill(&fixture);
    damage(&fixture, TABLE_SESSIONS);
    command = store_command_new(STORE_SESSION_PURGE);
    command->created_before_ms = 2000;
    store_wait(fixture.store, command);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    EXPECT_EQ(command->purged, 2);
    store_command_free(command);
    command = list_of(&fixture, "");
    EXPECT_EQ(command->session_count, 1);
    EXPECT(command->sessions[0].damaged);
    store_command_free(command);
    fixture_close(&fixture);
}

TEST(a_damaged_session_is_not_appended_to_but_can_be_deleted)
{
    struct fixture fixture;

    fill(&fixture);
    damage(&fixture, TABLE_SESSIONS);
    EXPECT_EQ(fixture_run(&fixture, fixture_append(2, 1, 2, 20)), ERROR_RECORD_DAMAGED);
    EXPECT_EQ(fixture_run(&fixture, fixture_append(3, 1, 2, 20)), ERROR_NONE);
    EXPECT_EQ(fixture_run(&fixture, fixture_on_session(STORE_SESSION_DELETE, 2)), ERROR_NONE);
    EXPECT_EQ(fixture_run(&fixture, fixture_on_session(STORE_SESSION_READ, 2)),
              ERROR_SESSION_NOT_FOUND);
    expect_verify(&fixture, false); /* its place in the expiry index is left */
    fixture_close(&fixture);
}

TEST(a_purge_goes_on_past_damage)
{
    static const enum lmdb_table tables[] = {TABLE_SESSIONS, TABLE_MESSAGES, TABLE_EXPIRY};

    for (size_t t = 0; t < 3; t++) {
        struct fixture fixture;
        struct store_command *command = store_command_new(STORE_SESSION_PURGE);

        fill(&fixture);
        damage(&fixture, tables[t]);
        command->now_ms = INT64_MAX;
        EXPECT_EQ(fixture_run(&fixture, command), ERROR_NONE);
        EXPECT_EQ(fixture_run(&fixture, fixture_on_session(STORE_SESSION_READ, 2)),
                  ERROR_SESSION_NOT_FOUND);
        EXPECT_EQ(fixture_run(&fixture, fixture_on_session(STORE_SESSION_READ, 3)),
                  ERROR_SESSION_NOT_FOUND);
        expect_verify(&fixture, true);
        fixture_close(&fixture);
    }
}

static void del(struct fixture *fixture, enum lmdb_table table, struct text key)
{
    struct lmdb_store *store = lmdb_of(fixture->store);
    MDB_val key_val = val_of_text(key);
    MDB_txn *txn;

    EXPECT_EQ(mdb_txn_begin(store->env, NULL, 0, &txn), 0);
    EXPECT_EQ(mdb_del(txn, store->tables[table], &key_val, NULL), 0);
    EXPECT_EQ(mdb_txn_commit(txn), 0);
}

TEST(a_message_that_is_missing_is_reported_not_skipped)
{
    struct fixture fixture;
    struct store_command *command;
    unsigned char key[RECORD_NUMBERED_KEY_BYTES];

    for (uint64_t number = 1; number <= 2; number++) {
        fill(&fixture);
        record_message_key(TEXT("ses_00000000000000000000000002"), number, key);
        del(&fixture, TABLE_MESSAGES, key_text(key));
        EXPECT_EQ(fixture_run(&fixture, fixture_on_session(STORE_SESSION_READ, 2)),
                  ERROR_RECORD_DAMAGED);
        expect_verify(&fixture, false);
        command = fixture_append(2, 1, 2, 20);
        command->keep_messages = 2;
        EXPECT_EQ(fixture_run(&fixture, command), ERROR_RECORD_DAMAGED);
        fixture_close(&fixture);
    }
}

TEST(verify_sees_messages_and_expiries_that_belong_to_nothing)
{
    struct fixture fixture;
    unsigned char key[RECORD_NUMBERED_KEY_BYTES];

    fill(&fixture);
    del(&fixture, TABLE_SESSIONS, TEXT("ses_00000000000000000000000003"));
    expect_verify(&fixture, false);
    fixture_close(&fixture);
    fill(&fixture);
    record_expiry_key(5002, TEXT("ses_00000000000000000000000002"), key);
    del(&fixture, TABLE_EXPIRY, key_text(key));
    expect_verify(&fixture, false);
    fixture_close(&fixture);
}

/* Puts a format record of this number, or a damaged one. */
static void set_format(struct fixture *fixture, uint32_t format, bool damaged)
{
    struct lmdb_store *store = lmdb_of(fixture->store);
    struct buffer value = {0};
    MDB_val key = val_of_text(TEXT("format")), value_val;
    MDB_txn *txn;

    record_put_format(&value, TEXT("format"), format);
    if (damaged)
        value.at[2] ^= 1;
    value_val = val_of_text(buffer_text(&value));
    EXPECT_EQ(mdb_txn_begin(store->env, NULL, 0, &txn), 0);
    EXPECT_EQ(mdb_put(txn, store->tables[TABLE_META], &key, &value_val, 0), 0);
    EXPECT_EQ(mdb_txn_commit(txn), 0);
    buffer_release(&value);
    store_close(fixture->store);
}

TEST(a_store_of_another_format_is_refused_and_left_alone)
{
    struct fixture fixture;
    struct error err = {0};

    fixture_open(&fixture);
    set_format(&fixture, 2, false);
    EXPECT(store_open_lmdb(text_of(fixture.folder), &err) == NULL);
    EXPECT_EQ(err.code, ERROR_STORAGE_ERROR);
    EXPECT_STR(err.message, "the store has format 2, this program reads format 1");
    fixture_remove(&fixture);
    fixture_open(&fixture);
    set_format(&fixture, 1, true);
    EXPECT(store_open_lmdb(text_of(fixture.folder), &err) == NULL);
    EXPECT_EQ(err.code, ERROR_RECORD_DAMAGED);
    fixture_remove(&fixture);
}

TEST(a_data_file_that_was_cut_short_does_not_kill_the_process)
{
    struct fixture fixture;
    char path[128];
    struct error err = {0};
    struct store_census census;

    fixture_open(&fixture);
    for (unsigned i = 1; i <= 50; i++)
        EXPECT_EQ(fixture_run(&fixture, fixture_append(i, 0, 2, 9000)), ERROR_NONE);
    store_close(fixture.store);
    fixture_path(&fixture, "data.mdb", path);
    EXPECT_EQ(truncate(path, 40 * 4096), 0);
    fixture.store = store_open_lmdb_sized(text_of(fixture.folder), (size_t)256 << 20, &err);
    if (fixture.store != NULL) {
        EXPECT(!store_verify_lmdb(fixture.store, &census, &err));
        EXPECT_EQ(err.code, ERROR_RECORD_DAMAGED);
        fixture_close(&fixture);
    } else {
        EXPECT_EQ(err.code, ERROR_RECORD_DAMAGED);
        fixture_remove(&fixture);
    }
}
