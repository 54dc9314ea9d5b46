/* The store: whether it opens, how full it is, and whether the clock agrees with it. Looked at from
 * beside the server, if one runs. */
#include "command/doctor.h"

#include "base/clock.h"
#include "store/backup.h"
#include "store/inspect.h"

#include <errno.h>
#include <sys/stat.h>

enum { WARN_PERCENT = 80, ERROR_PERCENT = 90, CLOCK_BACK_MS = 60000, DAY_MS = 86400000 };

static const int64_t YEAR_2025_MS = 1735689600000;

static uint64_t all_records(const struct store_sight *sight)
{
    uint64_t count = 0;

    for (size_t i = 0; i < sight->table_count; i++)
        if (!text_equal(sight->tables[i].name, TEXT("meta")))
            count += sight->tables[i].records;
    return count;
}

static void measure(struct doctor *doctor, const struct store_sight *sight)
{
    unsigned percent = (unsigned)(sight->used_bytes * 100 / sight->map_bytes);

    doctor_find(doctor, "store",
                percent >= ERROR_PERCENT  ? DOCTOR_ERROR
                : percent >= WARN_PERCENT ? DOCTOR_WARNING
                                          : DOCTOR_OK,
                percent >= WARN_PERCENT ? "shorten what is kept, or delete sessions" : NULL,
                "%.1f MiB, %u %% of the most it may hold", (double)sight->used_bytes / (1 << 20),
                percent);
}

static void compare_clock(struct doctor *doctor, const struct store_sight *sight)
{
    int64_t now_ms = clock_wall_ms(), ahead_ms = sight->written_ms - now_ms;
    static const char *const hint = "set the clock: expiries and budgets follow it";

    if (now_ms < YEAR_2025_MS)
        doctor_find(doctor, "clock", DOCTOR_ERROR, hint, "it is older than this program");
    else if (ahead_ms > CLOCK_BACK_MS)
        doctor_find(doctor, "clock", DOCTOR_ERROR, hint,
                    "the store was written %lld seconds from now: the clock was set back",
                    (long long)(ahead_ms / 1000));
    else
        doctor_find(doctor, "clock", DOCTOR_OK, NULL, "it agrees with the store");
}

static uint64_t records_of(const struct store_sight *sight, struct text table)
{
    for (size_t i = 0; i < sight->table_count; i++)
        if (text_equal(sight->tables[i].name, table))
            return sight->tables[i].records;
    return 0;
}

/* A server makes a key where nothing needs the one that is missing; else it does not start. */
static void look_for_keys(struct doctor *doctor, const struct store_sight *sight)
{
    const bool needed[BACKUP_KEY_COUNT] = {
        [BACKUP_TOKEN_KEY] = records_of(sight, TEXT("tokens")) > 0,
        [BACKUP_AUDIT_KEY] = sight->audited.sequence > 0,
    };
    struct stat file;

    for (int key = 0; key < BACKUP_KEY_COUNT; key++) {
        struct text path = arena_printf(doctor->arena, "%.*s/%s", TEXT_ARG(doctor->settings.store),
                                        backup_key_names[key]);

        if (needed[key] && stat(path.at, &file) != 0)
            doctor_find(doctor, "store", DOCTOR_ERROR,
                        "bring it back from a backup; after a restore that was interrupted, run "
                        "'pinion restore' again",
                        "%.*s: %s, and no server starts without it", TEXT_ARG(path),
                        strerror(errno));
    }
}

static void look_for_backups(struct doctor *doctor)
{
    struct text folder = settings_backups(&doctor->settings, doctor->settings.store, doctor->arena);
    const struct backup *list;
    struct error err = {0};
    int64_t newest_ms = 0;
    size_t count;

    if (!backup_list(folder, doctor->arena, &list, &count, &err)) {
        doctor_find(doctor, "backups", DOCTOR_ERROR, err.hint, "%s", err.message);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (list[i].unreadable)
            doctor_find(doctor, "backups", DOCTOR_WARNING,
                        arena_printf(doctor->arena, "delete it: pinion backup delete %.*s",
                                     TEXT_ARG(list[i].name))
                            .at,
                        "'%.*s' is not readable", TEXT_ARG(list[i].name));
        else if (list[i].taken_ms > newest_ms)
            newest_ms = list[i].taken_ms;
    }
    if (newest_ms == 0)
        doctor_find(doctor, "backups", DOCTOR_WARNING, "take one with: pinion backup",
                    "there is none");
    else
        doctor_find(doctor, "backups", DOCTOR_OK, NULL, "the newest is %lld days old",
                    (long long)((clock_wall_ms() - newest_ms) / DAY_MS));
}

void doctor_store(struct doctor *doctor)
{
    bool deep = option_on(doctor->line, "deep");
    struct store_sight sight;
    struct error err = {0};

    if (!store_inspect(doctor->settings.store, deep, doctor->arena, &sight, &err)) {
        doctor_find(doctor, "store", DOCTOR_ERROR, err.hint, "%s%s%s", err.at,
                    err.at[0] != '\0' ? ": " : "", err.message);
        return;
    }
    if (!sight.there) {
        doctor_find(doctor, "store", DOCTOR_OK, NULL, "there is none yet in '%.*s'",
                    TEXT_ARG(doctor->settings.store));
        return;
    }
    measure(doctor, &sight);
    look_for_keys(doctor, &sight);
    doctor_find(doctor, "records", DOCTOR_OK, NULL,
                deep ? "all %llu are whole" : "%llu; --deep reads them all",
                (unsigned long long)all_records(&sight));
    compare_clock(doctor, &sight);
    look_for_backups(doctor);
}
