/* The lock is flock's, so the kernel drops it when the process dies; the pid in the file is only
 * for people. The file stays: removing it would let two processes lock two files of one name. */
#include "store/store_lock.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

/* 0 when the file does not say. */
static uint64_t owner_of(int fd)
{
    char owner[32];
    ssize_t len = pread(fd, owner, sizeof owner, 0);
    uint64_t pid;

    return text_to_u64(text_trim((struct text){owner, len > 0 ? (size_t)len : 0}), &pid) ? pid : 0;
}

static bool in_use(int fd, const char *folder, struct error *err)
{
    uint64_t pid = owner_of(fd);

    if (pid > 0)
        error_set(err, ERROR_STORAGE_ERROR, folder, "the store is in use by process %llu",
                  (unsigned long long)pid);
    else
        error_set(err, ERROR_STORAGE_ERROR, folder, "the store is in use by another process");
    if (err != NULL)
        error_hint(err, "stop that process first, or give this one a store of its own");
    return false;
}

static bool lock(int fd, const char *folder, struct error *err)
{
    char pid[32];
    int len;

    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EINTR)
            continue;
        if (errno == EWOULDBLOCK)
            return in_use(fd, folder, err);
        return error_set(err, ERROR_STORAGE_ERROR, folder, "cannot lock the store: %s",
                         strerror(errno));
    }
    len = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    if (pwrite(fd, pid, (size_t)len, 0) == len && ftruncate(fd, len) == 0)
        return true;
    /* A full disk must not keep a store from being opened: the pid is a courtesy. */
    (void)!ftruncate(fd, 0);
    return true;
}

int store_lock_open(const char *folder, struct error *err)
{
    char path[PATH_MAX];
    int fd;

    if (snprintf(path, sizeof path, "%s/pinion.lock", folder) >= (int)sizeof path) {
        error_set(err, ERROR_STORAGE_ERROR, folder, "the store's path is too long");
        return -1;
    }
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        error_set(err, ERROR_STORAGE_ERROR, path, "cannot open the store's lock file: %s",
                  strerror(errno));
        return -1;
    }
    if (!lock(fd, folder, err)) {
        close(fd);
        return -1;
    }
    return fd;
}

void store_lock_close(int fd)
{
    if (fd >= 0)
        close(fd);
}

bool store_lock_held(const char *folder, uint64_t *out_pid)
{
    char path[PATH_MAX];
    bool held;
    int fd;

    *out_pid = 0;
    if (snprintf(path, sizeof path, "%s/pinion.lock", folder) >= (int)sizeof path)
        return false;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return false;
    held = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (held)
        *out_pid = owner_of(fd);
    close(fd);
    return held;
}
