/* A backup takes the place of a store. The store's folder stays, with whatever else is in it (its
 * admin socket, the backups); only the data and the key are exchanged:
 *
 *   1. the backup's files are copied beside those of the store, and made durable
 *   2. the store's files get second names in a folder of their own
 *   3. the key of the store loses its first name: from here to step 5 a server that finds tokens
 *      and no key refuses to start, so a crash never leaves data with another store's key
 *   4. the data is exchanged, by renaming
 *   5. the key is exchanged, by renaming */
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
    const char *data, *key;         /* of the store */
    const char *new_data, *new_key; /* beside them */
    bool with_key;
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

static bool copy_in(struct restore *restore, const struct backup *backup, struct error *err)
{
    if (copy_one(restore, BACKUP_DATA, restore->new_data, backup->sha256, err) &&
        (!restore->with_key ||
         copy_one(restore, BACKUP_KEY, restore->new_key, backup->key_sha256, err)))
        return true;
    unlink(restore->new_data);
    unlink(restore->new_key);
    return false;
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

    if (!backup_file_exists(restore->data) && !backup_file_exists(restore->key))
        return true;
    restore->kept = arena_printf(restore->arena, "%.*s/before-restore-%.*s", TEXT_ARG(restore->to),
                                 TEXT_ARG(name));
    if (mkdir(restore->kept.at, 0700) != 0)
        return backup_file_failed("create a folder for the store that is there", restore->kept.at,
                                  err);
    if (!keep_one(restore, restore->data, BACKUP_DATA, err) ||
        !keep_one(restore, restore->key, BACKUP_KEY, err))
        return false;
    return (folder_sync(restore->kept.at) && folder_sync(restore->to.at)) ||
           backup_file_failed("keep the store that is there", restore->kept.at, err);
}

/* LMDB's own lock file tells which transaction was the last: not that of another file. */
static bool exchange(struct restore *restore, struct error *err)
{
    const char *locks = path_in(restore->arena, restore->to, "lock.mdb");

    if ((unlink(restore->key) != 0 && errno != ENOENT) || !folder_sync(restore->to.at) ||
        (unlink(locks) != 0 && errno != ENOENT) || rename(restore->new_data, restore->data) != 0 ||
        !folder_sync(restore->to.at) ||
        (restore->with_key && rename(restore->new_key, restore->key) != 0) ||
        !folder_sync(restore->to.at)) {
        backup_file_failed("exchange the store's files", restore->to.at, err);
        if (err != NULL)
            error_hint(err, "run the restore again: until it succeeds the store does not start");
        return false;
    }
    return true;
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
        .key = path_in(arena, to, BACKUP_KEY),
        .new_data = path_in(arena, to, BACKUP_DATA ".restoring"),
        .new_key = path_in(arena, to, BACKUP_KEY ".restoring"),
    };
    bool good;
    int lock;

    if (!backup_verify(from, arena, out, err))
        return false;
    restore.with_key = out->key_sha256.len > 0;
    if (mkdir(to.at, 0700) != 0 && errno != EEXIST)
        return backup_file_failed("create the store's folder", to.at, err);
    lock = store_lock_open(to.at, err);
    if (lock < 0)
        return false;
    good = copy_in(&restore, out, err) && keep_old(&restore, err) && exchange(&restore, err);
    store_lock_close(lock);
    *out_kept = restore.kept;
    return good;
}
