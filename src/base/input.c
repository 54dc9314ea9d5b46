#include "base/input.h"

#include "base/buffer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { PIECE_BYTES = 64 * 1024 };

static bool unreadable(const char *name, const char *why, struct error *err)
{
    return error_set(err, ERROR_FILE_UNREADABLE, NULL, "'%s' cannot be read: %s", name, why);
}

static bool read_stream(FILE *stream, const char *name, struct buffer *out, struct error *err)
{
    for (;;) {
        size_t got;

        errno = 0;
        got = fread(buffer_reserve(out, PIECE_BYTES), 1, PIECE_BYTES, stream);
        out->len += got;
        if (ferror(stream))
            return unreadable(name, strerror(errno), err);
        if (out->len > INPUT_BYTES_MAX)
            return unreadable(name, "it has more than 64 MiB", err);
        if (got == 0)
            return true;
    }
}

bool input_read(const char *name, struct arena *arena, struct text *out, struct error *err)
{
    bool standard = strcmp(name, "-") == 0;
    FILE *stream = standard ? stdin : fopen(name, "rb");
    struct buffer bytes = buffer_in(arena);
    bool good;

    if (stream == NULL)
        return unreadable(name, strerror(errno), err);
    good = read_stream(stream, name, &bytes, err);
    if (!standard)
        fclose(stream);
    *out = buffer_text(&bytes);
    return good;
}
