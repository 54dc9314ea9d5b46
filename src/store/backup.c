/* Taking, checking, listing and removing backups. A backup is made under another name, made durable
 * file by file, read again from the disk, and only then given its name. */
#include "store/backup_impl.h"
#include "store/store_impl.h"

#include "base/clock.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { SPARE_BYTES = 64 << 20, MANIFEST_BYTES_MAX = 1 << 20, LIST_MAX = 10000 };

const char *const backup_key_names[BACKUP_KEY_COUNT] = {
    [BACKUP_TOKEN_KEY] = "token.key",
    [BACKUP_AUDIT_KEY] = "audit.key",
};

static bool is_word(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

bool backup_name_valid(struct text name)
{
    if (name.len == 0 || name.len > BACKUP_NAME_MAX || !is_word(name.at[0]))
        return false;
    for (size_t i = 1; i < name.len; i++)
        if (!is_word(name.at[i]) && strchr("-_.", name.at[i]) == NULL)
            return false;
    return memchr(name.at, '\0', name.len) == NULL;
}

struct text backup_name_of(int64_t wall_ms, struct arena *arena)
{
    char when[CLOCK_RFC3339_BYTES], *out = arena_bytes(arena, CLOCK_RFC3339_BYTES);
    size_t len = 0;

    clock_rfc3339(wall_ms, when);
    for (size_t i = 0; i < 19; i++) /* to the second */
        if (when[i] != '-' && when[i] != ':')
            out[len++] = when[i] == 'T' ? 't' : when[i];
    out[len++] = 'z';
    return (struct text){out, len};
}

static const char *path_in(struct arena *arena, struct text folder, const char *name)
{
    return arena_printf(arena, "%.*s/%s", TEXT_ARG(folder), name).at;
}

/* What makes a backup, and nothing else, so that no slip removes more. */
static bool remove_folder(struct text folder, struct arena *arena)
{
    if ((unlink(path_in(arena, folder, BACKUP_MANIFEST)) != 0 && errno != ENOENT) ||
        (unlink(path_in(arena, folder, BACKUP_DATA)) != 0 && errno != ENOENT))
        return false;
    for (int key = 0; key < BACKUP_KEY_COUNT; key++)
        if (unlink(path_in(arena, folder, backup_key_names[key])) != 0 && errno != ENOENT)
            return false;
    return rmdir(arena_terminated(arena, folder)) == 0 || errno == ENOENT;
}

bool backup_name_check(struct text name, struct error *err)
{
    return backup_name_valid(name) ||
           error_set(err, ERROR_INVALID_REQUEST, "name",
                     "the name of a backup has 1 to %d of a-z, 0-9, '-', '_' and '.', and begins "
                     "with a letter or digit",
                     BACKUP_NAME_MAX);
}

static bool unknown(struct text name, struct error *err)
{
    error_set(err, ERROR_BACKUP_NOT_FOUND, NULL, "there is no backup '%.*s'",
              TEXT_ARG(text_first(name, 128)));
    if (err != NULL)
        error_hint(err, "'pinion backup list' shows those there are");
    return false;
}

/* A backup must not be what fills the disk. */
static bool check_space(struct store *store, const char *backups, struct error *err)
{
    uint64_t needed = store_stats(store).used_bytes + SPARE_BYTES, free_bytes;
    struct statvfs disk;

    if (statvfs(backups, &disk) != 0)
        return backup_file_failed("look at the folder of backups", backups, err);
    free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
    if (free_bytes >= needed)
        return true;
    error_set(err, ERROR_STORAGE_FULL, backups,
              "a backup may take %llu MiB, and there are %llu MiB left on its disk",
              (unsigned long long)(needed >> 20), (unsigned long long)(free_bytes >> 20));
    if (err != NULL)
        error_hint(err, "delete old backups, or set 'backups' to a folder on another disk");
    return false;
}

static bool copy_data(struct store *store, const char *path, struct backup *it, struct error *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    struct stat file;
    bool good;

    if (fd < 0)
        return backup_file_failed("create the copy", path, err);
    it->taken_ms = clock_wall_ms();
    good = lmdb_copy_to(store, fd, &it->transaction, err);
    if (good && (fsync(fd) != 0 || fstat(fd, &file) != 0))
        good = backup_file_failed("write the copy", path, err);
    if (good)
        it->bytes = (uint64_t)file.st_size;
    close(fd);
    return good;
}

static bool write_manifest(const char *path, const struct backup *it, struct error *err)
{
    struct buffer json = {0};
    bool good;

    backup_put(&json, it);
    buffer_put_byte(&json, '\n');
    good = backup_file_write(path, buffer_text(&json), err);
    buffer_release(&json);
    return good;
}

static bool copy_keys(struct text from, struct text to, struct arena *arena, struct backup *it,
                      struct error *err)
{
    for (int key = 0; key < BACKUP_KEY_COUNT; key++) {
        const char *path = path_in(arena, from, backup_key_names[key]);

        if (backup_file_exists(path) &&
            !backup_file_copy(path, path_in(arena, to, backup_key_names[key]), arena,
                              &it->key_sha256[key], err))
            return false;
    }
    return true;
}

/* Everything of a backup, in a folder that has not its name yet. */
static bool fill(struct store *store, struct text store_folder, struct text folder,
                 struct arena *arena, struct backup *it, struct error *err)
{
    const char *data = path_in(arena, folder, BACKUP_DATA);
    struct store_sight sight;

    if (!copy_data(store, data, it, err) || !backup_file_digest(data, arena, &it->sha256, err) ||
        !copy_keys(store_folder, folder, arena, it, err) ||
        !lmdb_copy_verify(folder, arena, &sight, err))
        return false;
    it->tables = sight.tables;
    it->table_count = sight.table_count;
    it->audit_sequence = sight.audited.sequence;
    if (it->audit_sequence > 0)
        it->audit_hash = backup_hex(sight.audited.hash, AUDIT_HASH_BYTES, arena);
    if (!write_manifest(path_in(arena, folder, BACKUP_MANIFEST), it, err))
        return false;
    return folder_sync(arena_terminated(arena, folder)) ||
           backup_file_failed("write the backup's folder", folder.at, err);
}

static bool give_name(struct text partial, struct text folder, struct text backups,
                      struct text name, struct error *err)
{
    if (renameat2(AT_FDCWD, partial.at, AT_FDCWD, folder.at, RENAME_NOREPLACE) != 0) {
        if (errno == EEXIST)
            return error_set(err, ERROR_BACKUP_CONFLICT, NULL, "there is a backup '%.*s' already",
                             TEXT_ARG(name));
        return backup_file_failed("name the backup", folder.at, err);
    }
    return folder_sync(backups.at) || backup_file_failed("name the backup", backups.at, err);
}

/* With no other backup of this store in the making. */
static bool take(struct store *store, struct text folder, struct text backups, struct arena *arena,
                 struct backup *it, struct error *err)
{
    struct text partial =
        arena_printf(arena, "%.*s/.%.*s.partial", TEXT_ARG(backups), TEXT_ARG(it->name));
    struct text place = arena_printf(arena, "%.*s/%.*s", TEXT_ARG(backups), TEXT_ARG(it->name));

    if (backup_file_exists(place.at))
        return error_set(err, ERROR_BACKUP_CONFLICT, NULL, "there is a backup '%.*s' already",
                         TEXT_ARG(it->name));
    if (mkdir(backups.at, 0700) != 0 && errno != EEXIST)
        return backup_file_failed("create the folder of backups", backups.at, err);
    if (!check_space(store, backups.at, err))
        return false;
    if (!remove_folder(partial, arena) || mkdir(partial.at, 0700) != 0)
        return backup_file_failed("create the backup's folder", partial.at, err);
    if (fill(store, folder, partial, arena, it, err) &&
        give_name(partial, place, backups, it->name, err))
        return true;
    remove_folder(partial, arena);
    return false;
}

bool backup_take(struct store *store, struct text folder, struct text backups, struct text name,
                 struct arena *arena, struct backup *out, struct error *err)
{
    struct backup it = {.name = arena_copy(arena, name), .version = TEXT(PINION_VERSION)};
    bool good;

    if (!backup_name_check(name, err))
        return false;
    if (atomic_exchange(&store->backing_up, true))
        return error_set(err, ERROR_BACKUP_CONFLICT, NULL, "another backup is being made");
    good = take(store, folder, arena_copy(arena, backups), arena, &it, err);
    atomic_store(&store->backing_up, false);
    if (good)
        *out = it;
    return good;
}

/* --- looking at them ---------------------------------------------------------------------------
 */

static bool read_manifest(struct text folder, struct arena *arena, struct backup *out,
                          struct error *err)
{
    const char *path = path_in(arena, folder, BACKUP_MANIFEST);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *bytes = arena_bytes(arena, MANIFEST_BYTES_MAX);
    size_t len = 0;
    ssize_t got;

    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return unknown(folder, err);
    if (fd < 0)
        return backup_file_failed("open the backup's manifest", path, err);
    while (len < MANIFEST_BYTES_MAX && (got = read(fd, bytes + len, MANIFEST_BYTES_MAX - len)) != 0)
        if (got > 0)
            len += (size_t)got;
        else if (errno != EINTR)
            break;
    close(fd);
    return backup_read((struct text){bytes, len}, arena, out, err);
}

static bool check_file(struct text folder, const char *name, struct text expected,
                       struct arena *arena, struct error *err)
{
    const char *path = path_in(arena, folder, name);
    struct text found;

    if (!backup_file_digest(path, arena, &found, err))
        return false;
    return text_equal(found, expected) ||
           error_set(err, ERROR_RECORD_DAMAGED, path,
                     "the backup is damaged: the file is not the one that was written");
}

static bool check_keys(struct text folder, const struct backup *backup, struct arena *arena,
                       struct error *err)
{
    for (int key = 0; key < BACKUP_KEY_COUNT; key++)
        if (backup->key_sha256[key].len > 0 &&
            !check_file(folder, backup_key_names[key], backup->key_sha256[key], arena, err))
            return false;
    return true;
}

static bool check_tables(const struct backup *backup, const struct store_sight *sight,
                         struct error *err)
{
    for (size_t i = 0; i < backup->table_count; i++) {
        const struct store_table *told = &backup->tables[i], *found = NULL;

        for (size_t k = 0; k < sight->table_count && found == NULL; k++)
            if (text_equal(sight->tables[k].name, told->name))
                found = &sight->tables[k];
        if ((found != NULL ? found->records : 0) != told->records)
            return error_set(err, ERROR_RECORD_DAMAGED, NULL,
                             "the backup is damaged: it says it holds %llu of '%.*s', and holds "
                             "%llu that this program can read",
                             (unsigned long long)told->records, TEXT_ARG(told->name),
                             (unsigned long long)(found != NULL ? found->records : 0));
    }
    return true;
}

bool backup_verify(struct text folder, struct arena *arena, struct backup *out, struct error *err)
{
    struct store_sight sight;
    struct backup it;

    if (!read_manifest(folder, arena, &it, err) ||
        !check_file(folder, BACKUP_DATA, it.sha256, arena, err) ||
        !check_keys(folder, &it, arena, err) || !lmdb_copy_verify(folder, arena, &sight, err) ||
        !check_tables(&it, &sight, err))
        return false;
    *out = it;
    return true;
}

static int by_name(const void *a, const void *b)
{
    return text_compare(((const struct backup *)a)->name, ((const struct backup *)b)->name);
}

bool backup_list(struct text backups, struct arena *arena, const struct backup **out,
                 size_t *out_count, struct error *err)
{
    const char *path = arena_terminated(arena, backups);
    struct backup *list = NULL;
    size_t count = 0, room = 0;
    struct dirent *entry;
    DIR *folder = opendir(path);

    *out = NULL;
    *out_count = 0;
    if (folder == NULL)
        return errno == ENOENT || backup_file_failed("read the folder of backups", path, err);
    while (count < LIST_MAX && (entry = readdir(folder)) != NULL) {
        struct text name = arena_copy(arena, text_of(entry->d_name));
        struct backup it;

        if (!backup_name_valid(name))
            continue;
        if (!read_manifest(text_of(path_in(arena, backups, name.at)), arena, &it, NULL) ||
            !text_equal(it.name, name))
            it = (struct backup){.name = name, .unreadable = true};
        if (count == room)
            list = arena_grow(arena, list, count * sizeof *list,
                              (room = room * 2 + 16) * sizeof *list);
        list[count++] = it;
    }
    closedir(folder);
    if (count > 0)
        qsort(list, count, sizeof *list, by_name);
    *out = list;
    *out_count = count;
    return true;
}

/* Named as unfinished first: half of it is never taken for a backup. */
bool backup_delete(struct text backups, struct text name, struct error *err)
{
    struct arena arena = {0};
    struct text folder, partial;
    bool good = false;

    if (!backup_name_check(name, err))
        return false;
    folder = arena_printf(&arena, "%.*s/%.*s", TEXT_ARG(backups), TEXT_ARG(name));
    partial = arena_printf(&arena, "%.*s/.%.*s.partial", TEXT_ARG(backups), TEXT_ARG(name));
    if (!backup_file_exists(folder.at))
        unknown(name, err);
    else if (!remove_folder(partial, &arena) || rename(folder.at, partial.at) != 0 ||
             !folder_sync(arena_terminated(&arena, backups)) || !remove_folder(partial, &arena))
        backup_file_failed("delete the backup", folder.at, err);
    else
        good = true;
    arena_release(&arena);
    return good;
}
