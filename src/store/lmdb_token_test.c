#include "store/store_fixture.h"

#include "unit.h"

static const struct text scopes[] = {TEXT_INIT("*")};

static struct store_command *put(const char *id, enum store_kind kind)
{
    struct store_command *command = store_command_new(kind);

    command->token = (struct token_record){TOKEN_DEFAULTS, .scopes = scopes, .scope_count = 1};
    command->token.id = arena_copy(&command->arena, text_of(id));
    command->token.name = TEXT("desk");
    memset(command->token.digest, 0x11, STORE_DIGEST_BYTES);
    return command;
}

static struct store_command *change(const char *id, unsigned fields)
{
    struct store_command *command = store_command_new(STORE_TOKEN_CHANGE);

    command->token.id = text_of(id);
    command->token_fields = fields;
    return command;
}

/* The only token there is, as it is stored. */
static void stored(struct fixture *fixture, struct arena *arena, struct token_record *out)
{
    struct store_command *list = store_command_new(STORE_TOKEN_LIST);

    store_wait(fixture->store, list);
    EXPECT_EQ(list->error.code, ERROR_NONE);
    EXPECT_EQ(list->token_count, 1);
    *out = *token_record_copy(arena, &list->tokens[0]);
    store_command_free(list);
}

TEST(a_change_sets_what_it_names_and_nothing_else)
{
    struct fixture fixture;
    struct token_record token;
    struct arena arena = {0};
    struct store_command *command = change("tok_1", TOKEN_SET_EXPIRY);

    fixture_open(&fixture);
    EXPECT_EQ(fixture_run(&fixture, put("tok_1", STORE_TOKEN_PUT)), ERROR_NONE);
    command->token.expires_ms = 77;
    command->token.name = TEXT("not this");
    store_wait(fixture.store, command);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    EXPECT_EQ(command->tokens[0].expires_ms, 77);
    store_command_free(command);
    stored(&fixture, &arena, &token);
    EXPECT_EQ(token.expires_ms, 77);
    EXPECT_EQ(token.revision, 1);
    EXPECT_TEXT(token.name, "desk");
    EXPECT_EQ(fixture_run(&fixture, change("tok_2", TOKEN_SET_NAME)), ERROR_TOKEN_NOT_FOUND);
    arena_release(&arena);
    fixture_close(&fixture);
}

TEST(nothing_makes_a_revoked_token_good_again)
{
    struct fixture fixture;
    struct token_record token;
    struct arena arena = {0};
    struct store_command *revoke = change("tok_1", TOKEN_SET_REVOKED), *again;

    fixture_open(&fixture);
    EXPECT_EQ(fixture_run(&fixture, put("tok_1", STORE_TOKEN_PUT)), ERROR_NONE);
    revoke->token.revoked_ms = 5;
    EXPECT_EQ(fixture_run(&fixture, revoke), ERROR_NONE);
    EXPECT_EQ(fixture_run(&fixture, change("tok_1", TOKEN_SET_EXPIRY)), ERROR_TOKEN_IS_REVOKED);
    EXPECT_EQ(fixture_run(&fixture, change("tok_1", TOKEN_SET_SECRET)), ERROR_TOKEN_IS_REVOKED);
    again = change("tok_1", TOKEN_SET_REVOKED);
    again->token.revoked_ms = 9;
    store_wait(fixture.store, again);
    EXPECT_EQ(again->error.code, ERROR_NONE);
    EXPECT(again->unchanged);
    EXPECT_EQ(again->tokens[0].revoked_ms, 5);
    store_command_free(again);
    stored(&fixture, &arena, &token);
    EXPECT_EQ(token.revoked_ms, 5);
    EXPECT_EQ(token.revision, 1);
    arena_release(&arena);
    fixture_close(&fixture);
}

TEST(a_rotation_keeps_the_digest_before_it)
{
    struct fixture fixture;
    struct token_record token;
    struct arena arena = {0};
    struct store_command *rotate = change("tok_1", TOKEN_SET_SECRET);

    fixture_open(&fixture);
    EXPECT_EQ(fixture_run(&fixture, put("tok_1", STORE_TOKEN_PUT)), ERROR_NONE);
    memset(rotate->token.digest, 0x22, STORE_DIGEST_BYTES);
    rotate->token.hint = TEXT("abcd");
    rotate->token.previous_until_ms = 99;
    EXPECT_EQ(fixture_run(&fixture, rotate), ERROR_NONE);
    stored(&fixture, &arena, &token);
    EXPECT_EQ(token.digest[0], 0x22);
    EXPECT_EQ(token.previous_digest[31], 0x11);
    EXPECT_EQ(token.previous_until_ms, 99);
    EXPECT_TEXT(token.hint, "abcd");
    arena_release(&arena);
    fixture_close(&fixture);
}

/* Several commands at once, answered one by one. */
struct answers {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t count;
};

static void count_answer(struct store_command *command)
{
    struct answers *answers = command->context;

    pthread_mutex_lock(&answers->lock);
    answers->count++;
    pthread_cond_signal(&answers->changed);
    pthread_mutex_unlock(&answers->lock);
}

static struct store_command *provision(const char *id, int64_t now_ms)
{
    struct store_command *command = put(id, STORE_TOKEN_PROVISION);

    command->token.deployment = TEXT("shop-eu");
    command->now_ms = now_ms;
    return command;
}

TEST(of_many_who_provision_a_deployment_at_once_all_get_one_token)
{
    enum { MANY = 40 };
    struct fixture fixture;
    struct answers answers = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
    struct store_command *commands[MANY];
    struct store_census census;
    size_t created = 0;
    char id[16];

    fixture_open(&fixture);
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(id, sizeof id, "tok_%u", i);
        commands[i] = provision(id, 1);
        commands[i]->done = count_answer;
        commands[i]->context = &answers;
        store_submit(fixture.store, commands[i]);
    }
    pthread_mutex_lock(&answers.lock);
    while (answers.count < MANY)
        pthread_cond_wait(&answers.changed, &answers.lock);
    pthread_mutex_unlock(&answers.lock);
    for (unsigned i = 0; i < MANY; i++) {
        EXPECT_EQ(commands[i]->error.code, ERROR_NONE);
        EXPECT_TEXT(commands[i]->tokens[0].id, "tok_0");
        created += !commands[i]->unchanged;
        store_command_free(commands[i]);
    }
    EXPECT_EQ(created, 1);
    EXPECT(store_verify_lmdb(fixture.store, &census, NULL));
    EXPECT_EQ(census.tokens, 1);
    EXPECT_EQ(census.deployments, 1);
    fixture_close(&fixture);
}

static void expect_provision(struct fixture *fixture, const char *id, int64_t now_ms,
                             const char *expected)
{
    struct store_command *command = provision(id, now_ms);

    store_wait(fixture->store, command);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    EXPECT_TEXT(command->tokens[0].id, expected);
    EXPECT_EQ(command->unchanged, strcmp(id, expected) != 0);
    store_command_free(command);
}

TEST(a_deployment_gets_another_token_when_its_own_is_dead)
{
    struct fixture fixture;
    struct store_command *command = store_command_new(STORE_TOKEN_FIND);
    struct store_census census;

    fixture_open(&fixture);
    command->token.deployment = TEXT("shop-eu");
    EXPECT_EQ(fixture_run(&fixture, command), ERROR_TOKEN_NOT_FOUND);
    expect_provision(&fixture, "tok_1", 10, "tok_1");
    expect_provision(&fixture, "tok_2", 10, "tok_1");
    command = store_command_new(STORE_TOKEN_CHANGE);
    command->token.deployment = TEXT("shop-eu");
    command->token.revoked_ms = 20;
    command->token_fields = TOKEN_SET_REVOKED;
    EXPECT_EQ(fixture_run(&fixture, command), ERROR_NONE);
    expect_provision(&fixture, "tok_3", 30, "tok_3");
    command = change("tok_3", TOKEN_SET_EXPIRY);
    command->token.expires_ms = 40;
    EXPECT_EQ(fixture_run(&fixture, command), ERROR_NONE);
    expect_provision(&fixture, "tok_4", 39, "tok_3");
    expect_provision(&fixture, "tok_5", 40, "tok_5");
    command = store_command_new(STORE_TOKEN_FIND);
    command->token.deployment = TEXT("shop-eu");
    store_wait(fixture.store, command);
    EXPECT_TEXT(command->tokens[0].id, "tok_5");
    store_command_free(command);
    EXPECT(store_verify_lmdb(fixture.store, &census, NULL));
    fixture_close(&fixture);
}

TEST(uses_are_noted_of_the_tokens_there_are_and_never_go_back)
{
    static const struct token_use uses[] = {
        {TEXT_INIT("tok_gone"), 9}, {TEXT_INIT("tok_1"), 8}, {TEXT_INIT("tok_1"), 7}};
    struct fixture fixture;
    struct token_record token;
    struct arena arena = {0};
    struct store_command *command = store_command_new(STORE_TOKEN_USED);

    fixture_open(&fixture);
    EXPECT_EQ(fixture_run(&fixture, put("tok_1", STORE_TOKEN_PUT)), ERROR_NONE);
    command->uses = uses;
    command->use_count = 3;
    EXPECT_EQ(fixture_run(&fixture, command), ERROR_NONE);
    stored(&fixture, &arena, &token);
    EXPECT_EQ(token.last_used_ms, 8);
    EXPECT_EQ(token.revision, 0);
    arena_release(&arena);
    fixture_close(&fixture);
}
