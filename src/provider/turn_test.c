#include "unit.h"

#include "provider/turn.h"

TEST(a_turn_ends_with_the_last_message_of_its_side)
{
    static const struct chat_message messages[] = {
        {.role = CHAT_USER, .text = TEXT_INIT("a")},
        {.role = CHAT_SYSTEM, .text = TEXT_INIT("b")},
        {.role = CHAT_TOOL, .text = TEXT_INIT("c")},
        {.role = CHAT_SYSTEM, .text = TEXT_INIT("d")},
        {.role = CHAT_ASSISTANT, .text = TEXT_INIT("e")},
        {.role = CHAT_SYSTEM, .text = TEXT_INIT("f")},
    };
    const struct chat chat = {.messages = messages, .message_count = 6};
    struct turn user = turn_at(&chat, 0), assistant = turn_at(&chat, 4);

    EXPECT(!user.assistant && assistant.assistant);
    EXPECT_EQ(user.count, 3);
    EXPECT_EQ(assistant.count, 1);
    EXPECT(assistant.messages == &messages[4]);
}

TEST(what_the_system_says_is_one_text_without_blank_paragraphs)
{
    static const struct chat_message messages[] = {
        {.role = CHAT_SYSTEM, .text = TEXT_INIT("a")},
        {.role = CHAT_SYSTEM, .text = TEXT_INIT(" \n")},
        {.role = CHAT_USER, .text = TEXT_INIT("b")},
        {.role = CHAT_SYSTEM, .text = TEXT_INIT("c")},
    };
    const struct chat chat = {.messages = messages, .message_count = 4};
    struct arena arena = {0};
    struct buffer system = buffer_in(&arena);

    turn_put_system(&system, &chat);
    EXPECT_TEXT(buffer_text(&system), "a\n\nc");
    arena_release(&arena);
}
