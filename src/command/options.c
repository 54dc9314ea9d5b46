/* First every word of argv is sorted into flags and plain words, which needs no command: whether a
 * flag takes an argument is the same in all of them. Then the plain words name the command, and
 * only then the flags are held against what it accepts. So flags may stand before the command. */
#include "command/options.h"

#include "base/check.h"
#include "command/options_table.h"
#include "document/diagnostic.h"

/* One flag as it was written. */
struct given {
    const char *written;            /* the word of argv */
    struct text name;               /* "config" or "c" */
    const struct option_spec *spec; /* NULL: no command has it */
    const char *value;              /* NULL: none */
};
struct parse {
    const struct program *program;
    struct arena *arena;
    struct given *given;
    size_t given_count;
    const char **words;
    size_t word_count;
    struct error *err;
};

static bool named(const struct option_spec *spec, struct text name, bool is_letter)
{
    if (is_letter)
        return spec->letter != 0 && name.len == 1 && name.at[0] == spec->letter;
    return text_equal(name, text_of(spec->name));
}

static const struct option_spec *find_accepted(const struct command_spec *command, struct text name,
                                               bool is_letter)
{
    const struct option_spec *spec;

    for (size_t i = 0; (spec = option_at(command, i)) != NULL; i++)
        if (named(spec, name, is_letter))
            return spec;
    return NULL;
}

/* In any command: all that have it agree about the argument. */
static const struct option_spec *find_anywhere(const struct program *program, struct text name,
                                               bool is_letter)
{
    const struct option_spec *found = find_accepted(NULL, name, is_letter);

    for (size_t i = 0; i < program->command_count; i++) {
        const struct option_spec *spec = find_accepted(&program->commands[i], name, is_letter);

        CHECK(found == NULL || spec == NULL || !found->argument == !spec->argument);
        found = found ? found : spec;
    }
    return found;
}

static bool fail(struct parse *parse, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool fail(struct parse *parse, const char *format, ...)
{
    va_list arguments;
    struct text message;

    va_start(arguments, format);
    message = arena_vprintf(parse->arena, format, arguments);
    va_end(arguments);
    return error_set(parse->err, ERROR_INVALID_REQUEST, NULL, "%.*s", TEXT_ARG(message));
}

static void hint(struct parse *parse, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void hint(struct parse *parse, const char *format, ...)
{
    va_list arguments;
    struct text message;

    if (parse->err == NULL)
        return;
    va_start(arguments, format);
    message = arena_vprintf(parse->arena, format, arguments);
    va_end(arguments);
    error_hint(parse->err, "%.*s", TEXT_ARG(message));
}

/* A word that could only be meant as another flag: "-c" or "--json", but neither "-" nor "-5". */
static bool looks_like_flag(const char *word)
{
    return word[0] == '-' && word[1] != '\0' && !(word[1] >= '0' && word[1] <= '9');
}

/* Reads the flag at argv[*at], with the word behind it where it is the value. */
static bool read_flag(struct parse *parse, int argc, char *const *argv, int *at)
{
    struct given *given = &parse->given[parse->given_count++];
    bool is_letter = argv[*at][1] != '-';
    struct text rest = text_after(text_of(argv[*at]), is_letter ? 1 : 2);
    bool has_value = text_find_byte(rest, '=') < rest.len;

    given->written = argv[*at];
    given->name = text_split(&rest, '=');
    given->value = has_value ? rest.at ? rest.at : "" : NULL;
    given->spec = find_anywhere(parse->program, given->name, is_letter);
    if (given->spec == NULL)
        return true; /* reported when the command is known, with its flags as suggestions */
    if (given->spec->argument == NULL && has_value)
        return fail(parse, "flag '--%s' takes no value", given->spec->name);
    if (given->spec->argument == NULL || has_value)
        return true;
    if (*at + 1 == argc || looks_like_flag(argv[*at + 1])) {
        fail(parse, "flag '--%s' needs a value %s", given->spec->name, given->spec->argument);
        if (*at + 1 < argc)
            hint(parse, "if '%s' is the value, write --%s=%s", argv[*at + 1], given->spec->name,
                 argv[*at + 1]);
        return false;
    }
    given->value = argv[++*at];
    return true;
}

static bool sort_words(struct parse *parse, int argc, char *const *argv)
{
    bool flags_ended = false;

    parse->given = ARENA_ARRAY(parse->arena, struct given, (size_t)argc + 1);
    parse->words = ARENA_ARRAY(parse->arena, const char *, (size_t)argc + 1);
    for (int at = 1; at < argc; at++) {
        if (!flags_ended && strcmp(argv[at], "--") == 0)
            flags_ended = true;
        else if (!flags_ended && argv[at][0] == '-' && argv[at][1] != '\0') {
            if (!read_flag(parse, argc, argv, &at))
                return false;
        } else
            parse->words[parse->word_count++] = argv[at];
    }
    return true;
}

static bool was_given(const struct parse *parse, const char *name)
{
    for (size_t i = 0; i < parse->given_count; i++)
        if (parse->given[i].spec && strcmp(parse->given[i].spec->name, name) == 0)
            return true;
    return false;
}

/* The names a wrong command word may have meant: first words, or second words of `group`. */
static struct text nearest_command(struct parse *parse, struct text group, const char *word)
{
    const struct program *program = parse->program;
    struct text *names = ARENA_ARRAY(parse->arena, struct text, program->command_count + 1);
    size_t count = 0;

    for (size_t i = 0; i < program->command_count; i++)
        if (group.len == 0)
            names[count++] = command_word(&program->commands[i], 0);
        else if (text_equal(group, command_word(&program->commands[i], 0)))
            names[count++] = command_word(&program->commands[i], 1);
    return nearest_name(text_of(word), names, count);
}

static bool unknown_command(struct parse *parse, struct text group, const char *word)
{
    struct text nearest = nearest_command(parse, group, word);
    const char *name = parse->program->name;

    if (group.len > 0) {
        fail(parse, "'%s %.*s' has no subcommand '%s'", name, TEXT_ARG(group), word);
        if (nearest.len > 0)
            hint(parse, "did you mean '%s %.*s %.*s'?", name, TEXT_ARG(group), TEXT_ARG(nearest));
        else
            hint(parse, "'%s %.*s --help' lists them", name, TEXT_ARG(group));
        return false;
    }
    fail(parse, "unknown command '%s'", word);
    if (nearest.len > 0)
        hint(parse, "did you mean '%s %.*s'?", name, TEXT_ARG(nearest));
    else
        hint(parse, "'%s --help' lists all commands", name);
    return false;
}

/* No command, or only the first of two words: fine for help, else an error. */
static bool incomplete_command(struct parse *parse, struct text group, struct command_line *out)
{
    const char *name = parse->program->name;

    out->group = group;
    if (was_given(parse, "help") || was_given(parse, "version"))
        return true;
    if (group.len > 0) {
        fail(parse, "'%s %.*s' needs a subcommand", name, TEXT_ARG(group));
        hint(parse, "'%s %.*s --help' lists them", name, TEXT_ARG(group));
    } else {
        fail(parse, "a command is missing");
        hint(parse, "'%s --help' lists all commands", name);
    }
    return false;
}

static bool find_command(struct parse *parse, struct command_line *out)
{
    struct text group = {0};

    if (parse->word_count == 0)
        return incomplete_command(parse, group, out);
    for (size_t i = 0; i < parse->program->command_count; i++) {
        const struct command_spec *command = &parse->program->commands[i];
        struct text second = command_word(command, 1);
        size_t words = second.len > 0 ? 2 : 1;

        if (!text_equal(command_word(command, 0), text_of(parse->words[0])))
            continue;
        if (words == 2)
            group = command_word(command, 0);
        if (words == 2 && (parse->word_count < 2 || !text_equal(second, text_of(parse->words[1]))))
            continue;
        out->command = command;
        out->arguments = parse->words + words;
        out->argument_count = parse->word_count - words;
        return true;
    }
    if (group.len > 0 && parse->word_count < 2)
        return incomplete_command(parse, group, out);
    return unknown_command(parse, group, parse->words[group.len > 0 ? 1 : 0]);
}

static bool unknown_flag(struct parse *parse, const struct command_line *line,
                         const struct given *given)
{
    const char *command = line->command ? line->command->name : "";
    const char *space = line->command ? " " : "";
    struct text *names = ARENA_ARRAY(parse->arena, struct text, line->value_count);
    struct text nearest;

    if (given->spec != NULL) {
        fail(parse, "'%s%s%s' does not take '--%s'", parse->program->name, space, command,
             given->spec->name);
    } else {
        fail(parse, "unknown flag '%s'", given->written);
        for (size_t i = 0; i < line->value_count; i++)
            names[i] = text_of(line->values[i].spec->name);
        nearest = nearest_name(given->name, names, line->value_count);
        if (nearest.len > 0) {
            hint(parse, "did you mean '--%.*s'?", TEXT_ARG(nearest));
            return false;
        }
    }
    hint(parse, "'%s%s%s --help' lists the flags it takes", parse->program->name, space, command);
    return false;
}

static bool is_choice(const char *choices, const char *value)
{
    struct text rest = text_of(choices);

    while (rest.len > 0)
        if (text_equal(text_split(&rest, '|'), text_of(value)))
            return true;
    return false;
}

/* `origin` is how a person knows where the value came from: "flag '--x'". */
static bool check_value(struct parse *parse, const struct option_spec *spec, const char *origin,
                        const char *value)
{
    uint64_t number;

    if (value[0] == '\0')
        return fail(parse, "%s has an empty value", origin);
    if (spec->number && !text_to_u64(text_of(value), &number))
        return fail(parse, "%s must be a whole number, found '%s'", origin, value);
    if (spec->choices && !is_choice(spec->choices, value)) {
        fail(parse, "%s cannot be '%s'", origin, value);
        hint(parse, "it takes one of %s", spec->choices);
        return false;
    }
    return true;
}

static bool take_flag(struct parse *parse, struct command_line *line, const struct given *given)
{
    struct option_value *value = given->spec ? option_value_of(line, given->spec->name) : NULL;
    struct text origin;

    if (value == NULL)
        return unknown_flag(parse, line, given);
    if (value->spec->argument == NULL) {
        value->on = true;
        value->source = OPTION_FLAG;
        return true;
    }
    if (value->count > 0 && !value->spec->repeated)
        return fail(parse, "flag '--%s' is given twice", value->spec->name);
    origin = arena_printf(parse->arena, "flag '--%s'", value->spec->name);
    if (!check_value(parse, value->spec, origin.at, given->value))
        return false;
    if (value->texts == NULL)
        value->texts = ARENA_ARRAY(parse->arena, const char *, parse->given_count);
    value->texts[value->count++] = given->value;
    value->source = OPTION_FLAG;
    return true;
}

static bool read_switch(struct parse *parse, const char *name, const char *word, bool *out)
{
    if (is_choice("1|true|yes|on", word))
        *out = true;
    else if (word[0] == '\0' || is_choice("0|false|no|off", word))
        *out = false;
    else
        return fail(parse, "variable %s must be true or false, found '%s'", name, word);
    return true;
}

static void set_only(struct parse *parse, struct option_value *value, const char *text,
                     enum option_source source)
{
    value->texts = ARENA_ARRAY(parse->arena, const char *, 1);
    value->texts[0] = text;
    value->count = 1;
    value->source = source;
}

/* What a flag that was not given falls back to: its environment variable, then its default. */
static bool fall_back(struct parse *parse, struct option_value *value)
{
    const struct option_spec *spec = value->spec;
    const char *found = spec->environment ? parse->program->environment(spec->environment) : NULL;
    struct text origin;

    if (found != NULL && spec->argument == NULL) {
        value->source = OPTION_ENVIRONMENT;
        return read_switch(parse, spec->environment, found, &value->on);
    }
    if (found != NULL && found[0] != '\0') {
        origin = arena_printf(parse->arena, "variable %s", spec->environment);
        set_only(parse, value, found, OPTION_ENVIRONMENT);
        return check_value(parse, spec, origin.at, found);
    }
    if (spec->fallback != NULL)
        set_only(parse, value, spec->fallback, OPTION_DEFAULT);
    return true;
}

static bool take_flags(struct parse *parse, struct command_line *line)
{
    for (size_t i = 0; i < parse->given_count; i++)
        if (!take_flag(parse, line, &parse->given[i]))
            return false;
    for (size_t i = 0; i < line->value_count; i++)
        if (line->values[i].source == OPTION_ABSENT && !fall_back(parse, &line->values[i]))
            return false;
    return true;
}

static bool check_arguments(struct parse *parse, const struct command_line *line)
{
    const struct command_spec *command = line->command;
    const char *wanted = command->arguments ? command->arguments : "no arguments";

    if (line->argument_count >= command->arguments_min &&
        line->argument_count <= command->arguments_max)
        return true;
    if (line->argument_count < command->arguments_min)
        fail(parse, "'%s %s' needs %s", parse->program->name, command->name, wanted);
    else
        fail(parse, "unexpected argument '%s': '%s %s' takes %s",
             line->arguments[command->arguments_max], parse->program->name, command->name, wanted);
    hint(parse, "'%s %s --help' shows how it is called", parse->program->name, command->name);
    return false;
}

static void accept_options(struct parse *parse, struct command_line *line)
{
    while (option_at(line->command, line->value_count) != NULL)
        line->value_count++;
    line->values = ARENA_ARRAY(parse->arena, struct option_value, line->value_count);
    for (size_t i = 0; i < line->value_count; i++)
        line->values[i].spec = option_at(line->command, i);
}

bool command_line_parse(const struct program *program, int argc, char *const *argv,
                        struct arena *arena, struct command_line *out, struct error *err)
{
    struct parse parse = {.program = program, .arena = arena, .err = err};

    *out = (struct command_line){.program = program, .arena = arena};
    if (!sort_words(&parse, argc, argv) || !find_command(&parse, out))
        return false;
    accept_options(&parse, out);
    if (was_given(&parse, "help") || was_given(&parse, "version")) {
        option_value_of(out, "help")->on = was_given(&parse, "help");
        option_value_of(out, "version")->on = was_given(&parse, "version");
        return true;
    }
    return take_flags(&parse, out) && check_arguments(&parse, out);
}
