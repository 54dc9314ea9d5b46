/* pinion backup, backup list, verify, delete: through the running server where there is one, whose
 * store is copied while it is in use; else on the store itself. */
#include "base/clock.h"
#include "command/backup_text.h"
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/confirm.h"
#include "command/own_act.h"
#include "command/remote.h"
#include "document/json_read.h"
#include "document/json_write.h"

/* Where it is to be done. */
struct place {
    struct settings settings;
    struct text backups;
    bool remote;
};

static bool find_place(const struct command_line *line, struct place *place, struct error *err)
{
    *place = (struct place){0};
    if (!config_folder_settings(line, &place->settings, err))
        return false;
    place->backups = settings_backups(&place->settings, place->settings.store, line->arena);
    place->remote = remote_answers(line, &place->settings);
    return true;
}

/* Asks the server; on failure *code is what the command ends with. */
static bool ask(const struct command_line *line, const struct place *place, const char *method,
                struct text path, struct text body, struct text *out_answer, int *code)
{
    struct error err = {0};
    int status;

    if (!remote_call_long(line, &place->settings, method, path, body, &status, out_answer, &err))
        *code = remote_error(line, &err);
    else if (status != 200 && status != 201)
        *code = remote_failed(line, status, *out_answer);
    else
        return true;
    return false;
}

/* Of the command's own store, which nobody else may have open meanwhile. */
static bool take_own(const struct command_line *line, const struct place *place, struct text name,
                     struct backup *out, struct error *err)
{
    struct store *store = store_open_lmdb(place->settings.store, err);
    bool good;

    if (store == NULL)
        return false;
    good = backup_name_check(name, err) && own_append(store, AUDIT_BACKUP_CREATE, name, err) &&
           backup_take(store, place->settings.store, place->backups, name, line->arena, out, err);
    store_close(store);
    return good;
}

static bool delete_own(const struct place *place, struct text name, struct error *err)
{
    struct store *store = store_open_lmdb(place->settings.store, err);
    bool good;

    if (store == NULL)
        return false;
    good = own_append(store, AUDIT_BACKUP_DELETE, name, err) &&
           backup_delete(place->backups, name, err);
    store_close(store);
    return good;
}

static int tell(const struct command_line *line, const struct backup *backup, const char *done)
{
    struct buffer json = buffer_in(line->arena);

    if (option_on(line, "json")) {
        backup_put(&json, backup);
        printf("%.*s\n", TEXT_ARG(buffer_text(&json)));
        return EXIT_DONE;
    }
    printf("%.*s\n", TEXT_ARG(backup->name));
    if (!option_on(line, "quiet")) {
        fprintf(stderr, "%s ", done);
        backup_say(backup);
    }
    return EXIT_DONE;
}

static int tell_answer(const struct command_line *line, struct text answer, const char *done)
{
    struct backup backup;
    struct error err = {0};

    if (!backup_read(answer, line->arena, &backup, &err))
        return remote_error(line, &err);
    return tell(line, &backup, done);
}

/* --- take
 * --------------------------------------------------------------------------------------------------
 */

static int take(const struct command_line *line)
{
    struct text name = line->argument_count > 0 ? text_of(line->arguments[0])
                                                : backup_name_of(clock_wall_ms(), line->arena);
    struct buffer body = buffer_in(line->arena);
    struct backup backup;
    struct error err = {0};
    struct place place;
    struct text answer;
    int code;

    if (!find_place(line, &place, &err))
        return remote_error(line, &err);
    if (!place.remote) {
        if (!take_own(line, &place, name, &backup, &err))
            return remote_error(line, &err);
        return tell(line, &backup, "taken and verified:");
    }
    buffer_put(&body, TEXT("{\"name\":"));
    json_put_string(&body, name);
    buffer_put_byte(&body, '}');
    if (!ask(line, &place, "POST", TEXT("/admin/v1/backups"), buffer_text(&body), &answer, &code))
        return code;
    return tell_answer(line, answer, "taken and verified:");
}

/* --- list
 * --------------------------------------------------------------------------------------------------
 */

static int list(const struct command_line *line)
{
    static const struct json_limits limits = {.nodes = JSON_UNLIMITED};
    struct buffer json = buffer_in(line->arena);
    struct document document;
    struct error err = {0};
    struct place place;
    struct text answer;
    int code;

    if (!find_place(line, &place, &err))
        return remote_error(line, &err);
    if (place.remote) {
        if (!ask(line, &place, "GET", TEXT("/admin/v1/backups"), (struct text){0}, &answer, &code))
            return code;
    } else {
        if (!backup_put_list(&json, place.backups, line->arena, &err))
            return remote_error(line, &err);
        answer = buffer_text(&json);
    }
    if (option_on(line, "json") || !json_read(answer, &limits, line->arena, &document, NULL, NULL))
        printf("%.*s\n", TEXT_ARG(answer));
    else
        backup_print_list(&document);
    return EXIT_DONE;
}

/* --- verify, delete
 * ----------------------------------------------------------------------------------------
 */

/* A name that is none of ours must not be part of a path. */
static bool known_name(const struct command_line *line, struct text *out, struct error *err)
{
    *out = text_of(line->arguments[0]);
    if (backup_name_valid(*out))
        return true;
    error_set(err, ERROR_INVALID_REQUEST, NULL, "'%.*s' is not the name of a backup",
              TEXT_ARG(text_first(*out, 128)));
    error_hint(err, "'pinion backup list' shows the names");
    return false;
}

static int verify(const struct command_line *line)
{
    struct backup backup;
    struct error err = {0};
    struct place place;
    struct text name, path, answer;
    int code;

    if (!known_name(line, &name, &err) || !find_place(line, &place, &err))
        return remote_error(line, &err);
    if (place.remote) {
        path = arena_printf(line->arena, "/admin/v1/backups/%.*s/verify", TEXT_ARG(name));
        if (!ask(line, &place, "POST", path, TEXT("{}"), &answer, &code))
            return code;
        return tell_answer(line, answer, "whole:");
    }
    path = arena_printf(line->arena, "%.*s/%.*s", TEXT_ARG(place.backups), TEXT_ARG(name));
    if (!backup_verify(path, line->arena, &backup, &err))
        return remote_error(line, &err);
    return tell(line, &backup, "whole:");
}

static int delete_one(const struct command_line *line)
{
    struct error err = {0};
    struct place place;
    struct text name, answer;
    int code;

    if (!known_name(line, &name, &err) || !find_place(line, &place, &err) ||
        !confirm(line, TEXT("a backup that is deleted cannot be brought back"),
                 arena_printf(line->arena, "delete backup '%.*s'?", TEXT_ARG(name)), &err))
        return remote_error(line, &err);
    if (place.remote) {
        if (!ask(line, &place, "DELETE",
                 arena_printf(line->arena, "/admin/v1/backups/%.*s", TEXT_ARG(name)),
                 (struct text){0}, &answer, &code))
            return code;
    } else if (!delete_own(&place, name, &err)) {
        return remote_error(line, &err);
    }
    if (!option_on(line, "quiet"))
        fprintf(stderr, "deleted backup %.*s\n", TEXT_ARG(name));
    return EXIT_DONE;
}

static const struct option_spec place_options[] = {PLACE_OPTIONS};
enum { PLACE_OPTION_COUNT = sizeof place_options / sizeof *place_options };
static const struct option_spec delete_options[] = {CONFIRM_OPTION, PLACE_OPTIONS};

const struct command_spec command_backup = {
    .name = "backup",
    .arguments = "[NAME]",
    .arguments_max = 1,
    .summary = "Copy everything durable, while it is in use, and verify the copy",
    .examples = {"backup", "backup before-upgrade"},
    .options = place_options,
    .option_count = PLACE_OPTION_COUNT,
    .see_also = "backup list, backup verify, restore",
    .run = take,
};

const struct command_spec command_backup_list = {
    .name = "backup list",
    .summary = "List the backups",
    .examples = {"backup list", "backup list --json"},
    .options = place_options,
    .option_count = PLACE_OPTION_COUNT,
    .see_also = "backup, restore",
    .run = list,
};

const struct command_spec command_backup_verify = {
    .name = "backup verify",
    .arguments = "NAME",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Read all of a backup and say whether it is whole",
    .examples = {"backup verify before-upgrade", "backup verify before-upgrade --json"},
    .options = place_options,
    .option_count = PLACE_OPTION_COUNT,
    .see_also = "backup list, restore",
    .run = verify,
};

const struct command_spec command_backup_delete = {
    .name = "backup delete",
    .arguments = "NAME",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Delete a backup",
    .examples = {"backup delete before-upgrade", "backup delete before-upgrade --yes --quiet"},
    .options = delete_options,
    .option_count = sizeof delete_options / sizeof *delete_options,
    .see_also = "backup list",
    .run = delete_one,
};
