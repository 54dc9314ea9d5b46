#include "gateway/path_form.h"

#include "gateway/query.h"

#include <ctype.h>

struct text path_plain(struct arena *arena, struct text path)
{
    char *out = arena_bytes(arena, path.len);
    struct text decoded;
    size_t len = 0;

    if (!admin_decode(arena, path, &decoded))
        return path;
    for (size_t i = 0; i < decoded.len; i++) {
        char byte = decoded.at[i];

        if (byte <= ' ' || byte >= 0x7F)
            return path;
        if (byte != '/' || len == 0 || out[len - 1] != '/')
            out[len++] = byte;
    }
    if (len > 1 && out[len - 1] == '/')
        len--;
    return (struct text){out, len};
}

struct text path_lower(struct arena *arena, struct text path)
{
    char *out = arena_bytes(arena, path.len);

    for (size_t i = 0; i < path.len; i++)
        out[i] = (char)tolower((unsigned char)path.at[i]);
    return (struct text){out, path.len};
}
