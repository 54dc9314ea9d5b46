#include "config/test_append.h"

#include "base/buffer.h"
#include "document/json_read.h"
#include "unit.h"

static struct arena arena;

static struct error append(const char *source, const char *test, struct text *out)
{
    struct document document;
    struct error err = {0};

    *out = (struct text){0};
    EXPECT(json_read(text_of(test), NULL, &arena, &document, NULL, NULL));
    test_append(text_of(source), TEXT("tests/a.yaml"), &document, 0, &arena, out, &err);
    return err;
}

static void expect(const char *source, const char *test, const char *expected)
{
    struct text out;
    struct error err = append(source, test, &out);

    EXPECT_TEXT(text_of(err.message), "");
    EXPECT_TEXT(out, expected);
    arena_release(&arena);
}

static const char one[] =
    "{\"name\": \"is brief\", \"input\": {\"text\": \"a: b\", \"count\": 1.50}, "
    "\"assert\": [{\"type\": \"status\", \"value\": 200}]}";
#define ONE(indent)                                                                                \
    indent "- name: is brief\n" indent "  input:\n" indent "    text: \"a: b\"\n" indent           \
           "    count: 1.50\n" indent "  assert:\n" indent "    - type: status\n" indent           \
           "      value: 200\n"

TEST(the_first_test_makes_the_file)
{
    expect("", one, "tests:\n" ONE("  "));
    expect("# ours\ntests: []\n", one, "# ours\ntests:\n" ONE("  "));
}

TEST(a_test_goes_behind_the_others_and_everything_else_stays_as_it_is)
{
    expect("# ours\ntests:\n  - {name: x,   input: 1, assert: []} # odd\n# the end", one,
           "# ours\ntests:\n  - {name: x,   input: 1, assert: []} # odd\n# the end\n" ONE("  "));
    expect("- name: x\n  input: |\n    several\n\n    lines\n  assert: []\n", one,
           "- name: x\n  input: |\n    several\n\n    lines\n  assert: []\n" ONE(""));
    expect("tests:\n- name: x\n", one, "tests:\n- name: x\n" ONE(""));
    expect("tests:\n      -   name: x\n          input: 1\n", one,
           "tests:\n      -   name: x\n          input: 1\n" ONE("      "));
}

TEST(a_text_of_several_lines_stands_as_it_is_said)
{
    expect("", "{\"name\": \"x\", \"input\": \"one\\n\\ntwo\\n\"}",
           "tests:\n  - name: x\n    input: |\n      one\n\n      two\n");
}

TEST(a_file_that_cannot_take_one_more_is_left_alone)
{
    static const char *const files[] = {
        "tests: [{name: x}]\n",
        "[{name: x}]\n",
        "tests: 7\n",
        "tests:\n  - name: [\n",
        "more: 1\n",
        "tests:\n  - name: x\nmore: 1\n",
        "tests:\n  - x\n...\n",
        "\"",
        "- name: x\n...\n# done\n",
        "tests: [] # none yet\n",
        "tests: []\n# none yet\n",
    };

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct text out;

        if (append(files[i], one, &out).code != ERROR_CONFIG_INVALID)
            fail_msg("%s\nhas become\n%.*s", files[i], TEXT_ARG(out));
        arena_release(&arena);
    }
}

TEST(no_file_becomes_larger_than_a_configuration_takes)
{
    enum { MOST = 1024 * 1024 };
    struct buffer source = buffer_in(&arena);
    struct text out;
    struct error err;

    buffer_put(&source, TEXT("tests:\n  - name: \""));
    memset(buffer_reserve(&source, MOST - 100), 'x', MOST - 100);
    source.len += MOST - 100;
    buffer_put(&source, TEXT("\"\n\0"));
    err = append(source.at, one, &out);
    EXPECT_EQ(err.code, ERROR_CONFIG_INVALID);
    EXPECT(strstr(err.message, "larger than 1 MiB") != NULL);
    arena_release(&arena);
}
