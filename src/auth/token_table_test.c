#include "auth/token_table.h"

#include "unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

static const struct token_key key = {{1, 2, 3}};

/* A table and the secret of one token in it. */
struct fixture {
    struct token_table *table;
    char secret[TOKEN_CHARS];
    struct token_record record;
};

static struct text secret_of(const struct fixture *fixture)
{
    return (struct text){fixture->secret, TOKEN_CHARS};
}

static void open(struct fixture *fixture)
{
    static const struct text scopes[] = {TEXT_INIT("summarize")};

    *fixture = (struct fixture){.table = token_table_new(&key)};
    token_secret_new(TOKEN_CALL, false, fixture->secret);
    fixture->record = (struct token_record){.id = TEXT("tok_1"),
                                            .name = TEXT("job"),
                                            .scopes = scopes,
                                            .scope_count = 1,
                                            .expires_ms = 1000};
    token_digest(&key, secret_of(fixture), fixture->record.digest);
}

static enum error_code ask(struct fixture *fixture, struct text secret, int64_t wall_ms)
{
    const struct token_record *entry;
    struct error err = {0};
    bool known =
        token_table_authenticate(fixture->table, TOKEN_CALL, secret, wall_ms, &entry, &err);

    EXPECT_EQ(known, err.code == ERROR_NONE);
    EXPECT_EQ(known, entry != NULL);
    return err.code;
}

TEST(the_bearer_of_a_live_token_is_told)
{
    struct fixture fixture;
    const struct token_record *entry;

    open(&fixture);
    token_table_put(fixture.table, &fixture.record);
    EXPECT(token_table_authenticate(fixture.table, TOKEN_CALL, secret_of(&fixture), 999, &entry,
                                    NULL));
    EXPECT_TEXT(entry->id, "tok_1");
    EXPECT_TEXT(entry->name, "job");
    EXPECT_TEXT(entry->scopes[0], "summarize");
    EXPECT(entry->id.at != fixture.record.id.at);
    token_table_free(fixture.table);
}

TEST(a_token_that_is_missing_malformed_or_unknown_is_refused)
{
    struct fixture fixture;
    char other[TOKEN_CHARS], lengthy[4096];
    struct error unknown = {0}, malformed = {0};
    const struct token_record *entry;

    open(&fixture);
    token_table_put(fixture.table, &fixture.record);
    token_secret_new(TOKEN_CALL, false, other);
    memset(lengthy, 'a', sizeof lengthy);
    EXPECT_EQ(ask(&fixture, (struct text){0}, 0), ERROR_MISSING_TOKEN);
    EXPECT_EQ(ask(&fixture, TEXT("x"), 0), ERROR_INVALID_TOKEN);
    EXPECT_EQ(ask(&fixture, (struct text){lengthy, sizeof lengthy}, 0), ERROR_INVALID_TOKEN);
    memcpy(lengthy, fixture.secret, TOKEN_CHARS);
    EXPECT_EQ(ask(&fixture, (struct text){lengthy, sizeof lengthy}, 0), ERROR_INVALID_TOKEN);
    token_table_authenticate(fixture.table, TOKEN_CALL, (struct text){other, TOKEN_CHARS}, 0,
                             &entry, &unknown);
    token_table_authenticate(fixture.table, TOKEN_CALL, TEXT("pin_live_"), 0, &entry, &malformed);
    EXPECT_EQ(unknown.code, ERROR_INVALID_TOKEN);
    EXPECT(memcmp(&unknown, &malformed, sizeof unknown) == 0); /* one answer for both */
    token_table_free(fixture.table);
}

TEST(a_token_expires_at_its_time)
{
    struct fixture fixture;

    open(&fixture);
    token_table_put(fixture.table, &fixture.record);
    EXPECT_EQ(ask(&fixture, secret_of(&fixture), 999), ERROR_NONE);
    EXPECT_EQ(ask(&fixture, secret_of(&fixture), 1000), ERROR_EXPIRED_TOKEN);
    token_table_free(fixture.table);
    open(&fixture);
    fixture.record.expires_ms = 0;
    token_table_put(fixture.table, &fixture.record);
    EXPECT_EQ(ask(&fixture, secret_of(&fixture), INT64_MAX), ERROR_NONE);
    token_table_free(fixture.table);
}

TEST(a_revocation_takes_effect_at_once)
{
    struct fixture fixture;
    struct token_view view;

    open(&fixture);
    token_table_put(fixture.table, &fixture.record);
    fixture.record.revoked_ms = 500;
    fixture.record.revision = 1;
    token_table_put(fixture.table, &fixture.record);
    EXPECT_EQ(ask(&fixture, secret_of(&fixture), 600), ERROR_REVOKED_TOKEN);
    EXPECT_EQ(ask(&fixture, secret_of(&fixture), 2000), ERROR_REVOKED_TOKEN);
    EXPECT(token_table_find(fixture.table, TEXT("tok_1"), &view));
    EXPECT_EQ(view.record->revoked_ms, 500);
    token_table_free(fixture.table);
}

TEST(of_two_changes_the_later_stays_whichever_comes_first)
{
    struct fixture fixture;
    const struct token_record *before;
    struct token_view view;

    open(&fixture);
    token_table_put(fixture.table, &fixture.record);
    EXPECT(
        token_table_authenticate(fixture.table, TOKEN_CALL, secret_of(&fixture), 9, &before, NULL));
    fixture.record.name = TEXT("third");
    fixture.record.revision = 2;
    token_table_put(fixture.table, &fixture.record);
    fixture.record.name = TEXT("second");
    fixture.record.revision = 1;
    token_table_put(fixture.table, &fixture.record);
    EXPECT(token_table_find(fixture.table, TEXT("tok_1"), &view));
    EXPECT_TEXT(view.record->name, "third");
    EXPECT_TEXT(before->name, "job"); /* what a request under way has seen stays */
    token_table_free(fixture.table);
}

/* Gives the fixture's token another secret, the present one being good until then. */
static void rotate(struct fixture *fixture, int64_t until_ms, char out[TOKEN_CHARS])
{
    memcpy(fixture->record.previous_digest, fixture->record.digest, STORE_DIGEST_BYTES);
    fixture->record.previous_until_ms = until_ms;
    fixture->record.revision++;
    token_secret_new(TOKEN_CALL, false, out);
    token_digest(&key, (struct text){out, TOKEN_CHARS}, fixture->record.digest);
    token_table_put(fixture->table, &fixture->record);
}

TEST(after_a_rotation_the_old_secret_is_good_until_its_time_is_over)
{
    struct fixture fixture;
    char second[TOKEN_CHARS], third[TOKEN_CHARS];

    open(&fixture);
    fixture.record.expires_ms = 0;
    token_table_put(fixture.table, &fixture.record);
    rotate(&fixture, 500, second);
    EXPECT_EQ(ask(&fixture, secret_of(&fixture), 499), ERROR_NONE);
    EXPECT_EQ(ask(&fixture, secret_of(&fixture), 500), ERROR_REVOKED_TOKEN);
    EXPECT_EQ(ask(&fixture, (struct text){second, TOKEN_CHARS}, 900), ERROR_NONE);
    rotate(&fixture, 1000, third);
    EXPECT_EQ(ask(&fixture, secret_of(&fixture), 499), ERROR_REVOKED_TOKEN);
    EXPECT_EQ(ask(&fixture, (struct text){second, TOKEN_CHARS}, 999), ERROR_NONE);
    EXPECT_EQ(ask(&fixture, (struct text){third, TOKEN_CHARS}, 2000), ERROR_NONE);
    token_table_free(fixture.table);
}

TEST(both_secrets_of_a_rotation_are_found_after_a_restart)
{
    struct fixture fixture;
    char second[TOKEN_CHARS];
    struct token_table *again = token_table_new(&key);

    open(&fixture);
    fixture.record.expires_ms = 0;
    token_table_put(fixture.table, &fixture.record);
    rotate(&fixture, 500, second);
    token_table_put(again, &fixture.record);
    token_table_free(fixture.table);
    fixture.table = again;
    EXPECT_EQ(ask(&fixture, secret_of(&fixture), 499), ERROR_NONE);
    EXPECT_EQ(ask(&fixture, secret_of(&fixture), 500), ERROR_REVOKED_TOKEN);
    EXPECT_EQ(ask(&fixture, (struct text){second, TOKEN_CHARS}, 900), ERROR_NONE);
    token_table_free(again);
}

TEST(a_token_is_not_known_where_the_other_kind_is_asked_for)
{
    struct fixture fixture;
    const struct token_record *record;
    struct error unknown = {0}, other = {0};

    open(&fixture);
    token_table_put(fixture.table, &fixture.record);
    EXPECT(!token_table_authenticate(fixture.table, TOKEN_ADMIN, secret_of(&fixture), 9, &record,
                                     &other));
    token_table_authenticate(fixture.table, TOKEN_ADMIN, TEXT("nonsense"), 9, &record, &unknown);
    EXPECT_EQ(other.code, ERROR_INVALID_TOKEN);
    EXPECT(memcmp(&unknown, &other, sizeof other) == 0);
    token_table_free(fixture.table);
}

static void take_use(struct text id, int64_t used_ms, void *context)
{
    EXPECT_TEXT(id, "tok_1");
    *(int64_t *)context += used_ms;
}

TEST(a_use_is_told_once_and_to_the_second)
{
    struct fixture fixture;
    struct token_view view;
    int64_t told = 0;

    open(&fixture);
    fixture.record.expires_ms = 0;
    token_table_put(fixture.table, &fixture.record);
    ask(&fixture, secret_of(&fixture), 5000);
    ask(&fixture, secret_of(&fixture), 5999);
    token_table_find(fixture.table, TEXT("tok_1"), &view);
    EXPECT_EQ(view.used_ms, 5000);
    ask(&fixture, secret_of(&fixture), 6000);
    token_table_take_uses(fixture.table, take_use, &told);
    EXPECT_EQ(told, 6000);
    token_table_take_uses(fixture.table, take_use, &told);
    EXPECT_EQ(told, 6000);
    ask(&fixture, secret_of(&fixture), 9000);
    token_table_take_uses(fixture.table, take_use, &told);
    EXPECT_EQ(told, 15000);
    token_table_free(fixture.table);
}

static struct token_record numbered(unsigned number, char id[16])
{
    struct token_record record = {.created_ms = number};

    snprintf(id, 16, "tok_%u", number);
    record.id = text_of(id);
    token_digest(&key, record.id, record.digest);
    return record;
}

TEST(many_tokens_are_found_by_id_and_walked_in_order)
{
    enum { MANY = 5000 };
    struct token_table *table = token_table_new(&key);
    struct token_view view = {0};
    struct text after = {0};
    char id[16];

    for (unsigned i = 0; i < MANY; i++) {
        struct token_record record = numbered(i, id);

        token_table_put(table, &record);
    }
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(id, sizeof id, "tok_%u", i);
        EXPECT(token_table_find(table, text_of(id), &view));
        EXPECT_EQ(view.record->created_ms, i);
        EXPECT(token_table_next(table, after, &view));
        EXPECT_EQ(view.record->created_ms, i);
        after = view.record->id;
    }
    EXPECT(!token_table_next(table, after, &view));
    EXPECT(!token_table_find(table, TEXT("tok_x"), &view));
    token_table_free(table);
    token_table_free(NULL);
}

enum { THREADS = 3, SHARED = 400 };
static struct token_table *shared;
static char secrets[SHARED][TOKEN_CHARS];
static _Atomic unsigned put_count, revoked_count;
static _Atomic bool over;

/* What was put before a look-up begins is found by it, and what was revoked before is refused. */
static void *look_up(void *context)
{
    size_t *wrong = context;

    for (unsigned i = 0; !atomic_load(&over); i = (i + 1) % SHARED) {
        unsigned revoked = atomic_load(&revoked_count), put = atomic_load(&put_count);
        const struct token_record *entry;
        struct error err = {0};

        token_table_authenticate(shared, TOKEN_CALL, (struct text){secrets[i], TOKEN_CHARS}, 0,
                                 &entry, &err);
        if (i < revoked)
            *wrong += err.code != ERROR_REVOKED_TOKEN;
        else if (i < put)
            *wrong += err.code != ERROR_NONE && err.code != ERROR_REVOKED_TOKEN;
        else
            *wrong += err.code == ERROR_EXPIRED_TOKEN;
    }
    return NULL;
}

TEST(look_ups_run_while_tokens_are_put_and_revoked)
{
    pthread_t threads[THREADS];
    size_t wrong[THREADS] = {0};

    shared = token_table_new(&key);
    for (unsigned i = 0; i < SHARED; i++)
        token_secret_new(TOKEN_CALL, false, secrets[i]);
    for (unsigned i = 0; i < THREADS; i++)
        EXPECT_EQ(pthread_create(&threads[i], NULL, look_up, &wrong[i]), 0);
    for (unsigned round = 0; round < 2; round++)
        for (unsigned i = 0; i < SHARED; i++) {
            struct token_record record = {.revoked_ms = round, .revision = round};
            char id[16];

            snprintf(id, sizeof id, "tok_%u", i);
            record.id = text_of(id);
            token_digest(&key, (struct text){secrets[i], TOKEN_CHARS}, record.digest);
            token_table_put(shared, &record);
            atomic_fetch_add(round == 0 ? &put_count : &revoked_count, 1);
        }
    atomic_store(&over, true);
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        EXPECT_EQ(wrong[i], 0);
    }
    token_table_free(shared);
}
