#include "secret/key_file.h"

#include "base/check.h"
#include "base/file.h"
#include "secret/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct text heading = TEXT_INIT(
    "# Master keys of pinion: the first seals, the others only open. Without them the\n"
    "# sealed secrets are lost. Keep this file, and a copy of it, apart from the store.\n");

static bool unusable(const struct key_source *source, const char *what, int number,
                     struct error *err)
{
    return error_set(err, ERROR_MASTER_KEY_UNUSABLE, source->file.at,
                     "the file of the master key cannot be %s: %s", what, strerror(number));
}

/* The service manager makes its files readable by access list, which shows as the group's bits. */
static bool check_file(const struct key_source *source, const struct stat *file, struct error *err)
{
    mode_t closed = source->origin == KEY_ORIGIN_CREDENTIAL ? 027 : 077;

    if (!S_ISREG(file->st_mode))
        return error_set(err, ERROR_MASTER_KEY_UNUSABLE, source->file.at,
                         "the master key must be in a regular file");
    if (file->st_size > KEY_FILE_BYTES_MAX)
        return error_set(err, ERROR_MASTER_KEY_UNUSABLE, source->file.at,
                         "the file of the master key has more than %d bytes", KEY_FILE_BYTES_MAX);
    /* Root may work on a service's file; nobody else's key is taken for one's own. */
    if (geteuid() != 0 && file->st_uid != geteuid() && file->st_uid != 0)
        return error_set(err, ERROR_MASTER_KEY_UNUSABLE, source->file.at,
                         "the file of the master key belongs to another user, %u",
                         (unsigned)file->st_uid);
    if ((file->st_mode & closed) == 0)
        return true;
    error_set(err, ERROR_MASTER_KEY_UNUSABLE, source->file.at,
              "the master key is open to others: its file's mode is %04o, expected 0400",
              (unsigned)file->st_mode & 07777);
    error_hint(err, "chmod 400 %s", source->file.at);
    return false;
}

static bool read_open(const struct key_source *source, int fd, struct key_file *out,
                      struct error *err)
{
    struct stat file;
    size_t len = 0;
    char *at;

    if (fstat(fd, &file) != 0)
        return unusable(source, "looked at", errno, err);
    if (!check_file(source, &file, err))
        return false;
    at = secret_alloc(KEY_FILE_BYTES_MAX);
    *out = (struct key_file){.words = {at, 0},
                             .room = KEY_FILE_BYTES_MAX,
                             .owner = file.st_uid,
                             .group = file.st_gid,
                             .there = true};
    while (len < KEY_FILE_BYTES_MAX) {
        ssize_t got = read(fd, at + len, KEY_FILE_BYTES_MAX - len);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return unusable(source, "read", errno, err);
        if (got == 0)
            break;
        len += (size_t)got;
    }
    out->words.len = len;
    return true;
}

bool key_file_read(const struct key_source *source, struct key_file *out, struct error *err)
{
    int fd = open(source->file.at, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    bool good;

    *out = (struct key_file){0};
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return true;
    if (fd < 0)
        return unusable(source, "opened", errno, err);
    good = read_open(source, fd, out, err);
    close(fd);
    if (!good)
        key_file_release(out);
    return good;
}

void key_file_release(struct key_file *file)
{
    secret_free((void *)(uintptr_t)file->words.at, file->room);
    *file = (struct key_file){0};
}

/* --- replacing it ------------------------------------------------------------------------------
 */

static void folder_of(const char *path, char out[PATH_MAX])
{
    const char *slash = strrchr(path, '/');

    snprintf(out, PATH_MAX, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}

/* Makes the folder, and the one it is in, as the user's own; others must be there. */
static void make_folder(const char *folder)
{
    char above[PATH_MAX];

    folder_of(folder, above);
    if (mkdir(above, 0700) == 0 || errno == EEXIST)
        mkdir(folder, 0700);
}

/* Gives a descriptor that holds the folder's lock until it is closed, or -1. */
static int lock_folder(const struct key_source *source, struct error *err)
{
    char folder[PATH_MAX];
    int fd;

    folder_of(source->file.at, folder);
    if (source->origin == KEY_ORIGIN_HOME)
        make_folder(folder);
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0 && flock(fd, LOCK_EX) == 0)
        return fd;
    unusable(source, "written", errno, err);
    if (fd >= 0)
        close(fd);
    return -1;
}

/* An operator's command may run as root: the file stays the service's. */
static bool fill(int fd, const struct key_file *old, struct text bytes)
{
    if (old->there && (old->owner != geteuid() || old->group != getegid()) &&
        fchown(fd, old->owner, old->group) != 0)
        return false;
    return fchmod(fd, 0400) == 0 && file_write_all(fd, bytes) && fsync(fd) == 0;
}

/* Under the folder's lock, of which `folder_fd` is the descriptor. */
static bool replace(const struct key_source *source, int folder_fd, const struct key_file *old,
                    struct text bytes, struct error *err)
{
    char fresh[PATH_MAX];
    bool good;
    int fd;

    if (snprintf(fresh, sizeof fresh, "%s.XXXXXX", source->file.at) >= (int)sizeof fresh)
        return unusable(source, "written", ENAMETOOLONG, err);
    fd = mkostemp(fresh, O_CLOEXEC); /* O_EXCL and mode 0600 */
    if (fd < 0)
        return unusable(source, "written", errno, err);
    good = fill(fd, old, bytes) && rename(fresh, source->file.at) == 0 && fsync(folder_fd) == 0;
    if (!good) {
        unusable(source, "written", errno, err);
        unlink(fresh);
    }
    close(fd);
    return good;
}

/* Appends to text in secret memory of KEY_FILE_BYTES_MAX; false when it is full. */
static bool append(struct text *out, struct text piece)
{
    if (piece.len > KEY_FILE_BYTES_MAX - out->len)
        return false;
    if (piece.len > 0)
        memcpy((char *)(uintptr_t)out->at + out->len, piece.at, piece.len);
    out->len += piece.len;
    return true;
}

static bool append_key(struct text *out, const struct master_key *key)
{
    char written[MASTER_KEY_CHARS];
    bool good;

    master_key_write(key, written);
    good = append(out, (struct text){written, sizeof written}) && append(out, TEXT("\n"));
    secret_wipe((struct text){written, sizeof written});
    return good;
}

/* What the file is to hold, from what it holds. */
struct edit {
    const struct master_key *first; /* the key to put in front, or */
    struct text date;               /* when all but the first are retired */
};

static bool put_first(const struct edit *edit, const struct key_file *old, struct text *out)
{
    struct text rest = old->words;

    if (!old->there && !append(out, heading))
        return false;
    if (text_starts(rest, heading)) {
        append(out, heading);
        rest = text_after(rest, heading.len);
    }
    return append_key(out, edit->first) && append(out, rest);
}

/* "# mk_0123456789abcdef retired 2026-11-26: KEY" in the place of KEY. */
static bool retire_word(const struct edit *edit, struct text word, struct text *out)
{
    struct master_key *key = secret_alloc(sizeof *key);
    bool good = master_key_parse(word, key);

    good = good && append(out, TEXT("# ")) && append(out, master_key_id(key)) &&
           append(out, TEXT(" retired ")) && append(out, edit->date) && append(out, TEXT(": ")) &&
           append(out, word);
    secret_free(key, sizeof *key);
    return good;
}

static bool keep_first(const struct edit *edit, const struct key_file *old, struct text *out)
{
    struct text rest = old->words, word, before;
    const char *from = rest.at;
    bool first = true;

    while (key_word_next(&rest, &word)) {
        before = text_between(from, word.at);
        if (!append(out, before))
            return false;
        if (first) {
            if (!append(out, word))
                return false;
        } else if ((out->len > 0 && out->at[out->len - 1] != '\n' && !append(out, TEXT("\n"))) ||
                   !retire_word(edit, word, out) || !append(out, TEXT("\n"))) {
            return false;
        }
        from = word.at + word.len;
        if (!first && rest.len > 0 && *from == '\n')
            from++;
        first = false;
    }
    return append(out, text_between(from, old->words.at + old->words.len));
}

static bool change(const struct key_source *source, const struct edit *edit, struct error *err)
{
    struct text out = {secret_alloc(KEY_FILE_BYTES_MAX), 0};
    struct key_file old = {0};
    int folder_fd = lock_folder(source, err);
    bool good = folder_fd >= 0 && key_file_read(source, &old, err);

    if (good && !(edit->first != NULL ? put_first(edit, &old, &out) : keep_first(edit, &old, &out)))
        good = error_set(err, ERROR_MASTER_KEY_UNUSABLE, source->file.at,
                         "the file of the master key is full");
    good = good && replace(source, folder_fd, &old, out, err);
    if (folder_fd >= 0)
        close(folder_fd);
    key_file_release(&old);
    secret_free((void *)(uintptr_t)out.at, KEY_FILE_BYTES_MAX);
    return good;
}

bool key_file_put_first(const struct key_source *source, const struct master_key *key,
                        struct error *err)
{
    return change(source, &(struct edit){.first = key}, err);
}

bool key_file_keep_first(const struct key_source *source, struct text date, struct error *err)
{
    return change(source, &(struct edit){.date = date}, err);
}
