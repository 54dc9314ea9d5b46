#include "store/store_fixture.h"
#include "unit.h"

enum { NOW_MS = 100000, TTL_MS = 5000, MOST = 64 << 20 };

static void key_of(unsigned number, unsigned char out[RESPONSE_DIGEST_BYTES])
{
    struct arena arena = {0};

    response_key(TEXT("tok_1"), fixture_id(&arena, "resp_", number), out);
    arena_release(&arena);
}

static struct store_command *on(enum store_kind kind, unsigned number)
{
    struct store_command *command = store_command_new(kind);

    key_of(number, command->response.key);
    command->now_ms = NOW_MS;
    command->bytes_max = MOST;
    return command;
}

/* One that goes on from `previous` (0: from none); its input is as many bytes as it is told. */
static struct store_command *put_of(unsigned number, unsigned previous, int64_t expires_ms,
                                    size_t bytes)
{
    struct store_command *command = on(STORE_RESPONSE_PUT, number);
    struct response_record *response = &command->response;
    char *input = arena_bytes(&command->arena, bytes);

    memset(input, 'a', bytes);
    response->id = fixture_id(&command->arena, "resp_", number);
    response->token_id = TEXT("tok_1");
    response->endpoint = number % 2 ? TEXT("odd") : TEXT("even");
    response->created_ms = NOW_MS + number;
    response->expires_ms = expires_ms;
    response->input = (struct text){input, bytes};
    response->asked = TEXT("asked");
    response->body = TEXT("{\"output\":[1]}");
    response->output_at = 10;
    response->output = TEXT("[1]");
    if (previous > 0)
        key_of(previous, response->previous);
    return command;
}

static void put(struct fixture *fixture, unsigned number, unsigned previous)
{
    EXPECT_EQ(fixture_run(fixture, put_of(number, previous, NOW_MS + TTL_MS, 10)), ERROR_NONE);
}

static struct store_command *wanting(enum store_kind kind, const unsigned *numbers, size_t count,
                                     bool chain)
{
    struct store_command *command = store_command_new(kind);

    command->now_ms = NOW_MS;
    command->bytes_max = MOST;
    command->wants = ARENA_ARRAY(&command->arena, struct response_want, count);
    command->want_count = count;
    for (size_t i = 0; i < count; i++) {
        key_of(numbers[i], command->wants[i].key);
        command->wants[i].chain = chain;
    }
    return command;
}

/* How many are found of it with what it goes on from, at a time. */
static size_t chain_at(struct fixture *fixture, unsigned number, int64_t now_ms)
{
    struct store_command *command = wanting(STORE_RESPONSE_READ, &number, 1, true);
    size_t count;

    command->now_ms = now_ms;
    store_wait(fixture->store, command);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    count = command->wants[0].found_count;
    for (size_t i = 0; i < count; i++) /* tests put them in order */
        EXPECT(i == 0 ||
               command->wants[0].found[i].created_ms > command->wants[0].found[i - 1].created_ms);
    store_command_free(command);
    return count;
}

static size_t chain(struct fixture *fixture, unsigned number)
{
    return chain_at(fixture, number, NOW_MS);
}

static void expect_whole(struct fixture *fixture, uint64_t responses)
{
    struct store_census census;
    struct error err = {0};

    if (!store_verify_lmdb(fixture->store, &census, &err))
        fail_msg("%s: %s", err.at, err.message);
    EXPECT_EQ(census.responses, responses);
}

TEST(a_response_is_found_as_it_was_until_it_expires_and_after_a_restart)
{
    const unsigned number = 7;
    struct fixture fixture;
    struct store_command *command;
    const struct response_record *found;

    fixture_open(&fixture);
    put(&fixture, number, 0);
    store_close(fixture.store);
    fixture_reopen(&fixture, (size_t)256 << 20);
    command = wanting(STORE_RESPONSE_READ, &number, 1, false);
    store_wait(fixture.store, command);
    EXPECT_EQ(command->wants[0].found_count, 1);
    found = command->wants[0].found;
    EXPECT_TEXT(found->id, "resp_00000000000000000000000007");
    EXPECT_TEXT(found->token_id, "tok_1");
    EXPECT_TEXT(found->endpoint, "odd");
    EXPECT_TEXT(found->input, "aaaaaaaaaa");
    EXPECT_TEXT(found->asked, "asked");
    EXPECT_TEXT(found->output, "[1]");
    EXPECT_EQ(found->body.len, 0);
    EXPECT(!response_has_previous(found));
    store_command_free(command);
    EXPECT_EQ(chain_at(&fixture, number, NOW_MS + TTL_MS - 1), 1);
    EXPECT_EQ(chain_at(&fixture, number, NOW_MS + TTL_MS), 0);
    expect_whole(&fixture, 1);
    fixture_close(&fixture);
}

TEST(an_id_is_another_one_in_the_hands_of_another_token)
{
    unsigned char mine[RESPONSE_DIGEST_BYTES], theirs[RESPONSE_DIGEST_BYTES];

    response_key(TEXT("tok_1"), TEXT("resp_1"), mine);
    response_key(TEXT("tok_2"), TEXT("resp_1"), theirs);
    EXPECT(memcmp(mine, theirs, sizeof mine) != 0);
    response_key(TEXT("tok_"), TEXT("1resp_1"), theirs);
    EXPECT(memcmp(mine, theirs, sizeof mine) != 0);
}

TEST(a_chain_comes_in_the_order_in_which_it_was_said_and_not_at_all_with_a_gap)
{
    struct fixture fixture;

    fixture_open(&fixture);
    put(&fixture, 1, 0);
    put(&fixture, 2, 1);
    put(&fixture, 3, 2);
    put(&fixture, 4, 2); /* two may go on from one */
    EXPECT_EQ(chain(&fixture, 3), 3);
    EXPECT_EQ(chain(&fixture, 4), 3);
    EXPECT_EQ(chain(&fixture, 9), 0);
    EXPECT_EQ(fixture_run(&fixture, on(STORE_RESPONSE_DELETE, 2)), ERROR_NONE);
    EXPECT_EQ(fixture_run(&fixture, on(STORE_RESPONSE_DELETE, 2)), ERROR_RESPONSE_NOT_FOUND);
    EXPECT_EQ(chain(&fixture, 3), 0);
    EXPECT_EQ(chain(&fixture, 1), 1);
    expect_whole(&fixture, 3);
    fixture_close(&fixture);
}

TEST(a_chain_is_as_long_as_it_may_be_and_one_that_goes_round_in_a_circle_ends)
{
    unsigned number = RESPONSE_CHAIN_MAX + 1;
    struct fixture fixture;
    struct store_command *command;

    fixture_open(&fixture);
    for (unsigned i = 1; i <= number; i++) {
        command = put_of(i, i - 1, NOW_MS + TTL_MS, 10);
        command->done = store_command_free;
        store_submit(fixture.store, command);
    }
    EXPECT_EQ(fixture_run(&fixture, put_of(2000, 2000, NOW_MS + TTL_MS, 10)), ERROR_NONE);
    EXPECT_EQ(chain(&fixture, number - 1), RESPONSE_CHAIN_MAX);
    command = wanting(STORE_RESPONSE_READ, (unsigned[]){number, 2000}, 2, true);
    store_wait(fixture.store, command);
    for (size_t i = 0; i < 2; i++)
        EXPECT(command->wants[i].too_long && command->wants[i].found_count == 0);
    store_command_free(command);
    fixture_close(&fixture);
}

TEST(no_more_is_read_than_may_be_and_a_body_only_where_it_is_wanted)
{
    const unsigned both[] = {1, 2};
    struct fixture fixture;
    struct store_command *command;

    fixture_open(&fixture);
    EXPECT_EQ(fixture_run(&fixture, put_of(1, 0, NOW_MS + TTL_MS, 1000)), ERROR_NONE);
    EXPECT_EQ(fixture_run(&fixture, put_of(2, 0, NOW_MS + TTL_MS, 1000)), ERROR_NONE);
    command = wanting(STORE_RESPONSE_READ, both, 2, false);
    command->bytes_max = 1500;
    store_wait(fixture.store, command);
    EXPECT_EQ(command->wants[0].found_count, 1);
    EXPECT(!command->wants[0].too_long);
    EXPECT(command->wants[1].too_long && command->wants[1].found_count == 0);
    store_command_free(command);
    command = wanting(STORE_RESPONSE_READ, both, 1, false);
    command->wants[0].whole = true;
    store_wait(fixture.store, command);
    EXPECT_TEXT(command->wants[0].found->body, "{\"output\":[1]}");
    EXPECT_TEXT(command->wants[0].found->output, "[1]");
    store_command_free(command);
    fixture_close(&fixture);
}

TEST(what_is_gone_on_from_lives_as_long_as_what_goes_on)
{
    const unsigned both[] = {1, 2};
    struct fixture fixture;
    struct store_command *command, *next;

    fixture_open(&fixture);
    put(&fixture, 1, 0);
    put(&fixture, 2, 1);
    next = put_of(3, 2, NOW_MS + 3 * TTL_MS, 10);
    command = wanting(STORE_RESPONSE_PUT, both, 2, false);
    command->response = next->response;
    command->wants[0].until_ms = command->wants[1].until_ms = NOW_MS + 3 * TTL_MS;
    command->bytes_max = MOST;
    EXPECT_EQ(fixture_run(&fixture, command), ERROR_NONE);
    store_command_free(next);
    EXPECT_EQ(chain_at(&fixture, 3, NOW_MS + 2 * TTL_MS), 3);
    EXPECT_EQ(chain_at(&fixture, 3, NOW_MS + 3 * TTL_MS), 0);
    expect_whole(&fixture, 3);
    fixture_close(&fixture);
}

static uint64_t purge(struct fixture *fixture, int64_t now_ms)
{
    struct store_command *command = store_command_new(STORE_RESPONSE_PURGE);
    uint64_t purged;

    command->now_ms = now_ms;
    store_wait(fixture->store, command);
    purged = command->purged;
    store_command_free(command);
    return purged;
}

TEST(a_purge_takes_what_expired_and_only_that)
{
    struct fixture fixture;

    fixture_open(&fixture);
    put(&fixture, 1, 0);
    EXPECT_EQ(fixture_run(&fixture, put_of(2, 0, NOW_MS + 2 * TTL_MS, 10)), ERROR_NONE);
    EXPECT_EQ(purge(&fixture, NOW_MS + TTL_MS), 0);
    EXPECT_EQ(purge(&fixture, NOW_MS + TTL_MS + 1), 1);
    EXPECT_EQ(chain(&fixture, 2), 1);
    expect_whole(&fixture, 1);
    fixture_close(&fixture);
}

TEST(what_expires_first_goes_when_there_is_more_than_there_may_be)
{
    struct fixture fixture;
    struct store_command *command;

    fixture_open(&fixture);
    for (unsigned i = 1; i <= 200; i++) {
        command = put_of(i, 0, NOW_MS + TTL_MS + i, 10000);
        command->bytes_max = 1 << 20;
        EXPECT_EQ(fixture_run(&fixture, command), ERROR_NONE);
    }
    EXPECT_EQ(chain(&fixture, 1), 0);
    EXPECT_EQ(chain(&fixture, 200), 1);
    fixture_close(&fixture);
}

TEST(a_full_store_refuses_a_response_and_holds_up_nobody)
{
    struct fixture fixture;
    enum error_code code = ERROR_NONE;

    fixture_make_folder(&fixture);
    fixture_reopen(&fixture, (size_t)8 << 20);
    for (unsigned i = 1; code == ERROR_NONE; i++)
        code = fixture_run(&fixture, put_of(i, 0, NOW_MS + TTL_MS, 100000));
    EXPECT_EQ(code, ERROR_STORAGE_FULL);
    EXPECT_EQ(chain(&fixture, 1), 1);
    EXPECT_EQ(fixture_run(&fixture, on(STORE_RESPONSE_DELETE, 1)), ERROR_NONE);
    fixture_close(&fixture);
}

TEST(an_erasure_takes_a_tokens_or_an_endpoints)
{
    struct fixture fixture;
    struct store_command *command;

    fixture_open(&fixture);
    for (unsigned i = 1; i <= 9; i++)
        put(&fixture, i, 0);
    command = on(STORE_RESPONSE_ERASE, 0);
    command->response.token_id = TEXT("tok_2");
    EXPECT_EQ(fixture_run(&fixture, command), ERROR_NONE);
    expect_whole(&fixture, 9);
    command = on(STORE_RESPONSE_ERASE, 0);
    command->response.token_id = TEXT("tok_1");
    command->response.endpoint = TEXT("odd");
    EXPECT_EQ(fixture_run(&fixture, command), ERROR_NONE);
    expect_whole(&fixture, 4);
    EXPECT_EQ(fixture_run(&fixture, on(STORE_RESPONSE_ERASE, 0)), ERROR_NONE);
    expect_whole(&fixture, 0);
    fixture_close(&fixture);
}
