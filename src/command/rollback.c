/* pinion rollback: has the running server serve an old version of an endpoint again. */
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/confirm.h"
#include "command/remote.h"
#include "command/version_files.h"
#include "document/json_read.h"
#include "document/member.h"

static void say(const struct command_line *line, const struct version_name *name,
                const struct document *document)
{
    unsigned long long version = version_number(document, 0, "version");
    unsigned long long of = version_number(document, 0, "of");

    if (option_on(line, "quiet"))
        return;
    fprintf(stderr, "%.*s is what it was in version %llu; this is its version %llu\n",
            TEXT_ARG(name->slug), of, version);
    if (member_flag(document, 0, "pinned") && !option_on(line, "write"))
        fprintf(stderr,
                "It stays so until the endpoint's files change. To have the files as they were "
                "too: pinion rollback %.*s@%llu --write\n",
                TEXT_ARG(name->slug), of);
}

/* 422: the old version does not load any more; the report says why. */
static int refused(const struct command_line *line, int status, struct text body)
{
    struct document document;

    if (status != 422 || option_on(line, "json") ||
        !json_read(body, NULL, line->arena, &document, NULL, NULL) ||
        member_text(&document, 0, "report").len == 0)
        return remote_failed(line, status, body);
    fprintf(stderr, "%.*s", TEXT_ARG(member_text(&document, 0, "report")));
    remote_failed(line, status, body);
    fprintf(stderr, "not rolled back: what was in force stays in force\n");
    return EXIT_CONFIG;
}

static int roll_back(const struct command_line *line, const struct version_name *name)
{
    struct text path =
        arena_printf(line->arena, "/admin/v1/endpoints/%.*s/rollback", TEXT_ARG(name->slug));
    struct text order =
        name->number > 0
            ? arena_printf(line->arena, "{\"version\":%llu}", (unsigned long long)name->number)
            : arena_printf(line->arena, "{\"version\":\"%.*s\"}", TEXT_ARG(name->hash));
    struct document document;
    struct settings settings;
    struct error err = {0};
    struct text body;
    int status;

    if (!config_folder_settings(line, &settings, &err) ||
        !remote_call(line, &settings, "POST", path, order, &status, &body, &err))
        return remote_error(line, &err);
    if (status != 200)
        return refused(line, status, body);
    if (option_on(line, "json"))
        printf("%.*s\n", TEXT_ARG(body));
    else if (json_read(body, NULL, line->arena, &document, NULL, NULL))
        say(line, name, &document);
    return EXIT_DONE;
}

/* Everything that can fail without a change comes first. */
static int run(const struct command_line *line)
{
    struct version_told version;
    struct version_name name;
    struct error err = {0};
    int code;

    if (!version_argument(line, line->arguments[0], &name))
        return EXIT_USAGE;
    if (!version_is_named(&name)) {
        error_set(&err, ERROR_INVALID_REQUEST, line->arguments[0], "back to which version?");
        error_hint(&err, "list them with 'pinion history %.*s'; write %.*s@7", TEXT_ARG(name.slug),
                   TEXT_ARG(name.slug));
        return remote_error(line, &err);
    }
    if (!option_on(line, "write"))
        return roll_back(line, &name);
    code = version_fetch(line, &name, &version);
    if (code != EXIT_DONE)
        return code;
    if (!confirm(line, TEXT("the endpoint's files in the configuration folder are replaced"),
                 arena_printf(line->arena, "Replace the files of %.*s by those of that version?",
                              TEXT_ARG(name.slug)),
                 &err))
        return remote_error(line, &err);
    code = roll_back(line, &name);
    return code == EXIT_DONE ? version_write(line, &version, config_folder(line)) : code;
}

static const struct option_spec options[] = {
    {.name = "write", .help = "also put the version's files into the configuration folder"},
    CONFIRM_OPTION,
    PLACE_OPTIONS,
};

const struct command_spec command_rollback = {
    .name = "rollback",
    .arguments = "SLUG@VERSION",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Serve an old version of an endpoint again",
    .examples = {"rollback summarize@7", "rollback summarize@1f0c3b5a9d2e --write --yes"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "history, diff",
    .run = run,
};
