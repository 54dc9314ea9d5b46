/* What is written is read again as the same, and stays as it is when it is formatted. */
#include "document/yaml_write.h"

#include "case_folder.h"
#include "document/yaml_format.h"
#include "document/yaml_read.h"

static struct arena arena;

static struct text written(const char *json)
{
    struct buffer out = buffer_in(&arena);
    struct document document, again;
    struct diagnostics *diagnostics = ARENA_NEW(&arena, struct diagnostics);
    struct text formatted;
    struct error err;

    diagnostics->arena = &arena;
    if (!json_read(text_of(json), NULL, &arena, &document, NULL, &err))
        fail_msg("%s: %s", err.at, err.message);
    yaml_put(&out, &document, 0);
    EXPECT(yaml_read(buffer_text(&out), TEXT("a"), &arena, &again, diagnostics));
    EXPECT_EQ(diagnostics->count, 0);
    EXPECT(document_equal(&document, 0, &again, 0));
    EXPECT(yaml_format(buffer_text(&out), TEXT("a"), &arena, diagnostics, &formatted));
    case_expect(json, "formatted", formatted, buffer_text(&out));
    return buffer_text(&out);
}

TEST(mappings_and_lists_are_blocks)
{
    EXPECT_TEXT(written("{\"a\":1,\"b\":{\"c\":[true,null,{\"d\":\"x\",\"e\":[]}],\"f\":{}}}"),
                "a: 1\nb:\n  c:\n    - true\n    - null\n    - d: x\n      e: []\n  f: {}\n");
    EXPECT_TEXT(written("[[1,[2]],3]"), "- - 1\n  - - 2\n- 3\n");
    EXPECT_TEXT(written("{}"), "{}\n");
    arena_release(&arena);
}

TEST(texts_are_quoted_where_that_is_needed)
{
    EXPECT_TEXT(
        written("{\"a\":\"yes\",\"b\":\"12\",\"on\":\"two words\",\"d\":\"a: b\",\"e\":\"\","
                "\"f\":\"# x\",\"g h\":\"{{x}}\",\"i\":\"\\u0001\\\"\"}"),
        "a: \"yes\"\nb: \"12\"\n\"on\": two words\nd: \"a: b\"\ne: \"\"\nf: \"# x\"\n"
        "g h: \"{{x}}\"\ni: \"\\u0001\\\"\"\n");
    arena_release(&arena);
}

TEST(texts_of_several_lines_are_shown_as_they_are)
{
    EXPECT_TEXT(written("{\"system\":\"You are.\\n\\n  Really: # so\\n\",\"b\":[\"x\\ny\\n\"]}"),
                "system: |\n  You are.\n\n    Really: # so\nb:\n  - |\n    x\n    y\n");
    EXPECT_TEXT(
        written("{\"a\":\" x\\ny\\n\",\"b\":\"x\\ny\",\"c\":\"x\\n\\n\",\"d\":\"x \\ny\\n\"}"),
        "a: \" x\\ny\\n\"\nb: \"x\\ny\"\nc: \"x\\n\\n\"\nd: \"x \\ny\\n\"\n");
    arena_release(&arena);
}
