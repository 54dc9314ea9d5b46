/* pinion restore: a backup takes the place of the store, with no server running on it. */
#include "command/backup_text.h"
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/confirm.h"
#include "command/own_act.h"
#include "command/remote.h"
#include "document/json_write.h"

/* A name stands for one in the folder of backups; with a slash it is a folder itself. */
static bool find_backup(const struct command_line *line, const struct settings *settings,
                        struct text *out, struct error *err)
{
    struct text given = text_of(line->arguments[0]);
    struct text backups = settings_backups(settings, settings->store, line->arena);

    *out = given;
    if (memchr(given.at, '/', given.len) != NULL)
        return true;
    *out = arena_printf(line->arena, "%.*s/%.*s", TEXT_ARG(backups), TEXT_ARG(given));
    if (backup_name_valid(given))
        return true;
    error_set(err, ERROR_INVALID_REQUEST, NULL, "'%.*s' is neither a backup's name nor a path",
              TEXT_ARG(text_first(given, 128)));
    error_hint(err, "'pinion backup list' shows the names");
    return false;
}

static bool is_wanted(const struct command_line *line, const struct settings *settings,
                      struct error *err)
{
    struct text store = text_first(settings->store, 128);

    return confirm(
        line,
        arena_printf(line->arena,
                     "a restore puts another store in the place of '%.*s'; what is there now is "
                     "kept aside",
                     TEXT_ARG(store)),
        arena_printf(line->arena,
                     "This puts the backup in the place of the store in '%.*s';\n"
                     "what is there now is kept aside. Go on?",
                     TEXT_ARG(store)),
        err);
}

static void tell_json(const struct command_line *line, const struct backup *backup,
                      const struct settings *settings, struct text kept)
{
    struct buffer json = buffer_in(line->arena);

    buffer_put(&json, TEXT("{\"restored\":"));
    backup_put(&json, backup);
    json_put_text(&json, "store", settings->store);
    json_put_name(&json, "kept");
    if (kept.len > 0)
        json_put_string(&json, kept);
    else
        buffer_put(&json, TEXT("null"));
    buffer_put_byte(&json, '}');
    printf("%.*s\n", TEXT_ARG(buffer_text(&json)));
}

static void tell(const struct backup *backup, const struct settings *settings, struct text kept)
{
    fprintf(stderr, "restored '%.*s' into %.*s: ", TEXT_ARG(backup->name),
            TEXT_ARG(settings->store));
    backup_say(backup);
    if (kept.len > 0)
        fprintf(stderr, "the store that was there is kept in %.*s\n", TEXT_ARG(kept));
    fputs("what happened after the copy is unknown to it: money spent since then is in no budget,\n"
          "tokens made since then are refused, tokens revoked since then are good again, and\n"
          "idempotency keys used since then would be sent once more\n"
          "see what it holds with: pinion token list; start it with: pinion serve\n",
          stderr);
}

/* The log that came with the copy goes on with how it came here. */
static bool record(const struct settings *settings, const struct backup *backup, struct error *err)
{
    struct store *store = store_open_lmdb(settings->store, err);
    bool good;

    if (store == NULL)
        return false;
    good = own_append(store, AUDIT_BACKUP_RESTORE, backup->name, err);
    store_close(store);
    return good;
}

static int run(const struct command_line *line)
{
    struct settings settings;
    struct backup backup;
    struct error err = {0};
    struct text folder, kept = {0};

    if (!config_folder_settings(line, &settings, &err) ||
        !find_backup(line, &settings, &folder, &err) || !is_wanted(line, &settings, &err) ||
        !backup_restore(folder, settings.store, line->arena, &backup, &kept, &err))
        return remote_error(line, &err);
    if (!record(&settings, &backup, &err)) {
        error_hint(&err, "the backup is in its place; only the audit log does not know of it");
        return remote_error(line, &err);
    }
    if (option_on(line, "json"))
        tell_json(line, &backup, &settings, kept);
    else if (!option_on(line, "quiet"))
        tell(&backup, &settings, kept);
    return EXIT_DONE;
}

static const struct option_spec options[] = {
    CONFIRM_OPTION,
    PLACE_OPTIONS,
};

const struct command_spec command_restore = {
    .name = "restore",
    .arguments = "NAME|DIR",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Put a backup in the place of the store; no server may be running on it",
    .examples = {"restore before-upgrade", "restore /mnt/backups/20261126t171500z --yes"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "backup, backup list, doctor",
    .run = run,
};
