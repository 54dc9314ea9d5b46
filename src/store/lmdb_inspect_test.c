/* A store seen from outside. */
#include "store/inspect.h"
#include "store/lmdb_impl.h"
#include "store/store_fixture.h"

#include "unit.h"

static uint64_t records(const struct store_sight *sight, const char *table)
{
    for (size_t i = 0; i < sight->table_count; i++)
        if (text_equal(sight->tables[i].name, text_of(table)))
            return sight->tables[i].records;
    return UINT64_MAX;
}

/* A store of two sessions, closed. */
static void make(struct fixture *fixture)
{
    fixture_open(fixture);
    EXPECT_EQ(fixture_run(fixture, fixture_append(1, 0, 2, 50)), ERROR_NONE);
    EXPECT_EQ(fixture_run(fixture, fixture_append(2, 0, 2, 50)), ERROR_NONE);
}

TEST(a_folder_without_a_store_is_no_mistake)
{
    struct arena arena = {0};
    struct store_sight sight;
    struct fixture fixture;

    fixture_make_folder(&fixture);
    EXPECT(store_inspect(text_of(fixture.folder), true, &arena, &sight, NULL));
    EXPECT(!sight.there);
    fixture_remove(&fixture);
    arena_release(&arena);
}

TEST(a_store_is_measured_and_counted)
{
    struct arena arena = {0};
    struct store_sight sight;
    struct fixture fixture;

    make(&fixture);
    store_close(fixture.store);
    EXPECT(store_inspect(text_of(fixture.folder), true, &arena, &sight, NULL));
    EXPECT(sight.there && sight.used_bytes > 4096 && sight.used_bytes < sight.map_bytes);
    EXPECT(sight.written_ms > 0);
    EXPECT_EQ(records(&sight, "sessions"), 2);
    EXPECT_EQ(records(&sight, "session_messages"), 4);
    EXPECT_EQ(records(&sight, "budgets"), 0);
    fixture_remove(&fixture);
    arena_release(&arena);
}

TEST(a_store_from_before_there_were_all_these_tables_is_whole)
{
    struct arena arena = {0};
    struct store_sight sight;
    struct lmdb_store *store;
    struct fixture fixture;
    MDB_txn *txn;

    make(&fixture);
    store = lmdb_of(fixture.store);
    EXPECT_EQ(mdb_txn_begin(store->env, NULL, 0, &txn), 0);
    for (int table = TABLE_SECRETS; table < TABLE_COUNT; table++)
        EXPECT_EQ(mdb_drop(txn, store->tables[table], 1), 0);
    EXPECT_EQ(mdb_txn_commit(txn), 0);
    store_close(fixture.store);
    EXPECT(store_inspect(text_of(fixture.folder), true, &arena, &sight, NULL));
    EXPECT_EQ(records(&sight, "sessions"), 2);
    EXPECT_EQ(records(&sight, "budgets"), 0);
    fixture_reopen(&fixture, (size_t)256 << 20);
    EXPECT_EQ(fixture_run(&fixture, fixture_on_session(STORE_SESSION_READ, 1)), ERROR_NONE);
    fixture_close(&fixture);
    arena_release(&arena);
}

TEST(who_has_a_store_open_is_known)
{
    struct fixture fixture;
    uint64_t pid;

    fixture_open(&fixture);
    EXPECT(store_in_use(text_of(fixture.folder), &pid));
    EXPECT_EQ(pid, (uint64_t)getpid());
    store_close(fixture.store);
    EXPECT(!store_in_use(text_of(fixture.folder), &pid));
    EXPECT_EQ(pid, 0);
    fixture_remove(&fixture);
}

TEST(damage_is_seen_only_by_a_deep_look)
{
    struct arena arena = {0};
    struct store_sight sight;
    struct lmdb_store *store;
    struct fixture fixture;
    struct error err = {0};
    MDB_val key = val_of_text(TEXT("ses_00000000000000000000000001")), value;
    MDB_txn *txn;

    make(&fixture);
    store = lmdb_of(fixture.store);
    EXPECT_EQ(mdb_txn_begin(store->env, NULL, 0, &txn), 0);
    EXPECT_EQ(mdb_get(txn, store->tables[TABLE_SESSIONS], &key, &value), 0);
    char *copy = arena_bytes(&arena, value.mv_size);
    memcpy(copy, value.mv_data, value.mv_size);
    copy[value.mv_size - 1] ^= 1;
    value.mv_data = copy;
    EXPECT_EQ(mdb_put(txn, store->tables[TABLE_SESSIONS], &key, &value, 0), 0);
    EXPECT_EQ(mdb_txn_commit(txn), 0);
    store_close(fixture.store);
    EXPECT(store_inspect(text_of(fixture.folder), false, &arena, &sight, &err));
    EXPECT(!store_inspect(text_of(fixture.folder), true, &arena, &sight, &err));
    EXPECT_EQ(err.code, ERROR_RECORD_DAMAGED);
    fixture_remove(&fixture);
    arena_release(&arena);
}
