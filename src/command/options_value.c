/* The flags every command takes, and what a command line answers about its values. */
#include "base/check.h"
#include "command/options_table.h"

const struct option_spec global_options[] = {
    {.name = "config",
     .letter = 'c',
     .argument = "DIR",
     .help = "folder with pinion.yaml",
     .environment = "PINION_CONFIG",
     .fallback = "."},
    {.name = "json", .help = "machine-readable output and errors", .environment = "PINION_JSON"},
    {.name = "quiet", .letter = 'q', .help = "say less", .environment = "PINION_QUIET"},
    {.name = "verbose", .letter = 'v', .help = "say more", .environment = "PINION_VERBOSE"},
    {.name = "no-color", .help = "no colour even on a terminal", .environment = "PINION_NO_COLOR"},
    {.name = "no-input", .help = "never ask anything", .environment = "PINION_NO_INPUT"},
    {.name = "help", .letter = 'h', .help = "show this"},
    {.name = "version", .help = "show the version"},
};
const size_t global_option_count = sizeof global_options / sizeof global_options[0];

const struct option_spec *option_at(const struct command_spec *command, size_t i)
{
    size_t own = command ? command->option_count : 0;

    if (i < own)
        return &command->options[i];
    return i - own < global_option_count ? &global_options[i - own] : NULL;
}

struct text command_word(const struct command_spec *command, int word)
{
    struct text rest = text_of(command->name);
    struct text first = text_split(&rest, ' ');

    return word == 0 ? first : rest;
}

struct option_value *option_value_of(const struct command_line *line, const char *name)
{
    for (size_t i = 0; i < line->value_count; i++)
        if (strcmp(line->values[i].spec->name, name) == 0)
            return &line->values[i];
    return NULL;
}

static const struct option_value *declared(const struct command_line *line, const char *name)
{
    const struct option_value *value = option_value_of(line, name);

    CHECK(value != NULL);
    return value;
}

enum option_source option_source(const struct command_line *line, const char *name)
{
    return declared(line, name)->source;
}

bool option_on(const struct command_line *line, const char *name)
{
    const struct option_value *value = declared(line, name);

    CHECK(value->spec->argument == NULL);
    return value->on;
}

const char *option_text(const struct command_line *line, const char *name)
{
    const struct option_value *value = declared(line, name);

    CHECK(value->spec->argument != NULL);
    return value->count > 0 ? value->texts[value->count - 1] : NULL;
}

size_t option_texts(const struct command_line *line, const char *name, const char *const **out)
{
    const struct option_value *value = declared(line, name);

    CHECK(value->spec->argument != NULL);
    *out = (const char *const *)value->texts;
    return value->count;
}

uint64_t option_number(const struct command_line *line, const char *name, uint64_t otherwise)
{
    const char *written = option_text(line, name);
    uint64_t number = otherwise;

    CHECK(declared(line, name)->spec->number);
    if (written != NULL)
        CHECK(text_to_u64(text_of(written), &number)); /* checked when it was read */
    return number;
}
