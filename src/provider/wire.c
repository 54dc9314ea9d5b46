#include "provider/wire.h"

#include "base/check.h"
#include "document/json_read.h"
#include "document/json_write.h"

#include <ctype.h>

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

void wire_put_segment(struct buffer *path, struct text segment)
{
    for (size_t i = 0; i < segment.len; i++) {
        unsigned char byte = (unsigned char)segment.at[i];

        if (isascii(byte) && (isalnum(byte) || text_find_byte(TEXT("-._~"), (char)byte) < 4))
            buffer_put_byte(path, (char)byte);
        else
            buffer_printf(path, "%%%02X", byte);
    }
}

struct text wire_headers(struct text key, const char *key_header, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    if (key_header != NULL)
        wire_put_header(&out, key_header, "", key);
    else
        wire_put_header(&out, "Authorization", "Bearer ", key);
    wire_put_header(&out, "Content-Type", "", TEXT("application/json"));
    return buffer_text(&out);
}

void wire_put_instruction(struct buffer *text, const struct chat *chat)
{
    buffer_put(text, TEXT("Answer with JSON only, valid against this JSON Schema:\n"));
    json_put_cell(text, chat->output_schema, chat->output_schema_at);
}

void wire_put_parameters(struct buffer *body, const struct chat_tool *tool)
{
    if (tool->parameters != NULL)
        json_put_cell(body, tool->parameters, tool->parameters_at);
    else
        buffer_put(body, TEXT("{\"type\":\"object\",\"properties\":{}}"));
}

void wire_put_function(struct buffer *body, const struct chat_tool *tool, bool strict)
{
    buffer_put(body, TEXT("{\"type\":\"function\",\"function\":{\"name\":"));
    json_put_string(body, tool->name);
    if (tool->description.len > 0)
        json_put_text(body, "description", tool->description);
    json_put_name(body, "parameters");
    wire_put_parameters(body, tool);
    buffer_put(body, strict ? TEXT(",\"strict\":true}}") : TEXT("}}"));
}

void wire_put_arguments(struct buffer *body, struct text arguments, struct arena *arena)
{
    struct document document;

    if (text_trim(arguments).len == 0) {
        buffer_put(body, TEXT("{}"));
    } else if (json_read(arguments, NULL, arena, &document, NULL, NULL) &&
               document_cell(&document, 0)->type == CELL_OBJECT) {
        buffer_put(body, arguments);
    } else {
        buffer_put(body, TEXT("{\"arguments\":"));
        json_put_string(body, arguments);
        buffer_put_byte(body, '}');
    }
}

void wire_put_image_url(struct buffer *body, const struct chat_part *image)
{
    if (image->data.len == 0) {
        json_put_string(body, image->text);
        return;
    }
    buffer_put(body, TEXT("\"data:"));
    json_put_escaped(body, image->media_type);
    buffer_put(body, TEXT(";base64,"));
    json_put_escaped(body, image->data);
    buffer_put_byte(body, '"');
}

void wire_put_result(struct buffer *body, const struct chat_part *result)
{
    buffer_put_byte(body, '"');
    if (result->failed)
        buffer_put(body, TEXT("The tool failed: "));
    json_put_escaped(body, result->text);
    buffer_put_byte(body, '"');
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
