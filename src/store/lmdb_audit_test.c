#include "store/lmdb_impl.h"
#include "store/store_fixture.h"

#include "unit.h"

static struct store_command *token_put(unsigned number)
{
    struct store_command *command = store_command_new(STORE_TOKEN_PUT);

    command->token.id = fixture_id(&command->arena, "tok_", number);
    command->audit =
        audit_event_copy(&command->arena, &(struct audit_event){.wall_ms = 1000 + number,
                                                                .actor = AUDIT_BY_OWNER,
                                                                .action = AUDIT_TOKEN_CREATE,
                                                                .object = command->token.id});
    return command;
}

/* The head and the record of that number; false when it is not there. */
static bool read_record(struct fixture *fixture, uint64_t sequence, struct record_audit_head *head,
                        struct audit_record *out)
{
    struct lmdb_store *store = lmdb_of(fixture->store);
    unsigned char key[RECORD_AUDIT_KEY_BYTES];
    struct text value;
    MDB_txn *txn;
    bool there;

    record_audit_key(sequence, key);
    EXPECT_EQ(mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn), 0);
    EXPECT_EQ(lmdb_get_audit_head(store, txn, head, NULL), 0);
    there = lmdb_get(store, txn, TABLE_AUDIT, (struct text){(char *)key, sizeof key}, &value) == 0;
    if (there)
        EXPECT(record_get_audit((struct text){(char *)key, sizeof key}, value, out, NULL));
    mdb_txn_abort(txn); /* the texts stay where they are: nobody writes */
    return there;
}

TEST(an_act_and_its_record_are_durable_together_and_chained)
{
    struct record_audit_head head;
    struct audit_record record, before;
    struct audit_chain *chain = audit_chain_open(NULL);
    unsigned char hash[AUDIT_HASH_BYTES];
    struct fixture fixture;

    fixture_open(&fixture);
    EXPECT_EQ(fixture_run(&fixture, token_put(1)), ERROR_NONE);
    EXPECT_EQ(fixture_run(&fixture, token_put(2)), ERROR_NONE);
    store_close(fixture.store);
    fixture_reopen(&fixture, (size_t)256 << 20);
    EXPECT_EQ(fixture_run(&fixture, token_put(3)), ERROR_NONE);
    EXPECT(read_record(&fixture, 2, &head, &before));
    EXPECT_TEXT(before.action, "token.create");
    EXPECT_EQ(before.wall_ms, 1002);
    EXPECT(read_record(&fixture, 3, &head, &record));
    EXPECT_EQ(head.ends.before.sequence, 0);
    EXPECT_EQ(head.ends.last.sequence, 3);
    audit_chain_hash(chain, before.hash, record.said, hash);
    EXPECT(audit_hash_equal(hash, record.hash));
    EXPECT(audit_hash_equal(head.ends.last.hash, record.hash));
    EXPECT(!read_record(&fixture, 4, &head, &record));
    audit_chain_close(chain);
    fixture_close(&fixture);
}

TEST(an_act_that_is_refused_leaves_no_record)
{
    struct store_command *command = store_command_new(STORE_SECRET_DELETE);
    struct record_audit_head head;
    struct audit_record record;
    struct fixture fixture;

    fixture_open(&fixture);
    command->secret.name = TEXT("openai");
    command->audit =
        audit_event_copy(&command->arena, &(struct audit_event){.action = AUDIT_SECRET_DELETE});
    EXPECT_EQ(fixture_run(&fixture, command), ERROR_SECRET_NOT_FOUND);
    EXPECT(!read_record(&fixture, 1, &head, &record));
    EXPECT_EQ(head.ends.last.sequence, 0);
    fixture_close(&fixture);
}

TEST(a_log_whose_key_is_lost_is_not_continued_under_another)
{
    struct fixture fixture;
    struct error err = {0};
    char path[128], aside[128];

    fixture_open(&fixture);
    EXPECT_EQ(fixture_run(&fixture, token_put(1)), ERROR_NONE);
    store_close(fixture.store);
    fixture_path(&fixture, "audit.key", path);
    fixture_path(&fixture, "aside", aside);
    EXPECT_EQ(rename(path, aside), 0);
    EXPECT(store_open_lmdb(text_of(fixture.folder), &err) == NULL);
    EXPECT_EQ(err.code, ERROR_FILE_UNREADABLE);
    EXPECT(strstr(err.message, "audit key") != NULL);
    EXPECT_EQ(rename(aside, path), 0);
    fixture_reopen(&fixture, (size_t)256 << 20);
    fixture_close(&fixture);
}
