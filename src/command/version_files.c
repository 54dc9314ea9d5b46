#include "command/version_files.h"

#include "base/author_file.h"
#include "command/remote.h"
#include "config/folder.h"

/* What a server says is not trusted with a path out of the folder. */
static bool path_in(const struct command_line *line, struct text folder, struct text path,
                    struct text *out, struct error *err)
{
    struct text clean;

    if (folder_path(path, line->arena, &clean) != FOLDER_PATH_GOOD)
        return error_set(err, ERROR_INVALID_REQUEST, NULL,
                         "'%.*s' is not a path in a configuration folder",
                         TEXT_ARG(text_first(path, 100)));
    *out = arena_printf(line->arena, "%.*s/%.*s", TEXT_ARG(folder), TEXT_ARG(clean));
    return true;
}

static bool write_one(const struct command_line *line, const struct history_file *file,
                      struct text folder, struct error *err)
{
    struct text path;

    if (file->bytes.at == NULL)
        return error_set(err, ERROR_VERSION_NOT_FOUND, NULL, "what '%.*s' was is not known",
                         TEXT_ARG(text_first(file->path, 100)));
    if (!path_in(line, folder, file->path, &path, err) ||
        !author_file_replace(path, file->bytes, line->arena, err))
        return false;
    if (!option_on(line, "quiet"))
        fprintf(stderr, "wrote %.*s\n", TEXT_ARG(path));
    return true;
}

int version_write(const struct command_line *line, const struct version_told *version,
                  struct text folder)
{
    struct error err = {0};

    if (version->file_count == 0) {
        error_set(&err, ERROR_VERSION_NOT_FOUND, NULL,
                  "this version was too large for its files to be kept");
        return remote_error(line, &err);
    }
    for (size_t i = 0; i < version->file_count; i++)
        if (!write_one(line, &version->files[i], folder, &err))
            return remote_error(line, &err);
    return EXIT_DONE;
}
