#include "store/store_ballast.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

static int open_ballast(const char *folder)
{
    char path[PATH_MAX];

    if (snprintf(path, sizeof path, "%s/ballast", folder) >= (int)sizeof path)
        return -1;
    return open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

bool store_ballast_fill(const char *folder)
{
    int fd = open_ballast(folder), failed = 0;

    if (fd < 0)
        return false;
    while (fallocate(fd, 0, 0, STORE_BALLAST_BYTES) != 0) {
        failed = errno;
        if (failed != EINTR)
            break;
        failed = 0;
    }
    if (failed != 0)
        (void)!ftruncate(fd, 0); /* half a ballast only takes room from others */
    close(fd);
    return failed == 0 || failed == EOPNOTSUPP;
}

void store_ballast_spend(const char *folder)
{
    int fd = open_ballast(folder);

    if (fd < 0)
        return;
    (void)!ftruncate(fd, 0);
    close(fd);
}
