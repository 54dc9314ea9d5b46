#include "chat/chat.h"

#include "document/json_read.h"
#include "unit.h"

TEST(a_message_is_estimated_with_all_that_it_holds)
{
    const struct chat_part parts[] = {
        {.type = CHAT_TEXT, .text = TEXT_INIT("12345678")},
        {.type = CHAT_IMAGE,
         .data = TEXT_INIT("AAAAAAAAAAAAAAAA"),
         .media_type = TEXT_INIT("image/png")},
        {.type = CHAT_CALL, .name = TEXT_INIT("get1"), .text = TEXT_INIT("{\"a\":12}")},
        {.type = CHAT_RESULT, .name = TEXT_INIT("get1"), .text = TEXT_INIT("rain")},
    };
    const struct chat_message plain = {.text = TEXT_INIT("12345678")};
    const struct chat_message rich = {
        .text = TEXT_INIT("12345678"), .parts = parts, .part_count = 4};

    EXPECT_EQ(chat_estimate_message(&plain), 2);
    EXPECT_EQ(chat_estimate_message(&rich), 2 + CHAT_IMAGE_TOKENS + 1 + 2 + 1);
    EXPECT_EQ(chat_estimate_parts(NULL, 0), 0);
}

TEST(tools_are_estimated_by_what_describes_them)
{
    struct arena arena = {0};
    struct document schema;
    struct chat_tool tools[] = {{.name = TEXT_INIT("get1"), .description = TEXT_INIT("Gets it.")},
                                {.name = TEXT_INIT("get2")}};

    EXPECT(json_read(TEXT("[{ \"type\": \"object\" }]"), NULL, &arena, &schema, NULL, NULL));
    tools[1].parameters = &schema;
    tools[1].parameters_at = 1;
    EXPECT_EQ(chat_estimate_tools(tools, 1), 1 + 2);
    EXPECT_EQ(chat_estimate_tools(tools, 2), 1 + 2 + 1 + 5); /* {"type":"object"} */
    arena_release(&arena);
}

TEST(a_text_is_estimated_by_its_script)
{
    EXPECT_EQ(chat_estimate_tokens(TEXT("")), 0);
    EXPECT_EQ(chat_estimate_tokens(TEXT("a")), 1);
    EXPECT_EQ(chat_estimate_tokens(TEXT("sixteen letters.")), 4);
    EXPECT_EQ(chat_estimate_tokens(TEXT("seventeen letters")), 5);
    EXPECT_EQ(chat_estimate_tokens(TEXT("\xE4\xBD\xA0\xE5\xA5\xBD\xE5\x90\x97")), 2); /* three */
    /* one wide letter among eight narrow ones is still mostly ASCII; one among two is not */
    EXPECT_EQ(chat_estimate_tokens(TEXT("abcdefgh\xC3\xA9")), 3);
    EXPECT_EQ(chat_estimate_tokens(TEXT("ab\xC3\xA9")), 2);
    EXPECT_EQ(chat_estimate_tokens(TEXT("\xC3\xA9"
                                        "abcdefghabcdefgh")),
              5);
}
