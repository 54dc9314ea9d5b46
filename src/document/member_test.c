#include "document/member.h"

#include "document/json_read.h"
#include "unit.h"

static struct arena arena;
static struct document document;

static void read(const char *json)
{
    struct error err = {0};

    EXPECT(json_read(text_of(json), NULL, &arena, &document, NULL, &err));
}

TEST(members_are_found_by_name_and_type)
{
    read("{\"name\": \"a\", \"ms\": 1.50, \"calls\": -7, \"on\": true}");
    EXPECT_TEXT(member_text(&document, 0, "name"), "a");
    EXPECT_TEXT(member_text(&document, 0, "ms"), "1.50");
    EXPECT_EQ(member_integer(&document, 0, "calls"), -7);
    EXPECT(member_flag(&document, 0, "on"));
    arena_release(&arena);
}

TEST(what_is_missing_null_or_of_another_type_is_nothing)
{
    read("{\"null\": null, \"name\": \"a\", \"calls\": 7, \"ms\": 1.5, \"off\": false}");
    EXPECT_TEXT(member_text(&document, 0, "missing"), "");
    EXPECT_TEXT(member_text(&document, 0, "null"), "");
    EXPECT_TEXT(member_text(&document, 0, "calls"), "");
    EXPECT_TEXT(member_text(&document, CELL_NONE, "name"), "");
    EXPECT_EQ(member_integer(&document, 0, "missing"), 0);
    EXPECT_EQ(member_integer(&document, 0, "ms"), 0);
    EXPECT_EQ(member_integer(&document, 0, "name"), 0);
    EXPECT(!member_flag(&document, 0, "off"));
    EXPECT(!member_flag(&document, 0, "name"));
    EXPECT(!member_flag(&document, 0, "missing"));
    arena_release(&arena);
}
