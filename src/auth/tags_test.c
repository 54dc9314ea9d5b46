#include "auth/tags.h"

#include "unit.h"

/* What was read, as name=value with '|' between; or the complaint. */
static struct text read_lists(const char *const *lists, size_t count, struct arena *arena)
{
    struct tags tags = {0};
    struct error err = {0};
    struct text out = TEXT("");

    for (size_t i = 0; i < count; i++)
        if (!tags_read(text_of(lists[i]), "pinion-tag", arena, &tags, &err))
            return arena_printf(arena, "%s: %s", err.at, err.message);
    for (size_t i = 0; i < tags.count; i++)
        out = arena_printf(arena, "%.*s%s%.*s=%.*s", TEXT_ARG(out), i > 0 ? "|" : "",
                           TEXT_ARG(tags.items[i].name), TEXT_ARG(tags.items[i].value));
    return out;
}

static void expect_all(const char *const (*cases)[2], size_t count)
{
    struct arena arena = {0};

    for (size_t i = 0; i < count; i++)
        EXPECT_TEXT(read_lists(&cases[i][0], 1, &arena), cases[i][1]);
    arena_release(&arena);
}

TEST(a_list_of_tags_is_read_as_lists_in_headers_are)
{
    static const char *const cases[][2] = {
        {"team=search", "team=search"},
        {"team=search,feature=suggest", "team=search|feature=suggest"},
        {" , team=search ,\t, feature=suggest,", "team=search|feature=suggest"},
        {"", ""},
        {"customer=Smith & Sons; Ltd. ", "customer=Smith & Sons; Ltd."},
        {"customer=\"Smith, Jones\", team=a", "customer=Smith, Jones|team=a"},
        {"said=\"a \\\"b\\\" \\\\ c\" ,x=1", "said=a \"b\" \\ c|x=1"},
        {"formula=a=b", "formula=a=b"},
        {"city=Z\xC3\xBCrich", "city=Z\xC3\xBCrich"},
        {"Team=a,team=b", "Team=a|team=b"},
        {"team= search", "team=search"},
    };

    expect_all(cases, sizeof cases / sizeof *cases);
}

TEST(a_list_that_is_none_is_refused_with_a_reason)
{
    static const char *const cases[][2] = {
        {"team", "pinion-tag: the tag 'team' has no value"},
        {"team=", "pinion-tag: the tag 'team' has no value"},
        {"team=\"\"", "pinion-tag: the tag 'team' has no value"},
        {"a=1,team,b=2", "pinion-tag: the tag 'team' has no value"},
        {"=x", "pinion-tag: '' is no name of a tag; expected 1 to 64 letters, digits, '-', '_' or "
               "'.'"},
        {"my team=x", "pinion-tag: 'my team' is no name of a tag; expected 1 to 64 letters, "
                      "digits, '-', '_' or '.'"},
        {"\"team\"=x", "pinion-tag: '\"team\"' is no name of a tag; expected 1 to 64 letters, "
                       "digits, '-', '_' or '.'"},
        {"team=\"x", "pinion-tag: the tag 'team' has a value whose closing quote is missing"},
        {"team=\"x\\", "pinion-tag: the tag 'team' has a value whose closing quote is missing"},
        {"team=\"x\\\"", "pinion-tag: the tag 'team' has a value whose closing quote is missing"},
        {"team=\"x\"y", "pinion-tag: the tag 'team' has something behind the closing quote of its "
                        "value"},
        {"team=x\"y\"", "pinion-tag: the tag 'team' has a quote in a value that does not begin "
                        "with one"},
        {"team=a\x01z", "pinion-tag: the tag 'team' has a control character in its value"},
        {"team=a,team=a", "pinion-tag: the tag 'team' is given twice"},
        {"team=\xFF", "pinion-tag: the tags are not UTF-8"},
    };

    expect_all(cases, sizeof cases / sizeof *cases);
}

TEST(lists_that_follow_one_another_are_one)
{
    static const char *const lists[] = {"a=1,b=2", "c=3"}, *const twice[] = {"a=1", "b=2,a=3"};
    struct arena arena = {0};

    EXPECT_TEXT(read_lists(lists, 2, &arena), "a=1|b=2|c=3");
    EXPECT_TEXT(read_lists(twice, 2, &arena), "pinion-tag: the tag 'a' is given twice");
    arena_release(&arena);
}

TEST(tags_are_few_and_short)
{
    static const char eight[] = "a=1,b=2,c=3,d=4,e=5,f=6,g=7,h=8";
    struct arena arena = {0};
    char name[TAG_NAME_BYTES_MAX + 2], value[TAG_VALUE_BYTES_MAX + 2];
    struct text list;

    list = arena_printf(&arena, "%s,i=9", eight);
    EXPECT_TEXT(read_lists(&(const char *){eight}, 1, &arena), "a=1|b=2|c=3|d=4|e=5|f=6|g=7|h=8");
    EXPECT_TEXT(read_lists(&list.at, 1, &arena), "pinion-tag: there are more than 8 tags");
    memset(name, 'n', sizeof name);
    memset(value, 'v', sizeof value);
    for (size_t i = 0; i < 2; i++) {
        struct tags tags = {0};
        struct error err = {0};

        list = arena_printf(&arena, "%.*s=%.*s", (int)(sizeof name - 2 + i), name,
                            (int)(sizeof value - 2), value);
        EXPECT_EQ(tags_read(list, "t", &arena, &tags, &err), i == 0);
        list = arena_printf(&arena, "n=%.*s", (int)(sizeof value - 2 + i), value);
        tags = (struct tags){0};
        EXPECT_EQ(tags_read(list, "t", &arena, &tags, &err), i == 0);
    }
    arena_release(&arena);
}
