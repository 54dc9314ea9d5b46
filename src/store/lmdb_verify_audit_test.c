/* Whoever writes into the store's file can make every checksum right again. What the audit log says
 * of it, with and without its key, and with and without a head that was kept elsewhere. */
#include "base/clock.h"
#include "store/lmdb_impl.h"
#include "store/store_fixture.h"

#include "unit.h"

enum { RECORDS = 6 };

struct forgery {
    struct fixture *fixture;
    struct lmdb_store *store;
    MDB_txn *txn;
    struct arena arena;
};

static struct text key_of(uint64_t sequence, unsigned char out[RECORD_AUDIT_KEY_BYTES])
{
    record_audit_key(sequence, out);
    return (struct text){(const char *)out, RECORD_AUDIT_KEY_BYTES};
}

static struct text get(struct forgery *forgery, uint64_t sequence)
{
    unsigned char key[RECORD_AUDIT_KEY_BYTES];
    struct text value;

    EXPECT_EQ(lmdb_get(forgery->store, forgery->txn, TABLE_AUDIT, key_of(sequence, key), &value),
              0);
    return arena_copy(&forgery->arena, value);
}

static void put(struct forgery *forgery, uint64_t sequence, struct text value, bool sealed)
{
    unsigned char key[RECORD_AUDIT_KEY_BYTES];
    struct text name = key_of(sequence, key);

    if (sealed)
        record_seal(name, (char *)(uintptr_t)value.at, value.len);
    buffer_put(&forgery->store->value, value);
    EXPECT_EQ(lmdb_put(forgery->store, forgery->txn, TABLE_AUDIT, name), 0);
}

static void drop(struct forgery *forgery, uint64_t sequence)
{
    unsigned char key[RECORD_AUDIT_KEY_BYTES];

    EXPECT_EQ(lmdb_del(forgery->store, forgery->txn, TABLE_AUDIT, key_of(sequence, key)), 0);
}

static void put_head(struct forgery *forgery, struct record_audit_head *head,
                     const struct audit_key *key)
{
    struct audit_chain *chain = audit_chain_open(key);

    audit_chain_seal_head(chain, &head->ends, head->seal);
    audit_chain_close(chain);
    record_put_audit_head(&forgery->store->value, TEXT("audit_head"), head);
    EXPECT_EQ(lmdb_put(forgery->store, forgery->txn, TABLE_META, TEXT("audit_head")), 0);
}

static struct record_audit_head get_head(struct forgery *forgery)
{
    struct record_audit_head head;

    EXPECT_EQ(lmdb_get_audit_head(forgery->store, forgery->txn, &head, NULL), 0);
    return head;
}

static struct audit_record record_at(struct forgery *forgery, uint64_t sequence)
{
    unsigned char key[RECORD_AUDIT_KEY_BYTES];
    struct audit_record record;

    EXPECT(record_get_audit(key_of(sequence, key), get(forgery, sequence), &record, NULL));
    return record;
}

/* Writes another object into a record and computes everything behind it anew, as who has this key.
 */
static void write_anew(struct forgery *forgery, uint64_t from, const struct audit_key *key)
{
    struct audit_chain *chain = audit_chain_open(key);
    struct record_audit_head head = get_head(forgery);
    unsigned char bytes[RECORD_AUDIT_KEY_BYTES], before[AUDIT_HASH_BYTES];

    memcpy(before, from > 1 ? record_at(forgery, from - 1).hash : head.ends.before.hash,
           sizeof before);
    for (uint64_t n = from; n <= RECORDS; n++) {
        struct audit_record record = record_at(forgery, n);
        struct buffer said = buffer_in(&forgery->arena), value = buffer_in(&forgery->arena);

        if (n == from)
            record.object = TEXT("tok_forged");
        record_put_audit_said(&said, &record);
        audit_chain_hash(chain, before, buffer_text(&said), record.hash);
        audit_chain_seal_record(chain, record.hash, record.seal);
        record_put_audit(&value, key_of(n, bytes), &record);
        put(forgery, n, buffer_text(&value), false);
        memcpy(before, record.hash, sizeof before);
    }
    memcpy(head.ends.last.hash, before, sizeof before);
    put_head(forgery, &head, key);
    audit_chain_close(chain);
}

/* --- the forgeries -----------------------------------------------------------------------------
 */

static const struct audit_key no_key = {.bytes = "whoever has no key has another"};
static struct audit_key true_key;

static void flip(struct forgery *forgery, bool sealed)
{
    struct text value = get(forgery, 3);

    ((char *)(uintptr_t)value.at)[45] ^= 1;
    put(forgery, 3, value, sealed);
}
static void nothing(struct forgery *forgery)
{
    (void)forgery;
}
static void flip_a_bit(struct forgery *forgery)
{
    flip(forgery, false);
}
static void change_a_record(struct forgery *forgery)
{
    flip(forgery, true);
}
static void delete_a_record(struct forgery *forgery)
{
    drop(forgery, 3);
}
static void delete_two_records(struct forgery *forgery)
{
    drop(forgery, 3);
    drop(forgery, 4);
}
static void swap_two_records(struct forgery *forgery)
{
    struct text third = get(forgery, 3), fourth = get(forgery, 4);

    put(forgery, 3, fourth, true);
    put(forgery, 4, third, true);
}
static void repeat_a_record(struct forgery *forgery)
{
    put(forgery, 3, get(forgery, 2), true);
}
static void add_a_record(struct forgery *forgery)
{
    put(forgery, RECORDS + 1, get(forgery, RECORDS), true);
}
static void add_an_entry(struct forgery *forgery)
{
    buffer_put(&forgery->store->value, get(forgery, 3));
    EXPECT_EQ(lmdb_put(forgery->store, forgery->txn, TABLE_AUDIT, TEXT("\0")), 0);
}
static void write_anew_without_the_key(struct forgery *forgery)
{
    write_anew(forgery, 3, &no_key);
}
static void write_anew_with_the_key(struct forgery *forgery)
{
    write_anew(forgery, 3, &true_key);
}
static void cut_the_end(struct forgery *forgery)
{
    drop(forgery, RECORDS);
    drop(forgery, RECORDS - 1);
}
static void cut_the_end_and_move(struct forgery *forgery, const struct audit_key *key)
{
    struct record_audit_head head = get_head(forgery);

    cut_the_end(forgery);
    head.ends.last.sequence = RECORDS - 2;
    memcpy(head.ends.last.hash, record_at(forgery, RECORDS - 2).hash, AUDIT_HASH_BYTES);
    put_head(forgery, &head, key);
}
static void cut_the_end_without_the_key(struct forgery *forgery)
{
    cut_the_end_and_move(forgery, &no_key);
}
static void cut_the_end_with_the_key(struct forgery *forgery)
{
    cut_the_end_and_move(forgery, &true_key);
}
static void cut_the_front(struct forgery *forgery)
{
    drop(forgery, 1);
}
static void cut_the_front_without_the_key(struct forgery *forgery)
{
    struct record_audit_head head = get_head(forgery);

    head.ends.before.sequence = 1;
    memcpy(head.ends.before.hash, record_at(forgery, 1).hash, AUDIT_HASH_BYTES);
    drop(forgery, 1);
    put_head(forgery, &head, &no_key);
}
static void delete_the_head(struct forgery *forgery)
{
    EXPECT_EQ(lmdb_del(forgery->store, forgery->txn, TABLE_META, TEXT("audit_head")), 0);
}
static void delete_everything(struct forgery *forgery)
{
    for (uint64_t n = 1; n <= RECORDS; n++)
        drop(forgery, n);
    delete_the_head(forgery);
}

/* What the log says of it: with its key, with the hashes alone, and with a head besides, of which
 * there is one of each record. 0: it says that all is well. */
static const struct forgery_case {
    const char *name;
    void (*forge)(struct forgery *forgery);
    uint64_t keyed, hashes, heads;
    const char *says;
} cases[] = {
    {"nothing", nothing, 0, 0, 0, ""},
    {"a flipped bit", flip_a_bit, 3, 3, 3, "its checksum does not match"},
    {"a change", change_a_record, 3, 3, 3, "the record was changed"},
    {"a deletion", delete_a_record, 3, 3, 3, "the record is missing"},
    {"two deletions", delete_two_records, 3, 3, 3, "records 3 to 4 are missing"},
    {"a swap", swap_two_records, 3, 3, 3, "was written as number 4"},
    {"a repetition", repeat_a_record, 3, 3, 3, "was written as number 2"},
    {"an addition", add_a_record, 7, 7, 7, "beyond the end"},
    {"a strange entry", add_an_entry, 1, 1, 1, "no record stands in its place"},
    {"a rewrite without the key", write_anew_without_the_key, 3, 0, 3, "has not the audit key"},
    {"a rewrite with the key", write_anew_with_the_key, 0, 0, 3, ""},
    {"a cut end", cut_the_end, 5, 5, 5, "the end is cut off: records 5 to 6"},
    {"a cut end without the key", cut_the_end_without_the_key, 4, 0, 5, "has not the audit key"},
    {"a cut end with the key", cut_the_end_with_the_key, 0, 0, 5, ""},
    {"a cut front", cut_the_front, 1, 1, 1, "the record is missing"},
    {"a cut front without the key", cut_the_front_without_the_key, 6, 0, 0, "audit key"},
    {"a deleted head", delete_the_head, 1, 1, 1, "beyond the end"},
    {"a deleted log", delete_everything, 0, 0, 1, ""},
};

static struct store_command *act(unsigned number)
{
    struct store_command *command = store_command_new(STORE_AUDIT_APPEND);
    const struct audit_event event = {.wall_ms = 1000 + number,
                                      .actor = AUDIT_BY_OWNER,
                                      .action = AUDIT_TOKEN_CREATE,
                                      .object = fixture_id(&command->arena, "tok_", number)};

    command->audit = audit_event_copy(&command->arena, &event);
    return command;
}

/* Makes a log, keeps its heads, and has it forged. */
static void forge(struct fixture *fixture, const struct forgery_case *it,
                  struct audit_link heads[RECORDS])
{
    struct forgery forgery = {.fixture = fixture};
    struct audit_record record;

    fixture_open(fixture);
    for (unsigned i = 1; i <= RECORDS; i++)
        EXPECT_EQ(fixture_run(fixture, act(i)), ERROR_NONE);
    EXPECT(store_audit_key(text_of(fixture->folder), &true_key, NULL));
    forgery.store = lmdb_of(fixture->store);
    EXPECT_EQ(mdb_txn_begin(forgery.store->env, NULL, 0, &forgery.txn), 0);
    for (unsigned i = 0; i < RECORDS; i++) {
        record = record_at(&forgery, i + 1);
        heads[i] = (struct audit_link){.sequence = i + 1};
        memcpy(heads[i].hash, record.hash, sizeof record.hash);
    }
    it->forge(&forgery);
    EXPECT_EQ(mdb_txn_commit(forgery.txn), 0);
    arena_release(&forgery.arena);
    store_close(fixture->store);
}

static void expect_verdict(const struct fixture *fixture, const char *name,
                           const struct audit_order *order, uint64_t broken_at, const char *says)
{
    struct audit_check check;
    struct error err = {0};
    bool whole = store_verify_audit(text_of(fixture->folder), order, &check, &err);

    if (whole != (broken_at == 0) || check.broken_at != broken_at ||
        (says != NULL && strstr(err.message, says) == NULL))
        fprintf(stderr, "%s: %llu, expected %llu: %s\n", name, (unsigned long long)check.broken_at,
                (unsigned long long)broken_at, err.message);
    EXPECT_EQ(check.broken_at, broken_at);
    EXPECT_EQ(whole, broken_at == 0);
    EXPECT(says == NULL || strstr(err.message, says) != NULL);
}

TEST(every_forgery_is_told_by_the_first_record_that_is_wrong)
{
    struct audit_link heads[RECORDS];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture fixture;

        forge(&fixture, &cases[i], heads);
        expect_verdict(&fixture, cases[i].name, &(struct audit_order){.key = &true_key},
                       cases[i].keyed, cases[i].says);
        expect_verdict(&fixture, cases[i].name, &(struct audit_order){0}, cases[i].hashes, NULL);
        expect_verdict(&fixture, cases[i].name,
                       &(struct audit_order){.heads = heads, .head_count = RECORDS}, cases[i].heads,
                       NULL);
        fixture_remove(&fixture);
    }
}

TEST(the_walk_over_the_whole_store_includes_the_audit_log)
{
    struct audit_link heads[RECORDS];
    struct store_census census;
    struct fixture fixture;
    struct error err = {0};

    forge(&fixture, &cases[0], heads);
    fixture_reopen(&fixture, (size_t)256 << 20);
    EXPECT(store_verify_lmdb(fixture.store, &census, &err));
    EXPECT_EQ(census.audit_records, RECORDS);
    fixture_close(&fixture);
    forge(&fixture, &cases[9], heads);
    fixture_reopen(&fixture, (size_t)256 << 20);
    EXPECT(!store_verify_lmdb(fixture.store, &census, &err));
    EXPECT_EQ(err.code, ERROR_AUDIT_BROKEN);
    EXPECT_EQ(census.damaged, 1);
    fixture_close(&fixture);
}

TEST(heads_in_any_order_are_all_compared)
{
    struct audit_link heads[RECORDS], backwards[RECORDS];
    struct audit_check check;
    struct fixture fixture;

    forge(&fixture, &cases[0], heads);
    for (size_t i = 0; i < RECORDS; i++)
        backwards[i] = heads[RECORDS - 1 - i];
    EXPECT(store_verify_audit(text_of(fixture.folder),
                              &(struct audit_order){.heads = backwards, .head_count = RECORDS},
                              &check, NULL));
    EXPECT_EQ(check.heads_met, RECORDS);
    EXPECT_EQ(check.records, RECORDS);
    EXPECT_EQ(check.ends.last.sequence, RECORDS);
    backwards[2].hash[0] ^= 1;
    EXPECT(!store_verify_audit(text_of(fixture.folder),
                               &(struct audit_order){.heads = backwards, .head_count = RECORDS},
                               &check, NULL));
    EXPECT_EQ(check.broken_at, backwards[2].sequence);
    fixture_remove(&fixture);
}

TEST(where_there_is_no_store_there_is_nothing_to_verify)
{
    struct audit_check check;
    struct error err = {0};
    struct fixture fixture;

    fixture_make_folder(&fixture);
    EXPECT(!store_verify_audit(text_of(fixture.folder), &(struct audit_order){0}, &check, &err));
    EXPECT_EQ(err.code, ERROR_STORAGE_ERROR);
    fixture_remove(&fixture);
}
