/* Files are opened relative to the folder's descriptor without following a link at the end. Only
 * when something is a link, or stands in a subfolder not yet looked at, is the real path asked for
 * and compared: ten thousand files cost one openat each. */
#include "config/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum folder_path folder_path(struct text written, struct arena *arena, struct text *out_path)
{
    struct text rest = written;
    char *out = arena_bytes(arena, written.len + 1);
    size_t len = 0;

    if (written.len > 0 && written.at[0] == '/')
        return FOLDER_PATH_ABSOLUTE;
    for (size_t i = 0; i < written.len; i++)
        if ((unsigned char)written.at[i] < 0x20 || written.at[i] == 0x7F || written.at[i] == '\\')
            return FOLDER_PATH_MALFORMED;
    while (rest.len > 0) {
        struct text name = text_split(&rest, '/');

        if (text_equal(name, TEXT("..")))
            return FOLDER_PATH_UP;
        if (name.len == 0 || text_equal(name, TEXT(".")))
            continue;
        if (len > 0)
            out[len++] = '/';
        memcpy(out + len, name.at, name.len);
        len += name.len;
    }
    if (len == 0 || len >= PATH_MAX || written.at[written.len - 1] == '/')
        return FOLDER_PATH_MALFORMED;
    out[len] = '\0';
    *out_path = (struct text){out, len};
    return FOLDER_PATH_GOOD;
}

static enum folder_status failure(int number, const char **out_why)
{
    if (number == ENOENT || number == ENOTDIR)
        return FOLDER_MISSING;
    if (number == ENXIO || number == EISDIR)
        return FOLDER_IRREGULAR;
    *out_why = strerrordesc_np(number);
    return FOLDER_FAILED;
}

/* Reads what is open, whose size may change while it is read. */
static enum folder_status read_all(int descriptor, struct arena *arena, struct text *out_bytes,
                                   const char **out_why)
{
    struct stat state;
    size_t room, len = 0;
    char *bytes;

    if (fstat(descriptor, &state) != 0)
        return failure(errno, out_why);
    if (!S_ISREG(state.st_mode))
        return FOLDER_IRREGULAR;
    if (state.st_size > FOLDER_FILE_BYTES)
        return FOLDER_LARGE;
    room = (size_t)state.st_size + 1;
    bytes = arena_bytes(arena, room);
    while (len < room) {
        ssize_t got = read(descriptor, bytes + len, room - len);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failure(errno, out_why);
        if (got == 0)
            break;
        len += (size_t)got;
    }
    if (len == room) {
        *out_why = "it grew while it was read";
        return FOLDER_FAILED;
    }
    bytes[len] = '\0';
    *out_bytes = (struct text){bytes, len};
    return FOLDER_OK;
}

static enum folder_status read_and_close(int descriptor, struct arena *arena,
                                         struct text *out_bytes, const char **out_why)
{
    enum folder_status status = read_all(descriptor, arena, out_bytes, out_why);

    close(descriptor);
    return status;
}

/* Whether the path, all links followed, is below the folder; gives the real path. */
static enum folder_status follow(const struct folder_disk *disk, struct text path,
                                 char real[PATH_MAX], const char **out_why)
{
    char whole[PATH_MAX];
    struct text found;

    if (disk->descriptor < 0)
        return FOLDER_MISSING;
    if (disk->real.len + path.len + 2 > sizeof whole)
        return failure(ENAMETOOLONG, out_why);
    memcpy(whole, disk->real.at, disk->real.len);
    whole[disk->real.len] = '/';
    memcpy(whole + disk->real.len + 1, path.at, path.len);
    whole[disk->real.len + 1 + path.len] = '\0';
    if (realpath(whole, real) == NULL)
        return failure(errno, out_why);
    found = text_of(real);
    if (!text_starts(found, disk->real) ||
        (found.len > disk->real.len && disk->real.len > 1 && found.at[disk->real.len] != '/'))
        return FOLDER_OUTSIDE;
    return FOLDER_OK;
}

static struct text parent(struct text path)
{
    while (path.len > 0 && path.at[path.len - 1] != '/')
        path.len--;
    return path.len > 0 ? text_first(path, path.len - 1) : path;
}

/* Whether the subfolder a path stands in is inside; remembered for the next path. */
static enum folder_status check_parent(struct folder_disk *disk, struct text path,
                                       const char **out_why)
{
    struct text subfolder = parent(path);
    char real[PATH_MAX];
    enum folder_status status;

    if (subfolder.len == 0 || text_equal(subfolder, disk->checked))
        return FOLDER_OK;
    status = follow(disk, subfolder, real, out_why);
    if (status == FOLDER_OK)
        disk->checked = subfolder;
    return status;
}

enum { OPEN_FLAGS = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY };

static enum folder_status disk_read(struct folder *folder, struct text path, struct arena *arena,
                                    struct text *out_bytes, const char **out_why)
{
    struct folder_disk *disk = (struct folder_disk *)folder;
    enum folder_status status = check_parent(disk, path, out_why);
    char real[PATH_MAX];
    int descriptor;

    if (status != FOLDER_OK)
        return status;
    descriptor = openat(disk->descriptor, arena_terminated(arena, path), OPEN_FLAGS);
    if (descriptor < 0 && errno == ELOOP) {
        status = follow(disk, path, real, out_why);
        if (status != FOLDER_OK)
            return status;
        descriptor = open(real, OPEN_FLAGS);
    }
    if (descriptor < 0)
        return failure(errno, out_why);
    return read_and_close(descriptor, arena, out_bytes, out_why);
}

static enum folder_status disk_read_absolute(struct folder *folder, struct text path,
                                             struct arena *arena, struct text *out_bytes,
                                             const char **out_why)
{
    int descriptor = open(arena_terminated(arena, path), OPEN_FLAGS & ~O_NOFOLLOW);

    (void)folder;
    if (descriptor < 0)
        return failure(errno, out_why);
    return read_and_close(descriptor, arena, out_bytes, out_why);
}

static int by_bytes(const void *a, const void *b)
{
    const struct text *left = a, *right = b;

    return text_compare(*left, *right);
}

static enum folder_status read_names(DIR *directory, struct arena *arena, struct text **out_names,
                                     size_t *out_count, const char **out_why)
{
    struct text *names = NULL;
    size_t count = 0, room = 0;
    const struct dirent *entry;

    while (errno = 0, (entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        if (count == FOLDER_NAMES_MAX)
            return FOLDER_LARGE;
        if (count == room) {
            size_t wider = room ? room * 2 : 16;

            names = arena_grow(arena, names, room * sizeof *names, wider * sizeof *names);
            room = wider;
        }
        names[count++] = arena_copy(arena, text_of(entry->d_name));
    }
    if (errno != 0)
        return failure(errno, out_why);
    if (count > 0)
        qsort(names, count, sizeof *names, by_bytes);
    *out_names = names;
    *out_count = count;
    return FOLDER_OK;
}

static enum folder_status disk_list(struct folder *folder, struct text path, struct arena *arena,
                                    const struct text **out_names, size_t *out_count,
                                    const char **out_why)
{
    struct folder_disk *disk = (struct folder_disk *)folder;
    char real[PATH_MAX];
    enum folder_status status = follow(disk, path, real, out_why);
    struct text *names = NULL;
    DIR *directory;

    if (status != FOLDER_OK)
        return status;
    directory = opendir(real);
    if (directory == NULL)
        return failure(errno, out_why);
    status = read_names(directory, arena, &names, out_count, out_why);
    closedir(directory);
    *out_names = names;
    return status;
}

static bool disk_variable(struct folder *folder, struct text name, struct text *out_value)
{
    char terminated[256];
    const char *value;

    (void)folder;
    if (name.len >= sizeof terminated)
        return false;
    memcpy(terminated, name.at, name.len);
    terminated[name.len] = '\0';
    value = getenv(terminated);
    *out_value = text_of(value);
    return value != NULL;
}

static bool disk_secret(struct folder *folder, struct text name, struct arena *arena,
                        struct text *out_value, struct error *err)
{
    return vault_find(&((struct folder_disk *)folder)->secrets, name, arena, out_value, err);
}

bool folder_disk_open(struct folder_disk *disk, struct text path, struct vault *vault,
                      struct arena *arena, const char **out_why)
{
    char real[PATH_MAX];
    const char *terminated = arena_terminated(arena, path);

    *disk = (struct folder_disk){
        .folder = {disk_read, disk_list, disk_read_absolute, disk_variable, disk_secret},
        .descriptor = -1,
        .secrets = {.vault = vault}};
    if (realpath(terminated, real) == NULL) {
        *out_why = strerrordesc_np(errno);
        return false;
    }
    disk->descriptor = open(real, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (disk->descriptor < 0) {
        *out_why = strerrordesc_np(errno);
        return false;
    }
    disk->real = arena_copy(arena, text_of(real));
    return true;
}

void folder_disk_close(struct folder_disk *disk)
{
    if (disk->descriptor >= 0)
        close(disk->descriptor);
    disk->descriptor = -1;
    vault_reading_release(&disk->secrets);
}
