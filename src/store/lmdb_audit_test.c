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

/* --- pages and purging -------------------------------------------------------------------------
 */

static void fill(struct fixture *fixture, unsigned count)
{
    fixture_open(fixture);
    mdb_env_set_flags(lmdb_of(fixture->store)->env, MDB_NOSYNC, 1); /* for speed */
    for (unsigned i = 1; i <= count; i++)
        EXPECT_EQ(fixture_run(fixture, token_put(i)), ERROR_NONE);
}

static struct store_command *read_page(struct fixture *fixture, struct audit_page wanted)
{
    struct store_command *command = store_command_new(STORE_AUDIT_READ);

    command->page = wanted;
    store_wait(fixture->store, command);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    return command;
}

static void expect_page(struct fixture *fixture, struct audit_page wanted, uint64_t first,
                        size_t count, uint64_t reached, bool more)
{
    struct store_command *command = read_page(fixture, wanted);
    const struct audit_page *page = &command->page;

    EXPECT_EQ(page->count, count);
    if (count > 0)
        EXPECT_EQ(page->records[0].sequence, first);
    EXPECT_EQ(page->reached, reached);
    EXPECT_EQ(page->more, more);
    store_command_free(command);
}

TEST(pages_follow_one_another_in_either_direction)
{
    struct fixture fixture;

    fill(&fixture, 5);
    expect_page(&fixture, (struct audit_page){.most = 2}, 1, 2, 2, true);
    expect_page(&fixture, (struct audit_page){.most = 2, .after = 2}, 3, 2, 4, true);
    expect_page(&fixture, (struct audit_page){.most = 2, .after = 4}, 5, 1, 5, false);
    expect_page(&fixture, (struct audit_page){.most = 2, .after = 5}, 0, 0, 5, false);
    expect_page(&fixture, (struct audit_page){.most = 2, .newest_first = true}, 5, 2, 4, true);
    expect_page(&fixture, (struct audit_page){.most = 9, .newest_first = true, .after = 4}, 3, 3, 1,
                false);
    expect_page(&fixture, (struct audit_page){.most = 9, .newest_first = true, .after = 99}, 5, 5,
                1, false);
    expect_page(&fixture, (struct audit_page){.most = 9, .newest_first = true, .after = 1}, 0, 0, 1,
                false);
    fixture_close(&fixture);
}

TEST(a_page_has_only_what_is_wanted_and_says_how_far_it_looked)
{
    struct fixture fixture;

    fill(&fixture, 5); /* at 1001 ... 1005 */
    expect_page(&fixture, (struct audit_page){.most = 9, .from_ms = 1002, .to_ms = 1004}, 2, 2, 5,
                false);
    expect_page(&fixture, (struct audit_page){.most = 9, .kind = TEXT("token")}, 1, 5, 5, false);
    expect_page(&fixture, (struct audit_page){.most = 9, .kind = TEXT("secret")}, 0, 0, 5, false);
    fixture_close(&fixture);
}

static uint64_t purge(struct fixture *fixture, int64_t before_ms)
{
    struct store_command *command = store_command_new(STORE_AUDIT_PURGE);
    uint64_t purged;

    command->now_ms = before_ms;
    command->audit = audit_event_copy(
        &command->arena, &(struct audit_event){.wall_ms = 2000, .action = AUDIT_AUDIT_PURGE});
    store_wait(fixture->store, command);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    purged = command->purged;
    store_command_free(command);
    return purged;
}

static void expect_whole(struct fixture *fixture, uint64_t first, uint64_t last)
{
    struct audit_key key;
    struct audit_check check;
    struct error err = {0};

    EXPECT(store_audit_key(text_of(fixture->folder), &key, &err));
    EXPECT(lmdb_verify_audit(lmdb_of(fixture->store), &(struct audit_order){.key = &key}, &check,
                             &err));
    EXPECT_EQ(check.ends.before.sequence + 1, first);
    EXPECT_EQ(check.ends.last.sequence, last);
}

TEST(old_records_go_from_the_front_and_the_rest_still_verifies)
{
    struct record_audit_head head;
    struct audit_record record;
    struct fixture fixture;

    fill(&fixture, 5);
    EXPECT_EQ(purge(&fixture, 1000), 0);
    expect_whole(&fixture, 1, 5); /* nothing was done, and nothing recorded */
    EXPECT_EQ(purge(&fixture, 1003), 2);
    expect_whole(&fixture, 3, 6);
    EXPECT(!read_record(&fixture, 2, &head, &record));
    EXPECT(read_record(&fixture, 6, &head, &record));
    EXPECT_TEXT(record.action, "audit.purge");
    EXPECT_TEXT(record.object, "up to record 2");
    expect_page(&fixture, (struct audit_page){.most = 2}, 3, 2, 4, true);
    fixture_close(&fixture);
}

TEST(the_last_record_never_goes)
{
    struct fixture fixture;

    fill(&fixture, 3);
    EXPECT_EQ(purge(&fixture, INT64_MAX), 2);
    expect_whole(&fixture, 3, 4);
    fixture_close(&fixture);
}

TEST(a_log_that_is_older_than_its_purge_is_let_go_in_batches)
{
    struct fixture fixture;

    fill(&fixture, 1500);
    EXPECT_EQ(purge(&fixture, 5000), 1000);
    expect_whole(&fixture, 1001, 1501);
    EXPECT_EQ(purge(&fixture, 1900 + 1000), 500);
    fixture_close(&fixture);
}

static void count_answer(struct store_command *command)
{
    EXPECT_EQ(command->error.code, ERROR_NONE);
    ++*(unsigned *)command->context;
    store_command_free(command);
}

TEST(acts_of_many_at_once_are_one_chain)
{
    enum { ACTS = 300 };
    struct fixture fixture;
    struct loop *loop = loop_open();
    unsigned answered = 0;

    fixture_open(&fixture);
    for (unsigned i = 0; i < ACTS; i++) {
        struct store_command *command = token_put(i);

        command->loop = loop;
        command->done = count_answer;
        command->context = &answered;
        store_submit(fixture.store, command);
    }
    while (answered < ACTS)
        loop_turn(loop, 1000);
    expect_whole(&fixture, 1, ACTS);
    fixture_close(&fixture);
    loop_close(loop);
}
