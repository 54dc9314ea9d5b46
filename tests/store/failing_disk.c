/* A library to be preloaded: from the moment that the file named by PINION_FAILING_DISK exists, the
 * disk under data.mdb fails; nothing can be written or synced there any more (EIO). */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static bool fails(int fd)
{
    static const char name[] = "/data.mdb";
    const char *flag = getenv("PINION_FAILING_DISK");
    char link[64], path[4096];
    ssize_t len;

    if (flag == NULL || access(flag, F_OK) != 0)
        return false;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    len = readlink(link, path, sizeof path);
    if (len < (ssize_t)strlen(name) || memcmp(path + len - strlen(name), name, strlen(name)) != 0)
        return false;
    errno = EIO;
    return true;
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at)
{
    return fails(fd) ? -1 : syscall(SYS_pwrite64, fd, bytes, count, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at)
{
    return fails(fd) ? -1 : syscall(SYS_pwrite64, fd, bytes, count, at);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    return fails(fd) ? -1 : syscall(SYS_writev, fd, parts, count);
}

int fdatasync(int fd)
{
    return fails(fd) ? -1 : (int)syscall(SYS_fdatasync, fd);
}
