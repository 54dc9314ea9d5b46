#include "unit.h"

#include "provider/wire.h"

TEST(a_path_stands_between_the_providers_own_and_its_query)
{
    struct arena arena = {0};
    const struct provider plain = {0};
    const struct provider both = {.path = TEXT("/v1"), .query = TEXT("api-version=1&b=2")};

    EXPECT_TEXT(wire_path(&plain, "/chat", &arena), "/chat");
    EXPECT_TEXT(wire_path(&both, "/chat", &arena), "/v1/chat?api-version=1&b=2");
    arena_release(&arena);
}

TEST(a_header_line_without_a_value_is_not_written)
{
    struct arena arena = {0};
    struct buffer headers = buffer_in(&arena);

    wire_put_header(&headers, "Authorization", "Bearer ", (struct text){0});
    wire_put_header(&headers, "Authorization", "Bearer ", TEXT("k"));
    wire_put_header(&headers, "x-key", "", TEXT("v"));
    EXPECT_TEXT(buffer_text(&headers), "Authorization: Bearer k\r\nx-key: v\r\n");
    arena_release(&arena);
}

TEST(a_name_stays_one_segment_of_the_path)
{
    struct arena arena = {0};
    struct buffer path = buffer_in(&arena);

    wire_put_segment(&path, TEXT("a-B_1.0~/?#%\r\n\xC3\xA9"));
    EXPECT_TEXT(buffer_text(&path), "a-B_1.0~%2F%3F%23%25%0D%0A%C3%A9");
    arena_release(&arena);
}

/* Whatever a model wrote, what stands there is an object. */
TEST(arguments_are_an_object)
{
    static const struct {
        const char *said, *written;
    } rows[] = {
        {"", "{}"},
        {" \n", "{}"},
        {"{\"a\": 1}", "{\"a\": 1}"},
        {"[1]", "{\"arguments\":\"[1]\"}"},
        {"{\"a\":1},\"b\":{}", "{\"arguments\":\"{\\\"a\\\":1},\\\"b\\\":{}\"}"},
        {"{\"a\":", "{\"arguments\":\"{\\\"a\\\":\"}"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena arena = {0};
        struct buffer body = buffer_in(&arena);

        wire_put_arguments(&body, text_of(rows[i].said), &arena);
        EXPECT_TEXT(buffer_text(&body), rows[i].written);
        arena_release(&arena);
    }
}

TEST(a_result_that_failed_says_so_and_is_told_in_full)
{
    struct arena arena = {0};
    struct buffer body = buffer_in(&arena);

    wire_put_result(&body, &(struct chat_part){.type = CHAT_RESULT, .text = TEXT("a\0b")});
    EXPECT_TEXT(buffer_text(&body), "\"a\\u0000b\"");
    body.len = 0;
    wire_put_result(&body,
                    &(struct chat_part){.type = CHAT_RESULT, .text = TEXT("a\0b"), .failed = true});
    EXPECT_TEXT(buffer_text(&body), "\"The tool failed: a\\u0000b\"");
    arena_release(&arena);
}
