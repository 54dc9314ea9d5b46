#include "document/json_canonical.h"

#include "document/json_read.h"
#include "unit.h"

static void expect_canonical(const char *json, const char *expected)
{
    struct arena arena = {0};
    struct buffer out = buffer_in(&arena);
    struct document document;

    EXPECT(json_read(text_of(json), NULL, &arena, &document, NULL, NULL));
    json_put_canonical(&out, &document, 0, &arena);
    EXPECT_TEXT(buffer_text(&out), expected);
    arena_release(&arena);
}

TEST(spaces_and_the_order_of_members_make_no_difference)
{
    expect_canonical("{\"b\": [1, {\"d\": null, \"c\": \"x\"}], \"a\": 2}",
                     "{\"a\":2,\"b\":[1,{\"c\":\"x\",\"d\":null}]}");
    expect_canonical("{\"a\":2,\"b\":[1,{\"c\":\"x\",\"d\":null}]}",
                     "{\"a\":2,\"b\":[1,{\"c\":\"x\",\"d\":null}]}");
}

TEST(the_order_of_items_and_the_spelling_of_numbers_do)
{
    expect_canonical("[2, 1, 1.0, 1e0]", "[2,1,1.0,1e0]");
}

TEST(strings_are_one_however_they_were_escaped)
{
    expect_canonical("[\"\\u0041\\/\", \"A/\"]", "[\"A/\",\"A/\"]");
    expect_canonical("{\"\\u0062\": 1, \"a\": {}, \"ab\": []}", "{\"a\":{},\"ab\":[],\"b\":1}");
}
