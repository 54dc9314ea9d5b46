/* A file is written beside its place under a name of its own, and then linked (which fails where
 * something is) or renamed (which replaces) into it. */
#include "base/author_file.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool refused(struct error *err, const char *path, const char *what)
{
    int number = errno;

    error_set(err, ERROR_FILE_UNREADABLE, path, "the file cannot be %s: %s", what,
              strerror(number));
    error_hint(err, "the user that runs this must be allowed to write there");
    return false;
}

/* Those that are missing above a path; what cannot be made is told by the file itself. */
static void make_folders(const char *path, struct arena *arena)
{
    char *copy = arena_bytes(arena, strlen(path) + 1);

    memcpy(copy, path, strlen(path) + 1);
    for (char *slash = strchr(copy + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(copy, 0777);
        *slash = '/';
    }
}

/* Gives the name of a whole new file beside `path`, or NULL after an error. */
static const char *write_beside(const char *path, struct text bytes, mode_t mode,
                                struct arena *arena, struct error *err)
{
    char *name = arena_bytes(arena, strlen(path) + 8);
    bool good;
    int fd;

    memcpy(name, path, strlen(path));
    memcpy(name + strlen(path), ".XXXXXX", 8);
    fd = mkostemp(name, O_CLOEXEC);
    if (fd < 0) {
        refused(err, path, "made");
        return NULL;
    }
    good = file_write_all(fd, bytes) && fchmod(fd, mode) == 0;
    good = close(fd) == 0 && good;
    if (good)
        return name;
    refused(err, path, "written");
    unlink(name);
    return NULL;
}

static mode_t usual_mode(void)
{
    mode_t mask = umask(0);

    umask(mask);
    return 0666 & ~mask;
}

bool author_file_create(struct text path, struct text bytes, struct arena *arena, struct error *err)
{
    const char *at = arena_terminated(arena, path), *made;
    bool good;

    make_folders(at, arena);
    made = write_beside(at, bytes, usual_mode(), arena, err);
    if (made == NULL)
        return false;
    good = link(made, at) == 0;
    if (!good && errno == EEXIST) {
        error_set(err, ERROR_INVALID_REQUEST, at, "the file is there already; it stays as it is");
        error_hint(err, "remove it first, or choose another name");
    } else if (!good) {
        refused(err, at, "made");
    }
    unlink(made);
    return good;
}

bool author_file_replace(struct text path, struct text bytes, struct arena *arena,
                         struct error *err)
{
    const char *at = arena_terminated(arena, path), *made;
    char *real = realpath(at, NULL);
    struct stat now;
    mode_t mode;

    if (real != NULL) {
        at = arena_terminated(arena, text_of(real));
        free(real);
    } else {
        make_folders(at, arena);
    }
    mode = stat(at, &now) == 0 ? now.st_mode & 07777 : usual_mode();
    made = write_beside(at, bytes, mode, arena, err);
    if (made == NULL)
        return false;
    if (rename(made, at) == 0)
        return true;
    refused(err, at, "replaced");
    unlink(made);
    return false;
}
