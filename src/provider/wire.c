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

size_t wire_body_bytes(const struct chat *chat)
{
    size_t bytes = 512 + chat->output_strict.len + chat->tool_count * 256;

    for (size_t i = 0; i < chat->message_count; i++) {
        const struct chat_message *message = &chat->messages[i];

        bytes += message->text.len + message->text.len / 16 + 48;
        for (size_t part = 0; part < message->part_count; part++)
            bytes += message->parts[part].data.len + message->parts[part].text.len + 64;
    }
    return bytes;
}
