/* pinion ping: whether the server is ready, for health checks. */
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/remote.h"

static int run(const struct command_line *line)
{
    struct settings settings;
    struct error err = {0};
    struct text body;
    int status;

    if (!config_folder_settings(line, &settings, &err)) {
        command_error_print(line->program, &err, option_on(line, "json"), stderr);
        return EXIT_USAGE;
    }
    if (!remote_call(line, &settings, "GET", TEXT("/readyz?verbose"), (struct text){0}, &status,
                     &body, &err)) {
        command_error_print(line->program, &err, option_on(line, "json"), stderr);
        return EXIT_UNREACHABLE;
    }
    if (!option_on(line, "quiet"))
        printf("%.*s\n", TEXT_ARG(body));
    return status == 200 ? EXIT_DONE : EXIT_FAILED;
}

static const struct option_spec options[] = {PLACE_OPTIONS};

const struct command_spec command_ping = {
    .name = "ping",
    .summary = "Ask the running server whether it is ready",
    .examples = {"ping", "ping --quiet"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "serve",
    .run = run,
};
