/* A file is written beside its place under a name of its own, and then linked (which fails where
 * something is) or renamed (which replaces) into it. */
#include "base/author_file.h"

#include "base/file.h"
#include "base/random.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAMES_TRIED = 16 };

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

/* A new file beside `path`, as the process makes files; -1: there can be none. */
static int open_beside(const char *path, const char **out_name, struct arena *arena)
{
    int fd = -1;

    for (int tries = 0; tries < NAMES_TRIED && (fd < 0 && (tries == 0 || errno == EEXIST));
         tries++) {
        *out_name = arena_printf(arena, "%s.%08x", path, random_below(UINT32_MAX)).at;
        fd = open(*out_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    }
    return fd;
}

/* Gives the name of a whole new file beside `path`, with the mode of another where there is one; or
 * NULL after an error. */
static const char *write_beside(const char *path, struct text bytes, const struct stat *like,
                                struct arena *arena, struct error *err)
{
    const char *name;
    bool good;
    int fd = open_beside(path, &name, arena);

    if (fd < 0) {
        refused(err, path, "made");
        return NULL;
    }
    good = (like == NULL || fchmod(fd, like->st_mode & 07777) == 0) && file_write_all(fd, bytes);
    good = close(fd) == 0 && good;
    if (good)
        return name;
    refused(err, path, "written");
    unlink(name);
    return NULL;
}

bool author_file_create(struct text path, struct text bytes, struct arena *arena, struct error *err)
{
    const char *at = arena_terminated(arena, path), *made;
    bool good;

    make_folders(at, arena);
    made = write_beside(at, bytes, NULL, arena, err);
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

    if (real != NULL) {
        at = arena_terminated(arena, text_of(real));
        free(real);
    } else {
        make_folders(at, arena);
    }
    made = write_beside(at, bytes, stat(at, &now) == 0 ? &now : NULL, arena, err);
    if (made == NULL)
        return false;
    if (rename(made, at) == 0)
        return true;
    refused(err, at, "replaced");
    unlink(made);
    return false;
}
