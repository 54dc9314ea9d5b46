/* The file holds the raw bytes. A new one is written beside its place, made durable, and moved
 * there without replacing what is there: of two processes that begin at once, one makes the key and
 * the other reads it. */
#include "base/random_key.h"

#include "base/file.h"
#include "base/random.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct key_place {
    const char *path, *what;
};

static bool unreadable(const struct key_place *place, const char *path, const char *verb,
                       struct error *err)
{
    return error_set(err, ERROR_FILE_UNREADABLE, path, "cannot %s the %s: %s", verb, place->what,
                     strerror(errno));
}

/* Reads until `bytes` are there or the file ends. */
static ssize_t read_all(int fd, unsigned char *out, size_t bytes)
{
    size_t have = 0;

    while (have < bytes) {
        ssize_t got = read(fd, out + have, bytes - have);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        have += (size_t)got;
    }
    return (ssize_t)have;
}

static bool check_file(int fd, const struct key_place *place, struct error *err)
{
    struct stat file;

    if (fstat(fd, &file) != 0)
        return unreadable(place, place->path, "look at", err);
    if (!S_ISREG(file.st_mode))
        return error_set(err, ERROR_FILE_UNREADABLE, place->path, "the %s must be a regular file",
                         place->what);
    if ((file.st_mode & 077) != 0) {
        error_set(err, ERROR_FILE_UNREADABLE, place->path,
                  "the %s is open to others: its mode is %04o, expected 0600", place->what,
                  (unsigned)file.st_mode & 07777);
        if (err != NULL)
            error_hint(err, "chmod 600 %s", place->path);
        return false;
    }
    if (file.st_size != RANDOM_KEY_BYTES)
        return error_set(err, ERROR_FILE_UNREADABLE, place->path,
                         "the %s must be %d bytes, found %lld", place->what, RANDOM_KEY_BYTES,
                         (long long)file.st_size);
    return true;
}

static bool read_key(int fd, const struct key_place *place, unsigned char out[RANDOM_KEY_BYTES],
                     struct error *err)
{
    ssize_t got;

    if (!check_file(fd, place, err))
        return false;
    got = read_all(fd, out, RANDOM_KEY_BYTES);
    if (got == RANDOM_KEY_BYTES)
        return true;
    explicit_bzero(out, RANDOM_KEY_BYTES);
    if (got < 0)
        return unreadable(place, place->path, "read", err);
    return error_set(err, ERROR_FILE_UNREADABLE, place->path, "the %s must be %d bytes, found %zd",
                     place->what, RANDOM_KEY_BYTES, got);
}

/* The folder that holds the path, made durable, so that the new name is. */
static bool sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX];

    if (slash == NULL)
        snprintf(folder, sizeof folder, ".");
    else
        snprintf(folder, sizeof folder, "%.*s", slash == path ? 1 : (int)(slash - path), path);
    return folder_sync(folder);
}

/* Moves the file to its place unless there is one, which is as good. */
static bool move_in(const char *from, const char *to)
{
    bool there;

    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return true;
    if (errno == EINVAL || errno == ENOSYS) { /* a file system that has no such call */
        if (link(from, to) == 0)
            return unlink(from) == 0;
    }
    there = errno == EEXIST;
    return unlink(from) == 0 && there;
}

static bool create_key(const struct key_place *place, struct error *err)
{
    unsigned char key[RANDOM_KEY_BYTES];
    char fresh[PATH_MAX];
    int fd;
    bool good;

    if (snprintf(fresh, sizeof fresh, "%s.XXXXXX", place->path) >= (int)sizeof fresh)
        return error_set(err, ERROR_FILE_UNREADABLE, place->path, "the path of the %s is too long",
                         place->what);
    fd = mkostemp(fresh, O_CLOEXEC); /* O_EXCL and mode 0600 */
    if (fd < 0)
        return unreadable(place, place->path, "create", err);
    random_fill(key, sizeof key);
    good = file_write_all(fd, (struct text){(const char *)key, sizeof key}) && fsync(fd) == 0;
    explicit_bzero(key, sizeof key);
    if (!good)
        unreadable(place, fresh, "write", err);
    close(fd);
    if (!good) {
        unlink(fresh);
        return false;
    }
    if (!move_in(fresh, place->path) || !sync_folder(place->path))
        return unreadable(place, place->path, "create", err);
    return true;
}

bool random_key_load(const char *path, const char *what, bool create,
                     unsigned char out[RANDOM_KEY_BYTES], struct error *err)
{
    const struct key_place place = {path, what};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool good;

    if (fd < 0 && errno == ENOENT && create) {
        if (!create_key(&place, err))
            return false;
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    }
    if (fd < 0)
        return unreadable(&place, path, "open", err);
    good = read_key(fd, &place, out, err);
    close(fd);
    return good;
}
