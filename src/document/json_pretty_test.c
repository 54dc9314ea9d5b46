#include "document/json_pretty.h"

#include "document/json_read.h"
#include "unit.h"

static void expect(const char *json, const char *pretty)
{
    struct arena arena = {0};
    struct buffer out = buffer_in(&arena);
    struct document document;

    EXPECT(json_read(text_of(json), NULL, &arena, &document, NULL, NULL));
    json_put_pretty(&out, &document, 0);
    buffer_put_byte(&out, '\0');
    EXPECT_STR(out.at, pretty);
    arena_release(&arena);
}

TEST(each_member_and_item_has_a_line)
{
    expect("{\"a\":[1,2.50,{\"b\":null}],\"c\":\"x\\ny\"}",
           "{\n  \"a\": [\n    1,\n    2.50,\n    {\n      \"b\": null\n    }\n  ],\n"
           "  \"c\": \"x\\ny\"\n}");
}

TEST(what_is_empty_or_no_container_stays_on_its_line)
{
    expect("{\"a\":{},\"b\":[]}", "{\n  \"a\": {},\n  \"b\": []\n}");
    expect("true", "true");
    expect("[]", "[]");
}
