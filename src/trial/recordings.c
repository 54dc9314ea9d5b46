#include "trial/recordings.h"

#include "base/file.h"
#include "base/input.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *file_of(struct text folder, struct text path, struct arena *arena)
{
    return arena_printf(arena, "%.*s/%.*s", TEXT_ARG(folder), TEXT_ARG(path)).at;
}

bool recordings_read(struct text folder, struct text slug, struct text test, struct arena *arena,
                     struct recording *out, bool *out_there, struct error *err)
{
    struct text path = recording_path(slug, test, arena), bytes;
    const char *file = file_of(folder, path, arena);

    *out_there = access(file, F_OK) == 0;
    if (!*out_there)
        return true;
    if (!input_read(file, arena, &bytes, err))
        return false;
    if (recording_read(bytes, arena, out, err)) {
        if (text_equal(out->endpoint, slug) && text_equal(out->test, test))
            return true;
        error_set(err, ERROR_INVALID_REQUEST, NULL, "the recording is that of another test");
    }
    error_hint(err, "remove '%.*s', or record the test again", TEXT_ARG(path));
    return false;
}

static int by_name(const void *a, const void *b)
{
    return text_compare(*(const struct text *)a, *(const struct text *)b);
}

void recordings_list(struct text folder, struct text slug, struct arena *arena,
                     const struct text **out_paths, size_t *out_count)
{
    struct text below = arena_printf(arena, "tests/recordings/%.*s", TEXT_ARG(slug));
    DIR *listed = opendir(file_of(folder, below, arena));
    const struct dirent *entry;
    struct text *paths = NULL;

    *out_count = 0;
    while (listed != NULL && (entry = readdir(listed)) != NULL) {
        if (!text_ends(text_of(entry->d_name), TEXT(".json")))
            continue;
        paths =
            arena_grow(arena, paths, *out_count * sizeof *paths, (*out_count + 1) * sizeof *paths);
        paths[(*out_count)++] = arena_printf(arena, "%.*s/%s", TEXT_ARG(below), entry->d_name);
    }
    if (listed != NULL)
        closedir(listed);
    if (*out_count > 0)
        qsort(paths, *out_count, sizeof *paths, by_name);
    *out_paths = paths;
}

static bool fail(const char *file, struct error *err)
{
    return error_set(err, ERROR_STORAGE_ERROR, NULL, "'%s' cannot be written: %s", file,
                     strerror(errno));
}

/* The folders above the file, as far as they are not there. */
static bool make_folders(char *file, size_t known, struct error *err)
{
    for (char *at = file + known + 1; *at != '\0'; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        if (mkdir(file, 0777) != 0 && errno != EEXIST)
            return fail(file, err);
        *at = '/';
    }
    return true;
}

static bool write_file(const char *file, struct text bytes, struct arena *arena, struct error *err)
{
    const char *fresh = arena_printf(arena, "%s.new", file).at;
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool good = fd >= 0 && file_write_all(fd, bytes);

    if (fd >= 0 && close(fd) != 0)
        good = false;
    if (good && rename(fresh, file) == 0)
        return true;
    fail(file, err);
    if (fd >= 0)
        (void)unlink(fresh);
    return false;
}

static bool is_same(const char *file, struct text bytes, struct arena *arena)
{
    struct text old;

    return access(file, F_OK) == 0 && input_read(file, arena, &old, NULL) && text_equal(old, bytes);
}

bool recordings_keep(struct text folder, const struct recording *recording, struct arena *arena,
                     enum recordings_change *out_change, struct text *out_path, struct error *err)
{
    struct text path = recording_path(recording->endpoint, recording->test, arena);
    char *file = (char *)(uintptr_t)file_of(folder, path, arena);
    struct buffer bytes = buffer_in(arena);

    *out_path = path;
    *out_change = RECORDINGS_SAME;
    if (recording->count == 0) {
        if (unlink(file) == 0)
            *out_change = RECORDINGS_REMOVED;
        return true;
    }
    recording_write(recording, &bytes);
    if (is_same(file, buffer_text(&bytes), arena))
        return true;
    *out_change = RECORDINGS_WRITTEN;
    return make_folders(file, folder.len, err) && write_file(file, buffer_text(&bytes), arena, err);
}
