#include "provider/wire.h"

#include "base/check.h"

struct text wire_path(const struct provider *provider, const char *path, struct arena *arena)
{
    const char *mark = provider->query.len > 0 ? "?" : "";

    return arena_printf(arena, "%.*s%s%s%.*s", TEXT_ARG(provider->path), path, mark,
                        TEXT_ARG(provider->query));
}

void wire_put_header(struct buffer *headers, const char *name, const char *prefix,
                     struct text value)
{
    if (value.len == 0)
        return;
    CHECK(text_find_byte(value, '\r') == value.len);
    CHECK(text_find_byte(value, '\n') == value.len);
    buffer_put(headers, text_of(name));
    buffer_put(headers, TEXT(": "));
    buffer_put(headers, text_of(prefix));
    buffer_put(headers, value);
    buffer_put(headers, TEXT("\r\n"));
}
