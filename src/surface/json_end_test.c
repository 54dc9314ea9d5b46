#include "surface/json_end.h"

#include "unit.h"

/* Byte by byte, so that every state is met between two pieces. */
static bool whole(const char *json)
{
    struct json_end end = {0};

    for (const char *at = json; *at != '\0'; at++)
        json_end_take(&end, (struct text){at, 1});
    return end.whole;
}

TEST(an_object_is_whole_when_all_that_it_opened_is_closed)
{
    EXPECT(whole("{}"));
    EXPECT(whole("{\"a\": [1, {\"b\": 2}]}"));
    EXPECT(whole("[]\n"));
    EXPECT(!whole(""));
    EXPECT(!whole("{\"a\": [1, {\"b\": 2}]"));
    EXPECT(!whole("{\"a\": 1"));
}

TEST(brackets_in_strings_are_text)
{
    EXPECT(!whole("{\"a}\": 1"));
    EXPECT(!whole("{\"a\\\"}\": \"]}"));
    EXPECT(whole("{\"a\\\\\": \"}\"}"));
}
