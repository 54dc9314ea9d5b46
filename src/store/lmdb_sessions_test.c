/* What operators ask of sessions: pages of them, a shorter one, none any more. */
#include "store/store_fixture.h"

#include "unit.h"

static struct store_command *list(struct fixture *fixture, const char *endpoint,
                                  const char *token_id, struct text after, size_t most)
{
    struct store_command *command = store_command_new(STORE_SESSION_LIST);

    command->session.endpoint = text_of(endpoint);
    command->session.token_id = text_of(token_id);
    command->after = arena_copy(&command->arena, after);
    command->most = most;
    store_wait(fixture->store, command);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    return command;
}

/* Sessions 1 ... 6; the even ones are another endpoint's, the last two another token's. */
static void open_with_six(struct fixture *fixture)
{
    fixture_open(fixture);
    for (unsigned session = 1; session <= 6; session++) {
        struct store_command *command = fixture_append(session, 0, 2, 10);

        if (session % 2 == 0)
            command->session.endpoint = TEXT("chat");
        if (session > 4)
            command->session.token_id = TEXT("tok_2");
        command->session.updated_ms = 2000 + session;
        EXPECT_EQ(fixture_run(fixture, command), ERROR_NONE);
    }
}

static void expect_listed(const struct store_command *command, const char *numbers)
{
    char got[16] = "";

    EXPECT(command->session_count < sizeof got);
    for (size_t i = 0; i < command->session_count; i++)
        got[i] = command->sessions[i].id.at[RECORD_SESSION_ID_BYTES - 1];
    EXPECT_STR(got, numbers);
}

TEST(sessions_are_listed_newest_first_without_their_messages)
{
    struct fixture fixture;
    struct store_command *command;

    open_with_six(&fixture);
    command = list(&fixture, "", "", (struct text){0}, 0);
    expect_listed(command, "654321");
    EXPECT(!command->more);
    EXPECT_TEXT(command->sessions[0].endpoint, "chat");
    EXPECT_TEXT(command->sessions[0].token_id, "tok_2");
    EXPECT_EQ(command->sessions[0].updated_ms, 2006);
    EXPECT_EQ(command->sessions[0].message_count, 2);
    EXPECT(command->sessions[0].bytes > 20);
    EXPECT(command->sessions[0].messages == NULL);
    store_command_free(command);
    fixture_close(&fixture);
}

TEST(a_page_goes_on_where_the_one_before_it_ended)
{
    struct fixture fixture;
    struct store_command *first, *second, *third;

    open_with_six(&fixture);
    first = list(&fixture, "", "", (struct text){0}, 4);
    expect_listed(first, "6543");
    EXPECT(first->more);
    EXPECT(text_equal(first->last, first->sessions[3].id));
    EXPECT_EQ(fixture_run(&fixture, fixture_on_session(STORE_SESSION_DELETE, 3)), ERROR_NONE);
    second = list(&fixture, "", "", first->last, 4);
    expect_listed(second, "21");
    EXPECT(!second->more);
    third = list(&fixture, "", "", second->last, 4);
    expect_listed(third, "");
    EXPECT(!third->more);
    store_command_free(first);
    store_command_free(second);
    store_command_free(third);
    fixture_close(&fixture);
}

TEST(a_list_is_of_the_endpoint_and_token_that_are_asked_for)
{
    static const struct {
        const char *endpoint, *token_id, *listed;
    } rows[] = {
        {"chat", "", "642"},
        {"", "tok_1", "4321"},
        {"chat", "tok_1", "42"},
        {"other", "", ""},
    };
    struct fixture fixture;

    open_with_six(&fixture);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct store_command *command =
            list(&fixture, rows[i].endpoint, rows[i].token_id, (struct text){0}, 0);

        expect_listed(command, rows[i].listed);
        store_command_free(command);
    }
    fixture_close(&fixture);
}

TEST(a_list_looks_at_so_many_at_a_time_and_says_where_to_go_on)
{
    struct fixture fixture;
    struct store_command *command, *rest;
    enum { SESSIONS = 4100 };

    fixture_open(&fixture);
    for (unsigned session = 1; session <= SESSIONS; session++) {
        command = fixture_append(session, 0, 1, 1);
        if (session == 1)
            command->session.token_id = TEXT("tok_2");
        command->done = store_command_free; /* the last one tells that all are there */
        store_submit(fixture.store, command);
    }
    EXPECT_EQ(fixture_run(&fixture, fixture_append(SESSIONS + 1, 0, 1, 1)), ERROR_NONE);
    command = list(&fixture, "", "tok_2", (struct text){0}, 0);
    EXPECT_EQ(command->session_count, 0);
    EXPECT(command->more);
    rest = list(&fixture, "", "tok_2", command->last, 0);
    expect_listed(rest, "1");
    EXPECT(!rest->more);
    store_command_free(command);
    store_command_free(rest);
    fixture_close(&fixture);
}

TEST(with_an_owner_only_that_ones_session_is_read_or_deleted)
{
    static const enum store_kind kinds[] = {STORE_SESSION_READ, STORE_SESSION_DELETE};
    struct fixture fixture;

    open_with_six(&fixture);
    for (size_t i = 0; i < 2; i++) {
        struct store_command *command = fixture_on_session(kinds[i], 1);

        command->session.token_id = TEXT("tok_2");
        EXPECT_EQ(fixture_run(&fixture, command), ERROR_SESSION_NOT_FOUND);
        command = fixture_on_session(kinds[i], 7);
        command->session.token_id = TEXT("tok_2");
        EXPECT_EQ(fixture_run(&fixture, command), ERROR_SESSION_NOT_FOUND);
        command = fixture_on_session(kinds[i], 1);
        command->session.token_id = TEXT("tok_1");
        EXPECT_EQ(fixture_run(&fixture, command), ERROR_NONE);
    }
    EXPECT_EQ(fixture_run(&fixture, fixture_on_session(STORE_SESSION_READ, 1)),
              ERROR_SESSION_NOT_FOUND);
    fixture_close(&fixture);
}

static struct store_command *rewind_to(unsigned session, uint64_t revision, size_t keep)
{
    struct store_command *command = fixture_on_session(STORE_SESSION_REWIND, session);

    command->session.revision = revision;
    command->keep_messages = keep;
    return command;
}

TEST(a_rewind_forgets_the_newest_and_what_was_built_on_them_is_refused)
{
    struct fixture fixture;
    struct store_census census;
    struct store_command *read;

    fixture_open(&fixture);
    for (uint64_t revision = 0; revision < 3; revision++)
        EXPECT_EQ(fixture_run(&fixture, fixture_append(1, revision, 2, 10)), ERROR_NONE);
    EXPECT_EQ(fixture_run(&fixture, rewind_to(1, 2, 2)), ERROR_SESSION_BUSY);
    EXPECT_EQ(fixture_run(&fixture, rewind_to(2, 0, 2)), ERROR_SESSION_NOT_FOUND);
    EXPECT_EQ(fixture_run(&fixture, rewind_to(1, 3, 6)), ERROR_NONE); /* changes nothing */
    EXPECT_EQ(fixture_run(&fixture, rewind_to(1, 3, 2)), ERROR_NONE);
    EXPECT_EQ(fixture_run(&fixture, fixture_append(1, 3, 2, 10)), ERROR_SESSION_BUSY);
    EXPECT_EQ(fixture_run(&fixture, fixture_append(1, 4, 2, 10)), ERROR_NONE);
    read = fixture_on_session(STORE_SESSION_READ, 1);
    store_wait(fixture.store, read);
    EXPECT_EQ(read->session.message_count, 4);
    EXPECT_EQ(read->session.messages[1].text.at[0], 'a');
    EXPECT_EQ(read->session.messages[2].text.at[0], 'e');
    store_command_free(read);
    EXPECT_EQ(fixture_run(&fixture, rewind_to(1, 5, 0)), ERROR_NONE);
    EXPECT(store_verify_lmdb(fixture.store, &census, NULL));
    EXPECT_EQ(census.sessions, 1);
    EXPECT_EQ(census.messages, 0);
    fixture_close(&fixture);
}

TEST(erasing_is_bounded_and_the_next_goes_on)
{
    struct fixture fixture;
    struct store_census census;
    struct store_command *all;
    size_t done = 0, rounds = 0;

    fixture_open(&fixture);
    for (unsigned session = 1; session <= 8; session++)
        EXPECT_EQ(fixture_run(&fixture, fixture_append(session, 0, 300, 10)), ERROR_NONE);
    all = list(&fixture, "", "", (struct text){0}, 0);
    EXPECT_EQ(fixture_run(&fixture, fixture_on_session(STORE_SESSION_DELETE, 5)), ERROR_NONE);
    for (; done < all->session_count; rounds++) {
        struct store_command *erase = store_command_new(STORE_SESSION_ERASE);

        erase->sessions = all->sessions + done;
        erase->session_count = all->session_count - done;
        store_wait(fixture.store, erase);
        EXPECT_EQ(erase->error.code, ERROR_NONE);
        EXPECT(erase->purged > 0);
        done += erase->purged;
        store_command_free(erase);
    }
    EXPECT(rounds > 1);
    EXPECT(store_verify_lmdb(fixture.store, &census, NULL));
    EXPECT_EQ(census.sessions + census.messages + census.expiries, 0);
    store_command_free(all);
    fixture_close(&fixture);
}

TEST(a_purge_takes_what_began_too_long_ago_whenever_it_expires)
{
    struct fixture fixture;
    struct store_command *command;

    fixture_open(&fixture);
    for (unsigned session = 1; session <= 4; session++) {
        command = fixture_append(session, 0, 2, 10);
        command->session.created_ms = 1000 + session;
        command->session.expires_ms = session % 2 ? 0 : INT64_MAX;
        EXPECT_EQ(fixture_run(&fixture, command), ERROR_NONE);
    }
    command = store_command_new(STORE_SESSION_PURGE);
    command->now_ms = 5000;
    command->created_before_ms = 1003;
    store_wait(fixture.store, command);
    EXPECT_EQ(command->purged, 2);
    store_command_free(command);
    command = list(&fixture, "", "", (struct text){0}, 0);
    expect_listed(command, "43");
    store_command_free(command);
    fixture_close(&fixture);
}
