/* What the command line says about itself: help, usage errors, and program_run, which ties both to
 * a command. */
#include "base/check.h"
#include "command/options_table.h"
#include "document/json_write.h"

#include <unistd.h>

enum { COLUMN_MAX = 28 };

static void print_row(FILE *stream, struct text left, int width, const char *right,
                      const char *note)
{
    fprintf(stream, "  %-*.*s  %s%s\n", width, TEXT_ARG(left), right, note);
}

static struct text option_label(struct arena *arena, const struct option_spec *spec)
{
    struct text letter = spec->letter ? arena_printf(arena, "-%c, ", spec->letter) : TEXT("    ");

    return arena_printf(arena, "%.*s--%s%s%s", TEXT_ARG(letter), spec->name,
                        spec->argument ? " " : "", spec->argument ? spec->argument : "");
}

/* What a reader wants to know beside the help: choices, default, variable. */
static const char *option_note(struct arena *arena, const struct option_spec *spec)
{
    struct buffer note = buffer_in(arena);

    if (spec->choices)
        buffer_printf(&note, "; %s", spec->choices);
    if (spec->fallback)
        buffer_printf(&note, "; default %s", spec->fallback);
    if (spec->environment)
        buffer_printf(&note, "; %s", spec->environment);
    if (spec->repeated)
        buffer_printf(&note, "; may be repeated");
    if (note.len == 0)
        return "";
    return arena_printf(arena, " (%.*s)", TEXT_ARG(text_after(buffer_text(&note), 2))).at;
}

static void print_options(struct arena *arena, FILE *stream, const char *title,
                          const struct option_spec *options, size_t count)
{
    int width = 0;

    if (count == 0)
        return;
    fprintf(stream, "\n%s:\n", title);
    for (size_t i = 0; i < count; i++) {
        int label = (int)option_label(arena, &options[i]).len;

        width = label > width && label <= COLUMN_MAX ? label : width;
    }
    for (size_t i = 0; i < count; i++)
        print_row(stream, option_label(arena, &options[i]), width, options[i].help,
                  option_note(arena, &options[i]));
}

static void print_examples(const struct program *program, const char *const examples[2],
                           FILE *stream)
{
    if (examples[0] == NULL)
        return;
    fprintf(stream, "\nExamples:\n");
    for (int i = 0; i < 2 && examples[i]; i++)
        fprintf(stream, "  %s %s\n", program->name, examples[i]);
}

static void print_see_also(const struct program *program, const char *names, FILE *stream)
{
    struct text rest = text_of(names);

    if (rest.len == 0)
        return;
    fprintf(stream, "\nSee also:");
    while (rest.len > 0) {
        struct text name = text_trim(text_split(&rest, ','));

        fprintf(stream, " %s %.*s%s", program->name, TEXT_ARG(name), rest.len > 0 ? "," : "\n");
    }
}

/* The commands of `group`, or all of them. */
static void print_commands(const struct program *program, struct text group, FILE *stream)
{
    int width = 0;

    fprintf(stream, "\nCommands:\n");
    for (size_t i = 0; i < program->command_count; i++) {
        int len = (int)strlen(program->commands[i].name);

        width = len > width && len <= COLUMN_MAX ? len : width;
    }
    for (size_t i = 0; i < program->command_count; i++)
        if (group.len == 0 || text_equal(group, command_word(&program->commands[i], 0)))
            print_row(stream, text_of(program->commands[i].name), width,
                      program->commands[i].summary, "");
}

static void print_program(const struct command_line *line, FILE *stream)
{
    const struct program *program = line->program;

    if (line->group.len > 0) {
        fprintf(stream, "Usage: %s %.*s <subcommand> [arguments] [flags]\n", program->name,
                TEXT_ARG(line->group));
        for (size_t i = 0, shown = 0; i < program->command_count && shown < 2; i++)
            if (text_equal(line->group, command_word(&program->commands[i], 0)) &&
                program->commands[i].examples[0])
                fprintf(stream, "%s  %s %s\n", shown++ == 0 ? "\nExamples:\n" : "", program->name,
                        program->commands[i].examples[0]);
    } else {
        fprintf(stream, "Usage: %s [global flags] <command> [arguments] [flags]\n\n%s.\n",
                program->name, program->summary);
        print_examples(program, program->examples, stream);
    }
    print_commands(program, line->group, stream);
    print_options(line->arena, stream, "Global flags", global_options, global_option_count);
    if (line->group.len == 0)
        print_see_also(program, program->see_also, stream);
}

void command_line_help(const struct command_line *line, FILE *stream)
{
    const struct command_spec *command = line->command;

    if (command == NULL) {
        print_program(line, stream);
        return;
    }
    fprintf(stream, "Usage: %s %s%s%s [flags]\n\n%s.\n", line->program->name, command->name,
            command->arguments ? " " : "", command->arguments ? command->arguments : "",
            command->summary);
    print_examples(line->program, command->examples, stream);
    print_options(line->arena, stream, "Flags", command->options, command->option_count);
    print_options(line->arena, stream, "Global flags", global_options, global_option_count);
    print_see_also(line->program, command->see_also, stream);
}

bool command_line_color(const struct command_line *line, FILE *stream)
{
    const char *no_color = line->program->environment("NO_COLOR");
    const char *terminal = line->program->environment("TERM");

    if (option_on(line, "no-color") || (no_color && no_color[0] != '\0'))
        return false;
    if (terminal && strcmp(terminal, "dumb") == 0)
        return false;
    return isatty(fileno(stream)) == 1;
}

static void put_member(struct buffer *out, const char *name, const char *value)
{
    json_put_name(out, name);
    if (value[0] != '\0')
        json_put_string(out, text_of(value));
    else
        buffer_put(out, TEXT("null"));
}

void command_error_print(const struct program *program, const struct error *err, bool json,
                         FILE *stream)
{
    const struct error_row *row = error_row(err->code);
    struct buffer out = {0};

    if (json) {
        buffer_put(&out, TEXT("{\"error\":{"));
        put_member(&out, "message", err->message);
        put_member(&out, "type", row->type);
        put_member(&out, "code", row->word);
        put_member(&out, "param", err->at);
        put_member(&out, "hint", err->hint);
        buffer_put(&out, TEXT("}}\n"));
    } else {
        buffer_printf(&out, "%s: error: %s\n", program->name, err->message);
        if (err->at[0] != '\0')
            buffer_printf(&out, "  --> %s\n", err->at);
        if (err->hint[0] != '\0')
            buffer_printf(&out, "  help: %s\n", err->hint);
    }
    fwrite(out.at, 1, out.len, stream);
    buffer_release(&out);
}

/* Whether errors about the command line itself are wanted as JSON: it could not be read, so only
 * the plainest forms count. */
static bool wants_json(const struct program *program, int argc, char *const *argv)
{
    const char *variable = program->environment("PINION_JSON");

    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--json") == 0)
            return true;
    return variable && (strcmp(variable, "1") == 0 || strcmp(variable, "true") == 0);
}

int program_run(const struct program *program, int argc, char *const *argv)
{
    struct arena arena = {0};
    struct command_line line;
    struct error err = {0};
    int code = EXIT_DONE;

    if (!command_line_parse(program, argc, argv, &arena, &line, &err)) {
        command_error_print(program, &err, wants_json(program, argc, argv), stderr);
        code = EXIT_USAGE;
    } else if (option_on(&line, "help")) {
        command_line_help(&line, stdout);
    } else if (option_on(&line, "version")) {
        printf("%s %s\n", program->name, program->version);
    } else {
        code = line.command->run(&line);
    }
    arena_release(&arena);
    return code;
}
