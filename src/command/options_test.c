#include "unit.h"

#include "command/options.h"

#include <limits.h>
#include <stdlib.h>

static const struct option_spec serve_options[] = {
    {.name = "listen", .argument = "ADDR", .help = "address", .environment = "PINION_LISTEN"},
    {.name = "workers", .argument = "N", .help = "threads", .number = true},
    {.name = "dev", .help = "demo provider"},
};
static const struct option_spec create_options[] = {
    {.name = "scope", .letter = 's', .argument = "SLUG", .help = "what", .repeated = true},
    {.name = "kind",
     .argument = "KIND",
     .help = "kind",
     .choices = "live|test",
     .fallback = "live"},
};
static int run_serve(const struct command_line *line)
{
    return option_on(line, "dev") ? 1 : 0;
}
static const struct command_spec commands[] = {
    {.name = "serve",
     .summary = "Runs the gateway",
     .examples = {"serve", "serve --dev"},
     .options = serve_options,
     .option_count = 3,
     .see_also = "check, token create",
     .run = run_serve},
    {.name = "token create",
     .summary = "Creates a token",
     .options = create_options,
     .option_count = 2,
     .run = run_serve},
    {.name = "token list", .summary = "Lists tokens", .run = run_serve},
    {.name = "call",
     .arguments = "SLUG",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Calls",
     .run = run_serve},
    {.name = "schema check",
     .arguments = "SCHEMA DOC...",
     .arguments_min = 2,
     .arguments_max = UINT_MAX,
     .summary = "Checks",
     .run = run_serve},
};
static const char *variables[3][2];
static char *environment(const char *name)
{
    for (size_t i = 0; i < 3; i++)
        if (variables[i][0] && strcmp(variables[i][0], name) == 0)
            return (char *)(uintptr_t)variables[i][1];
    return NULL;
}
static const struct program program = {.name = "pinion",
                                       .version = "1.2.3",
                                       .summary = "A gateway",
                                       .examples = {"serve", "check"},
                                       .commands = commands,
                                       .command_count = sizeof commands / sizeof commands[0],
                                       .environment = environment};

enum { WORDS_MAX = 16 };
static struct arena arena;
static struct command_line line;
static struct error err;

/* Parses the words of one line, split at spaces. */
static bool parse(const char *words)
{
    struct text rest = text_of(words);
    char *argv[WORDS_MAX] = {(char *)(uintptr_t) "pinion"};
    int argc = 1;

    arena_release(&arena);
    memset(&err, 0, sizeof err);
    while (rest.len > 0 && argc < WORDS_MAX) {
        struct text word = text_split(&rest, ' ');

        argv[argc++] = (char *)(uintptr_t)arena_terminated(&arena, word);
    }
    return command_line_parse(&program, argc, argv, &arena, &line, &err);
}

static void expect_refused(const char *words, const char *message, const char *hint)
{
    EXPECT(!parse(words));
    EXPECT_EQ(err.code, ERROR_INVALID_REQUEST);
    EXPECT_STR(err.message, message);
    EXPECT_STR(err.hint, hint);
}

TEST(flags_stand_anywhere_also_before_the_command)
{
    EXPECT(parse("--listen :8080 -c /etc/p serve --dev"));
    EXPECT_STR(line.command->name, "serve");
    EXPECT_STR(option_text(&line, "listen"), ":8080");
    EXPECT_STR(option_text(&line, "config"), "/etc/p");
    EXPECT(option_on(&line, "dev"));
    EXPECT(!option_on(&line, "json"));
    EXPECT(parse("token --json create --scope=a -s b"));
    EXPECT_STR(line.command->name, "token create");
    EXPECT(option_on(&line, "json"));
}

TEST(a_value_follows_a_space_or_an_equals_sign)
{
    EXPECT(parse("serve --listen=a=b"));
    EXPECT_STR(option_text(&line, "listen"), "a=b");
    EXPECT(parse("serve -c=d"));
    EXPECT_STR(option_text(&line, "config"), "d");
    EXPECT(parse("serve --workers 12"));
    EXPECT_EQ(option_number(&line, "workers", 3), 12);
    EXPECT(parse("serve"));
    EXPECT_EQ(option_number(&line, "workers", 3), 3);
}

TEST(two_dashes_end_the_flags_and_one_dash_is_a_word)
{
    EXPECT(parse("schema check -- --json -"));
    EXPECT_EQ(line.argument_count, 2);
    EXPECT_STR(line.arguments[0], "--json");
    EXPECT_STR(line.arguments[1], "-");
    EXPECT(parse("call -"));
    EXPECT_STR(line.arguments[0], "-");
}

TEST(a_repeated_flag_keeps_all_and_another_is_refused)
{
    const char *const *scopes;

    EXPECT(parse("token create -s a --scope b"));
    EXPECT_EQ(option_texts(&line, "scope", &scopes), 2);
    EXPECT_STR(scopes[0], "a");
    EXPECT_STR(scopes[1], "b");
    EXPECT_STR(option_text(&line, "scope"), "b");
    expect_refused("serve --listen a --listen b", "flag '--listen' is given twice", "");
}

TEST(a_flag_wins_over_the_environment_and_that_over_the_default)
{
    EXPECT(parse("serve"));
    EXPECT_STR(option_text(&line, "config"), ".");
    EXPECT_EQ(option_source(&line, "config"), OPTION_DEFAULT);
    EXPECT_EQ(option_source(&line, "listen"), OPTION_ABSENT);
    EXPECT(option_text(&line, "listen") == NULL);
    variables[0][0] = "PINION_CONFIG", variables[0][1] = "/env";
    variables[1][0] = "PINION_JSON", variables[1][1] = "1";
    EXPECT(parse("serve"));
    EXPECT_STR(option_text(&line, "config"), "/env");
    EXPECT_EQ(option_source(&line, "config"), OPTION_ENVIRONMENT);
    EXPECT(option_on(&line, "json"));
    EXPECT(parse("serve -c /flag"));
    EXPECT_STR(option_text(&line, "config"), "/flag");
    variables[1][1] = "maybe";
    expect_refused("serve", "variable PINION_JSON must be true or false, found 'maybe'", "");
    memset(variables, 0, sizeof variables);
}

TEST(a_wrong_value_is_named)
{
    expect_refused("serve --workers many", "flag '--workers' must be a whole number, found 'many'",
                   "");
    expect_refused("token create --kind prod", "flag '--kind' cannot be 'prod'",
                   "it takes one of live|test");
    expect_refused("serve --dev=1", "flag '--dev' takes no value", "");
    expect_refused("serve --listen", "flag '--listen' needs a value ADDR", "");
    expect_refused("serve --listen --dev", "flag '--listen' needs a value ADDR",
                   "if '--dev' is the value, write --listen=--dev");
    expect_refused("serve --listen=", "flag '--listen' has an empty value", "");
}

TEST(an_unknown_command_suggests_the_nearest)
{
    expect_refused("", "a command is missing", "'pinion --help' lists all commands");
    expect_refused("serv", "unknown command 'serv'", "did you mean 'pinion serve'?");
    expect_refused("zebra", "unknown command 'zebra'", "'pinion --help' lists all commands");
    expect_refused("token", "'pinion token' needs a subcommand",
                   "'pinion token --help' lists them");
    expect_refused("token creat", "'pinion token' has no subcommand 'creat'",
                   "did you mean 'pinion token create'?");
    expect_refused("token x", "'pinion token' has no subcommand 'x'",
                   "'pinion token --help' lists them");
}

TEST(an_unknown_flag_suggests_the_nearest_and_nothing_is_abbreviated)
{
    expect_refused("serve --lisen x", "unknown flag '--lisen'", "did you mean '--listen'?");
    expect_refused("serve --verb", "unknown flag '--verb'",
                   "'pinion serve --help' lists the flags it takes");
    expect_refused("serve -qv", "unknown flag '-qv'",
                   "'pinion serve --help' lists the flags it takes");
    expect_refused("call x --dev", "'pinion call' does not take '--dev'",
                   "'pinion call --help' lists the flags it takes");
}

TEST(positional_arguments_are_counted)
{
    expect_refused("call", "'pinion call' needs SLUG",
                   "'pinion call --help' shows how it is called");
    expect_refused("call a b", "unexpected argument 'b': 'pinion call' takes SLUG",
                   "'pinion call --help' shows how it is called");
    expect_refused("serve now", "unexpected argument 'now': 'pinion serve' takes no arguments",
                   "'pinion serve --help' shows how it is called");
    EXPECT(parse("schema check a b c d"));
    EXPECT_EQ(line.argument_count, 4);
}

static struct text help_of(const char *words)
{
    char *at = NULL;
    size_t len = 0;
    FILE *stream = open_memstream(&at, &len);
    struct text copy;

    EXPECT(parse(words));
    EXPECT(option_on(&line, "help"));
    command_line_help(&line, stream);
    fclose(stream);
    copy = arena_copy(&arena, (struct text){at, len});
    free(at);
    return copy;
}

TEST(help_needs_no_arguments_and_shows_examples_before_flags)
{
    struct text help = help_of("call --help");

    EXPECT(text_starts(help, TEXT("Usage: pinion call SLUG [flags]\n")));
    help = help_of("serve -h");
    EXPECT(text_find(help, TEXT("Examples:\n  pinion serve\n  pinion serve --dev\n")) < help.len);
    EXPECT(text_find(help, TEXT("Examples:")) < text_find(help, TEXT("Flags:")));
    EXPECT(text_find(help, TEXT("  -c, --config DIR  ")) < help.len);
    EXPECT(text_ends(help, TEXT("See also: pinion check, pinion token create\n")));
    help = help_of("token --help");
    EXPECT(text_find(help, TEXT("token list")) < help.len);
    EXPECT(text_find(help, TEXT("serve")) == help.len);
    help = help_of("--help");
    EXPECT(text_find(help, TEXT("schema check  Checks")) < help.len);
}

TEST(errors_are_a_sentence_or_an_envelope)
{
    struct error broken = {0};
    char *at = NULL;
    size_t len = 0;
    FILE *stream;

    error_set(&broken, ERROR_CONFIG_INVALID, "a.yaml:1", "key 'x' is \"odd\"");
    error_hint(&broken, "remove it");
    stream = open_memstream(&at, &len);
    command_error_print(&program, &broken, false, stream);
    fclose(stream);
    EXPECT_STR(at, "pinion: error: key 'x' is \"odd\"\n  --> a.yaml:1\n  help: remove it\n");
    free(at);
    stream = open_memstream(&at, &len);
    command_error_print(&program, &broken, true, stream);
    fclose(stream);
    EXPECT_STR(at, "{\"error\":{\"message\":\"key 'x' is \\\"odd\\\"\","
                   "\"type\":\"invalid_request_error\",\"code\":\"config_invalid\","
                   "\"param\":\"a.yaml:1\",\"hint\":\"remove it\"}}\n");
    free(at);
}

TEST(running_gives_the_exit_code)
{
    char *serve[] = {(char *)(uintptr_t) "pinion", (char *)(uintptr_t) "serve",
                     (char *)(uintptr_t) "--dev"};

    EXPECT_EQ(program_run(&program, 3, serve), 1);
    EXPECT_EQ(program_run(&program, 2, serve), 0);
    arena_release(&arena);
}
