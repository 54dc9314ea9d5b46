#include "store/store_fixture.h"

#include "unit.h"

/* An asker with a loop of its own, as a worker has. */
struct desk {
    struct loop *loop;
    size_t waiting;
    size_t codes[ERROR_CODE_COUNT];
};

static void note(struct store_command *command)
{
    struct desk *desk = command->context;

    desk->waiting--;
    desk->codes[command->error.code]++;
    store_command_free(command);
}

static void submit(struct fixture *fixture, struct desk *desk, struct store_command *command)
{
    command->loop = desk->loop;
    command->done = note;
    command->context = desk;
    desk->waiting++;
    store_submit(fixture->store, command);
}

static void serve(struct desk *desk)
{
    while (desk->waiting > 0)
        loop_turn(desk->loop, 1000);
}

TEST(an_answer_comes_in_the_loop_and_never_from_inside)
{
    struct fixture fixture;
    struct desk desk = {.loop = loop_open()};

    fixture_open(&fixture);
    submit(&fixture, &desk, fixture_append(1, 0, 2, 10));
    EXPECT_EQ(fixture_run(&fixture, fixture_append(2, 0, 2, 10)), ERROR_NONE);
    EXPECT_EQ(desk.waiting, 1); /* though it was carried out before the other one */
    serve(&desk);
    EXPECT_EQ(desk.codes[ERROR_NONE], 1);
    fixture_close(&fixture);
    loop_close(desk.loop);
}

TEST(of_turns_built_on_the_same_history_exactly_one_is_stored)
{
    struct fixture fixture;
    struct desk desk = {.loop = loop_open()};
    struct store_census census;

    fixture_open(&fixture);
    for (uint64_t revision = 0; revision < 20; revision++) {
        memset(desk.codes, 0, sizeof desk.codes);
        for (int i = 0; i < 8; i++)
            submit(&fixture, &desk, fixture_append(1, revision, 2, 10));
        serve(&desk);
        EXPECT_EQ(desk.codes[ERROR_NONE], 1);
        EXPECT_EQ(desk.codes[ERROR_SESSION_BUSY], 7);
    }
    EXPECT(store_verify_lmdb(fixture.store, &census, NULL));
    EXPECT_EQ(census.messages, 40);
    fixture_close(&fixture);
    loop_close(desk.loop);
}

struct reader {
    struct fixture *fixture;
    struct desk desk;
    unsigned session;
    uint64_t revision, rounds;
    bool behind;
};

static void write_next(struct reader *reader);

static void read_back(struct store_command *command)
{
    struct reader *reader = command->context;

    reader->behind |= command->error.code != ERROR_NONE ||
                      command->session.revision != reader->revision ||
                      command->session.message_count != 2 * reader->revision;
    store_command_free(command);
    reader->desk.waiting--;
    if (--reader->rounds > 0)
        write_next(reader);
}

static void written(struct store_command *command)
{
    struct reader *reader = command->context;
    struct store_command *read = fixture_on_session(STORE_SESSION_READ, reader->session);

    reader->revision = command->revision;
    store_command_free(command);
    read->loop = reader->desk.loop;
    read->done = read_back;
    read->context = reader;
    store_submit(reader->fixture->store, read);
}

static void write_next(struct reader *reader)
{
    struct store_command *command = fixture_append(reader->session, reader->revision, 2, 100);

    command->loop = reader->desk.loop;
    command->done = written;
    command->context = reader;
    reader->desk.waiting++;
    store_submit(reader->fixture->store, command);
}

static void *work(void *context)
{
    struct reader *reader = context;

    reader->desk.loop = loop_open();
    CHECK(reader->desk.loop != NULL);
    write_next(reader);
    serve(&reader->desk);
    loop_close(reader->desk.loop);
    return NULL;
}

TEST(a_read_sees_every_write_that_was_answered_before)
{
    enum { READERS = 4, ROUNDS = 50 };
    struct fixture fixture;
    struct reader readers[READERS] = {0};
    pthread_t threads[READERS];
    struct store_census census;

    fixture_open(&fixture);
    for (unsigned i = 0; i < READERS; i++) {
        readers[i] = (struct reader){.fixture = &fixture, .session = i, .rounds = ROUNDS};
        EXPECT_EQ(pthread_create(&threads[i], NULL, work, &readers[i]), 0);
    }
    for (unsigned i = 0; i < READERS; i++) {
        pthread_join(threads[i], NULL);
        EXPECT(!readers[i].behind);
    }
    EXPECT(store_verify_lmdb(fixture.store, &census, NULL));
    EXPECT_EQ(census.messages, READERS * ROUNDS * 2);
    fixture_close(&fixture);
}

TEST(an_abandoned_command_takes_effect_and_is_not_answered)
{
    struct fixture fixture;
    struct desk desk = {.loop = loop_open()};
    struct store_command *command = fixture_append(1, 0, 2, 10);

    fixture_open(&fixture);
    submit(&fixture, &desk, command);
    store_abandon(command);
    desk.waiting--;
    submit(&fixture, &desk, fixture_append(2, 0, 2, 10));
    serve(&desk);
    EXPECT_EQ(desk.codes[ERROR_NONE], 1);
    EXPECT_EQ(fixture_run(&fixture, fixture_on_session(STORE_SESSION_READ, 1)), ERROR_NONE);
    fixture_close(&fixture);
    loop_close(desk.loop);
}

TEST(what_was_submitted_before_closing_is_answered_and_durable)
{
    struct fixture fixture;
    struct desk desk = {.loop = loop_open()};
    struct store_census census;

    fixture_open(&fixture);
    for (unsigned session = 0; session < 300; session++)
        submit(&fixture, &desk, fixture_append(session, 0, 1, 10));
    store_close(fixture.store);
    serve(&desk);
    EXPECT_EQ(desk.codes[ERROR_NONE], 300);
    fixture_reopen(&fixture, (size_t)256 << 20);
    EXPECT(store_verify_lmdb(fixture.store, &census, NULL));
    EXPECT_EQ(census.sessions, 300);
    fixture_close(&fixture);
    loop_close(desk.loop);
}

TEST(many_writes_share_few_commits)
{
    struct fixture fixture;
    struct desk desk = {.loop = loop_open()};
    uint64_t before;

    fixture_open(&fixture);
    before = store_stats(fixture.store).commits;
    for (unsigned session = 0; session < 1000; session++)
        submit(&fixture, &desk, fixture_append(session, 0, 1, 10));
    serve(&desk);
    EXPECT_EQ(desk.codes[ERROR_NONE], 1000);
    EXPECT(store_stats(fixture.store).commits - before >= 1000 / STORE_GROUP_MAX);
    EXPECT(store_stats(fixture.store).commits - before < 500);
    EXPECT(store_stats(fixture.store).commands >= 1000);
    fixture_close(&fixture);
    loop_close(desk.loop);
}

/* An implementation that does nothing until it is let go, to see the queue fill. */
struct slow_store {
    struct store base;
    pthread_mutex_t gate;
};

static void slow_write(struct store *store, struct store_command *const *group, size_t count)
{
    struct slow_store *slow = (struct slow_store *)store;

    (void)group;
    (void)count;
    pthread_mutex_lock(&slow->gate);
    pthread_mutex_unlock(&slow->gate);
}

static void slow_close(struct store *store)
{
    (void)store;
}

TEST(a_queue_that_is_full_answers_at_once)
{
    static const struct store_ops slow_ops = {.write = slow_write, .close = slow_close};
    struct slow_store slow = {.base.ops = &slow_ops, .gate = PTHREAD_MUTEX_INITIALIZER};
    struct fixture fixture = {.store = &slow.base};
    struct desk desk = {.loop = loop_open()};
    size_t asked = STORE_QUEUE_COMMANDS_MAX + STORE_GROUP_MAX + 10;

    pthread_mutex_lock(&slow.gate);
    EXPECT(store_start(&slow.base, NULL));
    for (size_t i = 0; i < asked; i++)
        submit(&fixture, &desk, store_command_new(STORE_SESSION_PURGE));
    pthread_mutex_unlock(&slow.gate);
    store_close(fixture.store);
    serve(&desk);
    EXPECT(desk.codes[ERROR_OVERLOADED] >= 10);
    EXPECT(desk.codes[ERROR_NONE] >= STORE_QUEUE_COMMANDS_MAX);
    EXPECT_EQ(desk.codes[ERROR_NONE] + desk.codes[ERROR_OVERLOADED], asked);
    loop_close(desk.loop);
}

TEST(freeing_or_closing_nothing_does_nothing)
{
    store_command_free(NULL);
    store_command_free(store_command_new(STORE_TOKEN_PUT));
    store_close(NULL);
}
