/* Whose turn it is, and who may leave while: over the whole pipeline, the built-in provider and a
 * real store. */
#include "gateway/pipeline_test.h"
#include "session/turns.h"

static const struct memory_file files[] = {
    {"pinion.yaml", TEXT_INIT("workers: 1\n")},
    {"endpoints/talk.yaml",
     TEXT_INIT("provider: demo\nmodel: m\nsystem: s\nsession: {ttl: 30m}\nstream: raw\n")},
};

static void open_all(void)
{
    open_with(files, sizeof files / sizeof *files, 0);
}

/* A turn in the session that the other one has begun. */
static struct request *say(const struct request *other)
{
    struct text body = arena_printf(&on.arena, "{\"message\": \"hi\", \"session_id\": \"%.*s\"}",
                                    TEXT_ARG(other->session_id));

    return ask("/talk", body.at);
}

static size_t lines(void)
{
    return turns_count(on.gateway.turns);
}

/* What the store has of the session. */
static struct store_command *stored(struct text id)
{
    struct store_command *command = store_command_new(STORE_SESSION_READ);

    command->session.id = arena_copy(&command->arena, id);
    store_wait(on.gateway.store, command);
    return command;
}

TEST(a_second_turn_waits_for_the_first_and_sees_it)
{
    struct request *first, *second;

    open_all();
    first = ask("/talk", "{\"message\": \"hi\"}");
    second = say(first);
    EXPECT_EQ(second->at, STAGE_RECALL);
    EXPECT(second->waiting);
    EXPECT_EQ(lines(), 1);
    finish(first);
    finish(second);
    EXPECT_EQ(second->status, 200);
    EXPECT_EQ(second->history_count, 2);
    EXPECT(second->times.turn_us > 0);
    EXPECT_EQ(lines(), 0);
    request_free(first);
    request_free(second);
    close_all(2);
}

TEST(who_leaves_while_waiting_for_its_turn_is_passed_over)
{
    struct request *first, *second, *third;

    open_all();
    first = ask("/talk", "{\"message\": \"hi\"}");
    second = say(first);
    third = say(first);
    request_free(second);
    finish(first);
    finish(third);
    EXPECT_EQ(third->history_count, 2);
    request_free(first);
    request_free(third);
    close_all(3);
}

TEST(who_leaves_while_it_is_told_that_its_turn_has_come_lets_the_next_begin)
{
    struct request *first, *second, *third;

    open_all();
    first = ask("/talk", "{\"message\": \"hi\"}");
    second = say(first);
    third = say(first);
    request_free(first); /* nothing was sent yet, so nothing is stored */
    request_free(second);
    EXPECT_EQ(lines(), 1);
    finish(third);
    EXPECT_EQ(third->status, 404);
    EXPECT_EQ(lines(), 0);
    request_free(third);
    close_all(3);
}

TEST(a_turn_that_its_client_left_is_over_when_the_store_has_it)
{
    struct request *first, *second;
    struct text said;

    open_all();
    first = ask("/talk", "{\"message\": \"hi\", \"stream\": true}");
    second = say(first);
    for (int i = 0; i < 2000 && first->shown_bytes == 0; i++)
        loop_turn(on.worker.loop, 10);
    EXPECT(first->shown_bytes > 0 && !first->finished);
    said = arena_copy(&on.arena,
                      text_first(buffer_text(&first->winner->gather.content), first->shown_bytes));
    request_free(first);
    EXPECT_EQ(lines(), 1);
    finish(second);
    EXPECT_EQ(second->status, 200);
    EXPECT_EQ(second->history_count, 2);
    EXPECT(text_equal(second->history[1].text, said));
    request_free(second);
    close_all(2);
}

TEST(what_broke_off_is_marked_in_the_store)
{
    struct request *request;
    struct store_command *read;
    struct text id;

    open_all();
    request = ask("/talk", "{\"message\": \"hi\", \"stream\": true}");
    for (int i = 0; i < 2000 && request->shown_bytes == 0; i++)
        loop_turn(on.worker.loop, 10);
    id = arena_copy(&on.arena, request->session_id);
    request_free(request);
    while (lines() > 0)
        loop_turn(on.worker.loop, 10);
    read = stored(id);
    EXPECT_EQ(read->error.code, ERROR_NONE);
    EXPECT_EQ(read->session.message_count, 2);
    EXPECT(!read->session.notes[0].interrupted && read->session.notes[1].interrupted);
    store_command_free(read);
    close_all(1);
}
