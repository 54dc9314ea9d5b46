#include "command/complete.h"

#include "unit.h"

static int never(__attribute__((unused)) const struct command_line *line)
{
    return 0;
}

static const struct option_spec check_options[] = {
    {.name = "format", .argument = "FORM", .help = "how", .choices = "human|short|json"},
    {.name = "store", .argument = "DIR", .help = "where"},
    {.name = "dev", .help = "as serve --dev"},
};
static const struct command_spec commands[] = {
    {.name = "check",
     .summary = "Checks",
     .options = check_options,
     .option_count = 3,
     .run = never},
    {.name = "backup list", .summary = "Lists backups", .run = never},
    {.name = "backup",
     .arguments = "[NAME]",
     .arguments_max = 1,
     .summary = "Backs up",
     .run = never},
    {.name = "schema check",
     .arguments = "SCHEMA DOC...",
     .arguments_min = 2,
     .arguments_max = 9,
     .summary = "Checks documents",
     .run = never},
    {.name = "schema",
     .arguments = "[endpoint|routing]",
     .arguments_max = 1,
     .summary = "Prints a schema",
     .run = never},
    {.name = "test",
     .arguments = "[SLUG...]",
     .arguments_max = 9,
     .summary = "Tests",
     .run = never},
};

static char *nothing(__attribute__((unused)) const char *name)
{
    return NULL;
}

static const struct program program = {.name = "pinion",
                                       .version = "1",
                                       .summary = "s",
                                       .commands = commands,
                                       .command_count = sizeof commands / sizeof *commands,
                                       .environment = nothing};
static struct arena arena;
static struct text asked_folder;

static size_t slugs(struct text folder, __attribute__((unused)) struct arena *arena_,
                    const struct text **out)
{
    static const struct text known[] = {TEXT_INIT("summarize"), TEXT_INIT("support-chat")};

    asked_folder = folder;
    *out = known;
    return 2;
}

/* The candidates behind `pinion WORDS`, in one line. */
static struct text offered(const char *line)
{
    const char *words[16];
    struct buffer out = buffer_in(&arena), list = buffer_in(&arena);
    struct text rest = text_of(line);
    size_t count = 0;

    do
        words[count++] = arena_terminated(&arena, text_split(&rest, ' '));
    while (rest.len > 0);
    if (text_ends(text_of(line), TEXT(" ")))
        words[count++] = "";
    complete_words(&program, words, count, slugs, &arena, &out);
    rest = buffer_text(&out);
    while (rest.len > 0) {
        struct text word = text_split(&rest, '\n');

        buffer_put(&list, list.len > 0 ? TEXT(" ") : TEXT(""));
        buffer_put(&list, text_split(&word, '\t'));
    }
    return list.len > 0 ? buffer_text(&list) : TEXT("");
}

TEST(commands_are_offered_each_first_word_once)
{
    EXPECT_TEXT(offered(""), "check backup schema test");
    EXPECT_TEXT(offered("s"), "schema");
    EXPECT_TEXT(offered("x"), "");
    arena_release(&arena);
}

TEST(second_words_are_offered_and_arguments_of_a_command_that_is_also_a_group)
{
    EXPECT_TEXT(offered("backup "), "list");
    EXPECT_TEXT(offered("schema "), "check endpoint routing");
    EXPECT_TEXT(offered("schema e"), "endpoint");
    EXPECT_TEXT(offered("schema endpoint "), "");
    EXPECT_TEXT(offered("schema check "), ":files");
    arena_release(&arena);
}

TEST(flags_and_their_values_are_offered)
{
    EXPECT_TEXT(offered("check --f"), "--format");
    EXPECT_TEXT(offered("check --format "), "human short json");
    EXPECT_TEXT(offered("check --format s"), "short");
    EXPECT_TEXT(offered("check --format=s"), "--format=short");
    EXPECT_TEXT(offered("check --format = j"), "json");
    EXPECT_TEXT(offered("check --store "), ":dirs");
    EXPECT_TEXT(offered("check --dev --d"), "--dev");
    EXPECT(text_find(offered("-"), TEXT("--help")) < offered("-").len);
    EXPECT_TEXT(offered("check -- --f"), "");
    arena_release(&arena);
}

TEST(slugs_are_those_of_the_folder_that_is_named)
{
    EXPECT_TEXT(offered("test su"), "summarize support-chat");
    EXPECT_TEXT(asked_folder, ".");
    EXPECT_TEXT(offered("-c conf test sum"), "summarize");
    EXPECT_TEXT(asked_folder, "conf");
    EXPECT_TEXT(offered("test --config other summarize sup"), "support-chat");
    EXPECT_TEXT(asked_folder, "other");
    arena_release(&arena);
}
