/* pinion reload: the running server reads its configuration again. */
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/remote.h"
#include "document/json_read.h"

static int run(const struct command_line *line)
{
    /* The files on disk may be what is wrong: only the address of the server is wanted of them. */
    struct settings settings;
    struct document document;
    struct error err = {0};
    struct text body;
    int status;
    uint32_t report;

    if (!config_folder_settings(line, &settings, &err)) {
        command_error_print(line->program, &err, option_on(line, "json"), stderr);
        return EXIT_USAGE;
    }
    if (!remote_call(line, &settings, "POST", TEXT("/admin/v1/reload"), TEXT("{}"), &status, &body,
                     &err)) {
        error_hint(&err, "is the server running? start it with 'pinion serve'");
        command_error_print(line->program, &err, option_on(line, "json"), stderr);
        return EXIT_UNREACHABLE;
    }
    if (status != 200 && status != 422)
        return remote_failed(line, status, body);
    if (option_on(line, "json")) {
        printf("%.*s\n", TEXT_ARG(body));
        return status == 200 ? EXIT_DONE : EXIT_CONFIG;
    }
    if (!json_read(body, NULL, line->arena, &document, NULL, NULL))
        return remote_failed(line, status, body);
    report = document_member(&document, 0, TEXT("report"));
    if (report != CELL_NONE)
        fprintf(stderr, "%.*s", TEXT_ARG(document_text(&document, report)));
    fprintf(stderr, status == 200 ? "reloaded: the configuration is in force\n"
                                  : "not reloaded: the old configuration stays in force\n");
    return status == 200 ? EXIT_DONE : EXIT_CONFIG;
}

static const struct option_spec options[] = {PLACE_OPTIONS};

const struct command_spec command_reload = {
    .name = "reload",
    .summary = "Have the running server read its configuration again",
    .examples = {"reload", "reload --json"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "check, serve",
    .run = run,
};
