/* pinion schema: the JSON Schema of a kind of file, for editors. */
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/schema_write.h"
#include "config/shape.h"

static const struct option_spec options[] = {
    {.name = "write", .help = "write all of them to .pinion/ in the configuration folder"},
};

static int write_all(const struct command_line *line)
{
    struct error err = {0};
    size_t written = 0;

    if (!schema_write_all(config_folder(line), line->arena, &written, &err)) {
        command_error_print(line->program, &err, option_on(line, "json"), stderr);
        return EXIT_FAILED;
    }
    if (option_on(line, "quiet"))
        return EXIT_DONE;
    fprintf(stderr, "%zu of %d schemas written to .pinion/, the others are as they should be\n",
            written, SHAPE_FILE_COUNT);
    fprintf(stderr, "editors find them by the first line of a file in endpoints/:\n  %s\n",
            schema_modeline(SHAPE_ENDPOINT));
    return EXIT_DONE;
}

static int run(const struct command_line *line)
{
    const char *name = line->argument_count > 0 ? line->arguments[0] : "endpoint";
    struct buffer out = buffer_in(line->arena);
    struct error err = {0};

    if (option_on(line, "write"))
        return write_all(line);
    for (int file = 0; file < SHAPE_FILE_COUNT; file++) {
        if (strcmp(name, shape_file_name((enum shape_file)file)) != 0)
            continue;
        shape_write((enum shape_file)file, &out);
        fwrite(out.at, 1, out.len, stdout);
        return EXIT_DONE;
    }
    error_set(&err, ERROR_INVALID_REQUEST, NULL, "there is no schema of '%s'", name);
    error_hint(&err,
               "there are endpoint, routing, tests and config; 'pinion schema check SCHEMA DOC...' "
               "checks documents");
    command_error_print(line->program, &err, option_on(line, "json"), stderr);
    return EXIT_USAGE;
}

const struct command_spec command_schema = {
    .name = "schema",
    .arguments = "[endpoint|routing|tests|config]",
    .arguments_max = 1,
    .summary = "Print the JSON Schema of a kind of file, for editors and other tools",
    .examples = {"schema endpoint", "schema --write"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "new, check, schema check",
    .run = run,
};
