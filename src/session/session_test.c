#include "session/session.h"

#include "unit.h"

/* Six messages of four estimated tokens each, user and assistant in turn. */
static struct chat_message talk[] = {
    {.role = CHAT_USER, .text = TEXT_INIT("first question..")},
    {.role = CHAT_ASSISTANT, .text = TEXT_INIT("first answer....")},
    {.role = CHAT_USER, .text = TEXT_INIT("second question.")},
    {.role = CHAT_ASSISTANT, .text = TEXT_INIT("second answer...")},
    {.role = CHAT_USER, .text = TEXT_INIT("third question..")},
    {.role = CHAT_ASSISTANT, .text = TEXT_INIT("third answer....")},
};

static struct session_record six(void)
{
    return (struct session_record){.id = TEXT("ses_00000000000000000000000001"),
                                   .endpoint = TEXT("chat"),
                                   .token_id = TEXT("tok_1"),
                                   .created_ms = 100,
                                   .expires_ms = 1000,
                                   .revision = 3,
                                   .messages = talk,
                                   .message_count = 6};
}

static enum error_code admit(struct session_rule rule, const char *endpoint, const char *token_id,
                             int64_t now_ms)
{
    struct session_record record = six();
    struct error err = {0};
    bool admitted = session_admit(
        &rule, &record, &(struct session_key){record.id, text_of(endpoint), text_of(token_id)}, 2,
        now_ms, &err);

    EXPECT_EQ(admitted, err.code == ERROR_NONE);
    return err.code;
}

TEST(a_session_goes_on_for_its_token_at_its_endpoint_until_it_expires)
{
    struct session_rule rule = {.ttl_ms = 900};

    EXPECT_EQ(admit(rule, "chat", "tok_1", 999), ERROR_NONE);
    EXPECT_EQ(admit(rule, "chat", "tok_1", 1000), ERROR_SESSION_EXPIRED);
    EXPECT_EQ(admit(rule, "chat", "tok_2", 999), ERROR_SESSION_NOT_FOUND);
    EXPECT_EQ(admit(rule, "other", "tok_1", 999), ERROR_SESSION_NOT_FOUND);
}

TEST(a_foreign_session_is_not_told_to_have_expired_or_to_be_full)
{
    struct session_rule rule = {.ttl_ms = 900, .max_messages = 2, .on_full = SESSION_REJECT};

    EXPECT_EQ(admit(rule, "chat", "tok_2", 5000), ERROR_SESSION_NOT_FOUND);
}

TEST(a_full_session_is_refused_only_where_the_rule_rejects)
{
    struct session_rule rule = {.ttl_ms = 900, .max_messages = 8, .on_full = SESSION_REJECT};

    EXPECT_EQ(admit(rule, "chat", "tok_1", 0), ERROR_NONE);
    rule.max_messages = 7;
    EXPECT_EQ(admit(rule, "chat", "tok_1", 0), ERROR_SESSION_FULL);
    rule.on_full = SESSION_SLIDE;
    EXPECT_EQ(admit(rule, "chat", "tok_1", 0), ERROR_NONE);
    rule = (struct session_rule){.ttl_ms = 900, .max_tokens = 25, .on_full = SESSION_REJECT};
    EXPECT_EQ(admit(rule, "chat", "tok_1", 0), ERROR_NONE);
    rule.max_tokens = 24;
    EXPECT_EQ(admit(rule, "chat", "tok_1", 0), ERROR_SESSION_FULL);
}

static void expect_history(struct session_rule rule, size_t coming, size_t from, size_t count)
{
    struct session_record record = six();
    const struct chat_message *messages;
    size_t got;

    session_history(&rule, &record, coming, &messages, &got);
    EXPECT_EQ(got, count);
    if (count > 0)
        EXPECT(messages == talk + from);
}

TEST(a_session_without_room_for_the_bytes_of_a_turn_is_full_whatever_the_rule)
{
    const struct session_rule rule = {.ttl_ms = 900};
    struct session_record record = six();
    const struct session_key key = {record.id, record.endpoint, record.token_id};
    struct error err = {0};

    record.bytes = SESSION_BYTES_MAX / 2;
    EXPECT(session_admit(&rule, &record, &key, 2, 500, &err));
    record.bytes = SESSION_BYTES_MAX - (8 << 20);
    EXPECT(!session_admit(&rule, &record, &key, 2, 500, &err));
    EXPECT_EQ(err.code, ERROR_SESSION_FULL);
}

TEST(the_history_is_the_newest_that_fits_and_begins_with_a_question)
{
    expect_history((struct session_rule){0}, 1, 0, 6);
    expect_history((struct session_rule){.max_messages = 7}, 1, 0, 6);
    expect_history((struct session_rule){.max_messages = 6}, 1, 2, 4); /* five, less an answer */
    expect_history((struct session_rule){.max_messages = 5}, 1, 2, 4);
    expect_history((struct session_rule){.max_messages = 2}, 1, 6, 0);
    expect_history((struct session_rule){.max_messages = 2}, 5, 6, 0);
    expect_history((struct session_rule){.max_tokens = 24}, 1, 0, 6);
    expect_history((struct session_rule){.max_tokens = 23}, 1, 2, 4);
    expect_history((struct session_rule){.max_tokens = 7}, 1, 6, 0);
    expect_history((struct session_rule){.max_tokens = 1}, 1, 6, 0);
    expect_history((struct session_rule){.max_messages = 4, .max_tokens = 1000}, 0, 2, 4);
}

TEST(the_history_of_nothing_is_empty)
{
    struct session_rule rule = {.max_messages = 4};
    struct session_record record = {0};
    const struct chat_message *messages;
    size_t count;

    session_history(&rule, &record, 1, &messages, &count);
    EXPECT_EQ(count, 0);
}

static const struct session_key whose = {TEXT_INIT("ses_00000000000000000000000001"),
                                         TEXT_INIT("chat"), TEXT_INIT("tok_1")};
static const struct session_turn turn = {
    .question = TEXT_INIT("What?"), .answer = TEXT_INIT("That."), .request_id = TEXT_INIT("req_1")};

TEST(a_first_turn_is_a_new_session)
{
    struct session_rule rule = {.ttl_ms = 500, .max_messages = 40};
    struct store_command *command = session_append(&rule, NULL, &whose, &turn, 7000);

    EXPECT_EQ(command->kind, STORE_SESSION_APPEND);
    EXPECT_TEXT(command->session.id, "ses_00000000000000000000000001");
    EXPECT_TEXT(command->session.endpoint, "chat");
    EXPECT_TEXT(command->session.token_id, "tok_1");
    EXPECT_EQ(command->session.created_ms, 7000);
    EXPECT_EQ(command->session.updated_ms, 7000);
    EXPECT_EQ(command->session.expires_ms, 7500);
    EXPECT_EQ(command->session.revision, 0);
    EXPECT_EQ(command->session.message_count, 2);
    EXPECT_TEXT(command->session.messages[1].text, "That.");
    EXPECT(command->session.messages[1].text.at != turn.answer.at);
    EXPECT_EQ(command->session.notes[0].stored_ms, 7000);
    EXPECT_TEXT(command->session.notes[1].request_id, "req_1");
    EXPECT_EQ(command->keep_messages, 40);
    store_command_free(command);
}

TEST(what_a_caller_told_of_the_conversation_before_is_part_of_its_turn)
{
    struct session_rule rule = {.ttl_ms = 500, .max_messages = 4, .on_full = SESSION_REJECT};
    struct session_turn long_turn = turn;
    struct session_record record = six();
    struct store_command *command;

    long_turn.earlier = talk;
    long_turn.earlier_count = 2;
    command = session_append(&rule, NULL, &whose, &long_turn, 7000);
    EXPECT_EQ(command->session.message_count, 4);
    EXPECT_TEXT(command->session.messages[0].text, "first question..");
    EXPECT_EQ(command->session.messages[1].role, CHAT_ASSISTANT);
    EXPECT_TEXT(command->session.messages[2].text, "What?");
    EXPECT_TEXT(command->session.notes[0].request_id, "req_1");
    store_command_free(command);
    EXPECT(session_admit_new(&rule, 4, NULL) && !session_admit_new(&rule, 5, NULL));
    rule.max_messages = 9;
    EXPECT(session_admit(&rule, &record, &whose, 3, 0, NULL));
    EXPECT(!session_admit(&rule, &record, &whose, 4, 0, NULL));
}

TEST(of_a_turn_that_broke_off_the_answer_is_marked)
{
    struct session_rule rule = {.ttl_ms = 500};
    struct session_turn broken = turn;
    struct store_command *command;

    broken.interrupted = true;
    command = session_append(&rule, NULL, &whose, &broken, 7000);
    EXPECT(!command->session.notes[0].interrupted);
    EXPECT(command->session.notes[1].interrupted);
    store_command_free(command);
}

TEST(a_further_turn_builds_on_what_was_read_and_lives_on)
{
    struct session_rule rule = {.ttl_ms = 500, .max_messages = 4, .on_full = SESSION_REJECT};
    struct session_record record = six();
    struct store_command *command = session_append(&rule, &record, &whose, &turn, 7000);

    EXPECT(text_equal(command->session.id, record.id));
    EXPECT_EQ(command->session.created_ms, 100);
    EXPECT_EQ(command->session.expires_ms, 7500);
    EXPECT_EQ(command->session.revision, 3);
    EXPECT_EQ(command->keep_messages, 0);
    store_command_free(command);
}

TEST(what_is_kept_and_how_long_has_limits_where_the_rule_has_none)
{
    struct session_rule rule = {.ttl_ms = UINT64_MAX};
    struct store_command *command = session_append(&rule, NULL, &whose, &turn, 7000);

    EXPECT_EQ(command->session.expires_ms, INT64_MAX);
    EXPECT_EQ(command->keep_messages, 10000);
    store_command_free(command);
}

TEST(a_session_ends_with_its_retention_however_often_it_goes_on)
{
    struct session_rule rule = {.ttl_ms = 500, .retention_ms = 1000};
    struct session_record record = six();
    struct store_command *command = session_append(&rule, &record, &whose, &turn, 300);

    EXPECT_EQ(command->session.expires_ms, 800);
    store_command_free(command);
    command = session_append(&rule, &record, &whose, &turn, 900);
    EXPECT_EQ(command->session.expires_ms, 1100); /* it began at 100 */
    store_command_free(command);
}

TEST(a_session_is_cut_between_turns_only)
{
    struct session_record record = six();
    struct error err = {0};

    for (uint64_t count = 0; count <= 6; count++)
        EXPECT_EQ(session_cut(&record, count, NULL), count % 2 == 0);
    EXPECT(!session_cut(&record, 3, &err));
    EXPECT_EQ(err.code, ERROR_INVALID_REQUEST);
    EXPECT_STR(err.hint, "turns end after 2 and after 4 messages");
    EXPECT(!session_cut(&record, 7, &err));
    EXPECT_STR(err.message, "the session has 6 messages, fewer than 7");
    record.messages = talk + 1; /* its first question has slid out */
    record.message_count = 5;
    EXPECT(session_cut(&record, 1, NULL) && !session_cut(&record, 2, NULL));
    record.message_count = 0;
    EXPECT(session_cut(&record, 0, NULL) && !session_cut(&record, 1, NULL));
}
