#include "store/store_fixture.h"
#include "unit.h"

enum { NOW_MS = 100000, TTL_MS = 5000, MOST = 64 << 20 };

static struct store_command *on_key(enum store_kind kind, unsigned key)
{
    struct store_command *command = store_command_new(kind);

    memcpy(command->cache.key, &key, sizeof key);
    command->now_ms = NOW_MS;
    command->bytes_max = MOST;
    return command;
}

static struct store_command *put_of(unsigned key, const char *endpoint, const char *project,
                                    int64_t stored_ms, size_t bytes)
{
    struct store_command *command = on_key(STORE_CACHE_PUT, key);
    char *answer = arena_bytes(&command->arena, bytes);

    memset(answer, 'a', bytes);
    command->cache.stored_ms = stored_ms;
    command->cache.expires_ms = stored_ms + TTL_MS;
    command->cache.endpoint = text_of(endpoint);
    command->cache.project = text_of(project);
    command->cache.bytes = (struct text){answer, bytes};
    return command;
}

static void put(struct fixture *fixture, unsigned key, int64_t stored_ms)
{
    EXPECT_EQ(fixture_run(fixture, put_of(key, "e", "p", stored_ms, 100)), ERROR_NONE);
}

/* When what is found was stored; 0: nothing is found. */
static int64_t find_since(struct fixture *fixture, unsigned key, int64_t now_ms, int64_t since_ms)
{
    struct store_command *command = on_key(STORE_CACHE_READ, key);
    int64_t stored_ms;

    command->now_ms = now_ms;
    command->cache.stored_ms = since_ms;
    store_wait(fixture->store, command);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    stored_ms = command->cached != NULL ? command->cached->stored_ms : 0;
    store_command_free(command);
    return stored_ms;
}

static int64_t find(struct fixture *fixture, unsigned key)
{
    return find_since(fixture, key, NOW_MS, 0);
}

static uint64_t count(struct fixture *fixture, uint64_t *out_bytes)
{
    struct store_command *command = on_key(STORE_CACHE_COUNT, 0);
    uint64_t entries;

    store_wait(fixture->store, command);
    entries = command->entries;
    if (out_bytes != NULL)
        *out_bytes = command->bytes;
    store_command_free(command);
    return entries;
}

static void expect_whole(struct fixture *fixture, uint64_t answers)
{
    struct store_census census;
    struct error err = {0};

    if (!store_verify_lmdb(fixture->store, &census, &err))
        fail_msg("%s: %s", err.at, err.message);
    EXPECT_EQ(census.answers, answers);
}

static uint64_t erase(struct fixture *fixture, const char *endpoint, const char *project)
{
    struct arena arena = {0};
    struct text after = {0};
    uint64_t erased = 0;
    bool more = true;

    while (more) {
        struct store_command *command = on_key(STORE_CACHE_ERASE, 0);

        command->cache.endpoint = text_of(endpoint);
        command->cache.project = text_of(project);
        command->after = arena_copy(&command->arena, after);
        store_wait(fixture->store, command);
        EXPECT_EQ(command->error.code, ERROR_NONE);
        EXPECT(command->purged <= 256);
        erased += command->purged;
        more = command->more;
        after = arena_copy(&arena, command->last);
        store_command_free(command);
    }
    arena_release(&arena);
    return erased;
}

TEST(an_answer_is_found_as_it_was_until_it_expires_and_after_a_restart)
{
    struct fixture fixture;
    struct store_command *command;

    fixture_open(&fixture);
    put(&fixture, 1, NOW_MS);
    store_close(fixture.store);
    fixture_reopen(&fixture, (size_t)256 << 20);
    command = on_key(STORE_CACHE_READ, 1);
    store_wait(fixture.store, command);
    EXPECT_EQ(command->cached->expires_ms, NOW_MS + TTL_MS);
    EXPECT_TEXT(command->cached->endpoint, "e");
    EXPECT_TEXT(command->cached->project, "p");
    EXPECT_EQ(command->cached->bytes.len, 100);
    store_command_free(command);
    EXPECT_EQ(find_since(&fixture, 1, NOW_MS + TTL_MS - 1, 0), NOW_MS);
    EXPECT_EQ(find_since(&fixture, 1, NOW_MS + TTL_MS, 0), 0);
    EXPECT_EQ(find_since(&fixture, 1, NOW_MS, NOW_MS + 1), 0);
    EXPECT_EQ(find(&fixture, 2), 0);
    expect_whole(&fixture, 1);
    fixture_close(&fixture);
}

TEST(another_answer_takes_the_place_of_the_one_before)
{
    struct fixture fixture;

    fixture_open(&fixture);
    put(&fixture, 1, NOW_MS);
    put(&fixture, 1, NOW_MS + 7);
    EXPECT_EQ(find(&fixture, 1), NOW_MS + 7);
    put(&fixture, 2, NOW_MS);
    EXPECT_EQ(fixture_run(&fixture, on_key(STORE_CACHE_DROP, 2)), ERROR_NONE);
    EXPECT_EQ(fixture_run(&fixture, on_key(STORE_CACHE_DROP, 3)), ERROR_NONE);
    expect_whole(&fixture, 1);
    EXPECT_EQ(erase(&fixture, "", ""), 1);
    expect_whole(&fixture, 0);
    fixture_close(&fixture);
}

TEST(what_expires_first_goes_when_there_is_more_than_there_may_be)
{
    struct fixture fixture;
    uint64_t bytes;

    fixture_open(&fixture);
    for (unsigned key = 1; key <= 200; key++) {
        struct store_command *command = put_of(key, "e", "p", NOW_MS + key, 10000);

        command->bytes_max = 1 << 20;
        EXPECT_EQ(fixture_run(&fixture, command), ERROR_NONE);
        count(&fixture, &bytes);
        EXPECT(bytes <= (1 << 20) + 32768);
    }
    EXPECT_EQ(find(&fixture, 1), 0);
    EXPECT_EQ(find(&fixture, 200), NOW_MS + 200);
    EXPECT(count(&fixture, NULL) > 70);
    expect_whole(&fixture, count(&fixture, NULL));
    fixture_close(&fixture);
}

TEST(a_purge_of_what_expired_takes_a_bounded_batch_and_leaves_the_rest)
{
    struct fixture fixture;
    struct store_command *command;
    uint64_t purged = 0, batch = 1;

    fixture_open(&fixture);
    for (unsigned key = 0; key < 300; key++) {
        command = put_of(key, "e", "p", NOW_MS + (key < 290 ? 0 : 10), 100);
        command->done = store_command_free;
        store_submit(fixture.store, command);
    }
    put(&fixture, 1000, NOW_MS + 10);
    for (; batch > 0; purged += batch) {
        command = on_key(STORE_CACHE_PURGE, 0);
        command->now_ms = NOW_MS + TTL_MS + 1;
        store_wait(fixture.store, command);
        batch = command->purged;
        EXPECT(batch <= 256);
        store_command_free(command);
    }
    EXPECT_EQ(purged, 290);
    expect_whole(&fixture, 11);
    fixture_close(&fixture);
}

TEST(an_erasure_takes_an_endpoints_a_projects_or_all_in_bounded_parts)
{
    struct fixture fixture;

    fixture_open(&fixture);
    for (unsigned key = 0; key < 1200; key++) {
        struct store_command *command =
            put_of(key, key % 2 ? "a" : "b", key % 3 ? "x" : "y", NOW_MS, 100);

        command->done = store_command_free;
        store_submit(fixture.store, command);
    }
    EXPECT_EQ(erase(&fixture, "a", "y"), 200);
    EXPECT_EQ(erase(&fixture, "a", ""), 400);
    EXPECT_EQ(erase(&fixture, "", "y"), 200);
    EXPECT_EQ(erase(&fixture, "c", ""), 0);
    expect_whole(&fixture, 400);
    EXPECT_EQ(erase(&fixture, "", ""), 400);
    expect_whole(&fixture, 0);
    fixture_close(&fixture);
}

TEST(a_store_that_is_short_of_room_takes_no_more_answers_long_before_it_refuses_a_session)
{
    struct fixture fixture;
    enum error_code code = ERROR_NONE;

    fixture_make_folder(&fixture);
    fixture_reopen(&fixture, (size_t)8 << 20);
    for (unsigned key = 0; code == ERROR_NONE; key++)
        code = fixture_run(&fixture, put_of(key, "e", "p", NOW_MS, 100000));
    EXPECT_EQ(code, ERROR_STORAGE_FULL);
    EXPECT_EQ(fixture_run(&fixture, fixture_append(1, 0, 2, 100000)), ERROR_NONE);
    EXPECT_EQ(find(&fixture, 0), NOW_MS);
    EXPECT(erase(&fixture, "", "") > 40);
    expect_whole(&fixture, 0);
    fixture_close(&fixture);
}
