/* command/options.h
 * The words after `pinion`, read against tables: which commands there are, which flags each takes,
 * how they are explained. Grammar (conventions section 5): flags anywhere, `--` ends them,
 * `--flag value` and `--flag=value`, `-f value` for those with a letter, nothing abbreviated,
 * letters not bundled. A flag that is not given takes the value of its environment variable, then
 * its default; a configuration file in between is asked by the command (option_text is NULL then,
 * or option_source says what was given).
 *
 * Tables are const and for the whole process; a command line borrows argv and the environment. */
#pragma once
#include "base/arena.h"
#include "base/error.h"

#include <stdio.h>

/* Exit codes of all commands. */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_CONFIG = 3,
    EXIT_PERMISSION = 4,
    EXIT_NOT_FOUND = 5,
    EXIT_TESTS = 6,
    EXIT_UNREACHABLE = 7,
    EXIT_DIFFERENT = 8,
    EXIT_INTERRUPTED = 130,
};

struct option_spec {
    const char *name;        /* "config", without the dashes */
    char letter;             /* 'c'; 0: only the long form */
    const char *argument;    /* "DIR" as help shows it; NULL: a switch */
    const char *help;        /* one line, lower case, no full stop */
    const char *environment; /* "PINION_CONFIG"; NULL: none */
    const char *fallback;    /* the value when nothing is given; NULL: none */
    const char *choices;     /* "human|short|json": nothing else is accepted; NULL: anything */
    bool number;             /* decimal digits fitting uint64_t */
    bool repeated;           /* may be given several times */
};

struct command_line;
struct command_spec {
    const char *name;      /* "serve", or two words: "token create" */
    const char *arguments; /* as usage shows them: "SLUG", "SCHEMA DOC..."; NULL: none */
    unsigned arguments_min, arguments_max; /* UINT_MAX: any number */
    const char *summary;                   /* one sentence without full stop */
    const char *examples[2];               /* without "pinion " in front */
    const struct option_spec *options;
    size_t option_count;
    const char *see_also;                        /* "check, explain"; NULL: none */
    int (*run)(const struct command_line *line); /* gives the exit code */
};

struct program {
    const char *name;    /* "pinion" */
    const char *version; /* "0.1.0" */
    const char *summary;
    const char *examples[2];
    const struct command_spec *commands;
    size_t command_count;
    const char *see_also;
    char *(*environment)(const char *name); /* getenv, but for tests */
};

/* The flags every command takes: -c/--config, --json, -q/--quiet, -v/--verbose, --no-color,
 * --no-input, -h/--help, --version. */
extern const struct option_spec global_options[];
extern const size_t global_option_count;

struct option_value;
struct command_line {
    const struct program *program;
    const struct command_spec *command; /* NULL: `pinion --help` or `--version` alone */
    struct text group; /* "token" where help is wanted of all its subcommands; else empty */
    const char *const *arguments; /* positional, after the command's own words */
    size_t argument_count;
    struct option_value *values;
    size_t value_count;
    struct arena *arena; /* kept; for the command's own use too */
};

/* Reads argv (argv[0] is skipped) into *out; memory from the arena. With --help or --version
 * anywhere nothing is asked of the rest but that its words are known. On failure
 * ERROR_INVALID_REQUEST with message and hint, ready to be shown. CHECKs that the tables are sound:
 * a name or letter takes an argument in every command, or in none. */
bool command_line_parse(const struct program *program, int argc, char *const *argv,
                        struct arena *arena, struct command_line *out, struct error *err);

/* What was given, by the flag's name without dashes. A name that neither the command nor
 * global_options declare is a CHECK. */
enum option_source { OPTION_ABSENT, OPTION_DEFAULT, OPTION_ENVIRONMENT, OPTION_FLAG };
enum option_source option_source(const struct command_line *line, const char *name);
/* A switch: whether it is on. */
bool option_on(const struct command_line *line, const char *name);
/* The value (the last, if repeated); NULL when there is none. */
const char *option_text(const struct command_line *line, const char *name);
/* All values of a repeated flag. */
size_t option_texts(const struct command_line *line, const char *name, const char *const **out);
/* The value of a flag declared `number`; `otherwise` when there is none. */
uint64_t option_number(const struct command_line *line, const char *name, uint64_t otherwise);
/* Whether colour may be used on `stream`: a terminal, and neither --no-color, NO_COLOR nor
 * TERM=dumb. */
bool command_line_color(const struct command_line *line, FILE *stream);

/* Usage, two examples, flags (of the program: commands and global flags), see also. */
void command_line_help(const struct command_line *line, FILE *stream);
/* Tells a person on `stream` what went wrong and what to do next, or writes the error envelope when
 * `json`. */
void command_error_print(const struct program *program, const struct error *err, bool json,
                         FILE *stream);

/* All of it: parses, answers --help and --version, reports usage errors on stderr, runs the
 * command. Returns the exit code. */
int program_run(const struct program *program, int argc, char *const *argv);
