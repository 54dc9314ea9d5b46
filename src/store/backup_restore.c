/* A backup takes the place of a store. The store's folder stays, with whatever else is in it (its
 * admin socket, the backups); only the data and the key are exchanged:
 *
 *   1. the backup's files are copied beside those of the store, and made durable
 *   2. the store's files get second names in a folder of their own
 *   3. the keys of the store lose their first names: from here to step 5 a server that finds what
 *      they are for, and no key, refuses to start, so a crash never leaves data with another
 *      store's keys
 *   4. the data is exchanged, by renaming
 *   5. the keys are exchanged, by renaming */
#include "store/backup_impl.h"

#include "base/clock.h"
#include "base/file.h"
#include "store/store_lock.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct restore {
    struct arena *arena;
    struct text from, to, kept;
    const char *data, *new_data; /* of the store, and beside it */
    const char *keys[BACKUP_KEY_COUNT], *new_keys[BACKUP_KEY_COUNT];
    const struct backup *backup;
};

static const char *path_in(struct arena *arena, struct text folder, const char *name)
{
    return arena_printf(arena, "%.*s/%s", TEXT_ARG(folder), name).at;
}

static bool copy_one(struct restore *restore, const char *name, const char *to,
                     struct text expected, struct error *err)
{
    struct text found;

    if (unlink(to) != 0 && errno != ENOENT)
        return backup_file_failed("remove what an earlier restore left", to, err);
    if (!backup_file_copy(path_in(restore->arena, restore->from, name), to, restore->arena, &found,
                          err))
        return false;
    return text_equal(found, expected) ||
           error_set(err, ERROR_RECORD_DAMAGED, to, "the backup has changed while it was copied");
}

static bool copy_all(struct restore *restore, struct error *err)
{
    if (!copy_one(restore, BACKUP_DATA, restore->new_data, restore->backup->sha256, err))
        return false;
    for (int key = 0; key < BACKUP_KEY_COUNT; key++)
        if (restore->backup->key_sha256[key].len > 0 &&
            !copy_one(restore, backup_key_names[key], restore->new_keys[key],
                      restore->backup->key_sha256[key], err))
            return false;
    return true;
}

static bool keep_one(struct restore *restore, const char *path, const char *name, struct error *err)
{
    return !backup_file_exists(path) ||
           link(path, path_in(restore->arena, restore->kept, name)) == 0 ||
           backup_file_failed("keep the store that is there", path, err);
}

/* The store that stands there, under second names. */
static bool keep_old(struct restore *restore, struct error *err)
{
    struct text name = backup_name_of(clock_wall_ms(), restore->arena);

    if (!backup_file_exists(restore->data))
        return true;
    restore->kept = arena_printf(restore->arena, "%.*s/before-restore-%.*s", TEXT_ARG(restore->to),
                                 TEXT_ARG(name));
    if (mkdir(restore->kept.at, 0700) != 0)
        return backup_file_failed("create a folder for the store that is there", restore->kept.at,
                                  err);
    if (!keep_one(restore, restore->data, BACKUP_DATA, err))
        return false;
    for (int key = 0; key < BACKUP_KEY_COUNT; key++)
        if (!keep_one(restore, restore->keys[key], backup_key_names[key], err))
            return false;
    /* Where the old audit log ended is no business of the new one. */
    rename(path_in(restore->arena, restore->to, "audit.head"),
           path_in(restore->arena, restore->kept, "audit.head"));
    return (folder_sync(restore->kept.at) && folder_sync(restore->to.at)) ||
           backup_file_failed("keep the store that is there", restore->kept.at, err);
}

/* Everything before the store that is there is touched. */
static bool prepare(struct restore *restore, struct error *err)
{
    if (copy_all(restore, err) && keep_old(restore, err))
        return true;
    unlink(restore->new_data);
    for (int key = 0; key < BACKUP_KEY_COUNT; key++)
        unlink(restore->new_keys[key]);
    return false;
}

static bool gone(const char *path)
{
    return unlink(path) == 0 || errno == ENOENT;
}

/* LMDB's own lock file tells which transaction was the last: not that of another file. */
static bool take_away(struct restore *restore)
{
    for (int key = 0; key < BACKUP_KEY_COUNT; key++)
        if (!gone(restore->keys[key]))
            return false;
    return gone(path_in(restore->arena, restore->to, "lock.mdb")) && folder_sync(restore->to.at);
}

static bool put_in(struct restore *restore)
{
    if (rename(restore->new_data, restore->data) != 0 || !folder_sync(restore->to.at))
        return false;
    for (int key = 0; key < BACKUP_KEY_COUNT; key++)
        if (restore->backup->key_sha256[key].len > 0 &&
            rename(restore->new_keys[key], restore->keys[key]) != 0)
            return false;
    return folder_sync(restore->to.at);
}

static bool exchange(struct restore *restore, struct error *err)
{
    if (take_away(restore) && put_in(restore))
        return true;
    backup_file_failed("exchange the store's files", restore->to.at, err);
    if (err != NULL)
        error_hint(err, "run the restore again: until it succeeds the store does not start");
    return false;
}

bool backup_restore(struct text folder, struct text store_folder, struct arena *arena,
                    struct backup *out, struct text *out_kept, struct error *err)
{
    struct text from = arena_copy(arena, folder), to = arena_copy(arena, store_folder);
    struct restore restore = {
        .arena = arena,
        .from = from,
        .to = to,
        .data = path_in(arena, to, BACKUP_DATA),
        .new_data = path_in(arena, to, BACKUP_DATA ".restoring"),
        .backup = out,
    };
    bool good;
    int lock;

    if (!backup_verify(from, arena, out, err))
        return false;
    for (int key = 0; key < BACKUP_KEY_COUNT; key++) {
        restore.keys[key] = path_in(arena, to, backup_key_names[key]);
        restore.new_keys[key] = arena_printf(arena, "%s.restoring", restore.keys[key]).at;
    }
    if (mkdir(to.at, 0700) != 0 && errno != EEXIST)
        return backup_file_failed("create the store's folder", to.at, err);
    lock = store_lock_open(to.at, err);
    if (lock < 0)
        return false;
    good = prepare(&restore, err) && exchange(&restore, err);
    store_lock_close(lock);
    *out_kept = restore.kept;
    return good;
}
