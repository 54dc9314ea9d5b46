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
