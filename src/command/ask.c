/* What goes into a request: files and fields as people write them. */
#include "command/ask.h"

#include "base/clock.h"
#include "base/input.h"
#include "document/json_read.h"
#include "document/json_write.h"
#include "provider/http_field.h"

#include <ctype.h>

enum { HEADERS_MAX = 64, HEADER_BYTES = 4096 };

static bool looks_structured(struct text text)
{
    return text.len > 0 && (text.at[0] == '{' || text.at[0] == '[' || text.at[0] == '"');
}

/* {"input": what stands there}. */
static struct text wrapped(const struct document *document, struct text text, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    buffer_put(&out, TEXT("{\"input\":"));
    if (document != NULL)
        json_put_cell(&out, document, 0);
    else
        json_put_string(&out, text);
    buffer_put_byte(&out, '}');
    return buffer_text(&out);
}

/* What begins like JSON is meant to be JSON: it is sent as it is, for the endpoint to say what is
 * wrong with it. */
static struct text body_of(struct text text, struct arena *arena)
{
    struct text trimmed = text_trim(text);
    struct document document;

    if (json_read(trimmed, NULL, arena, &document, NULL, NULL))
        return document.cells[0].type == CELL_OBJECT ? trimmed : wrapped(&document, trimmed, arena);
    return looks_structured(trimmed) ? trimmed : wrapped(NULL, text, arena);
}

/* What was given is not repeated: it may hold a secret. */
static bool read_header(const char *field, struct arena *arena, struct http_header *out,
                        struct error *err)
{
    struct text name, value;
    char *lower;

    if (strlen(field) > HEADER_BYTES || !field_split(text_of(field), &name, &value)) {
        error_set(err, ERROR_INVALID_REQUEST, "--header",
                  "--header: expected a field \"name: value\"");
        error_hint(err, "for example --header 'x-tenant: acme'");
        return false;
    }
    lower = arena_bytes(arena, name.len);
    for (size_t i = 0; i < name.len; i++)
        lower[i] = (char)tolower((unsigned char)name.at[i]);
    *out = (struct http_header){{lower, name.len}, value};
    return true;
}

static bool read_headers(const struct command_line *line, struct ask *out, struct error *err)
{
    const char *const *fields;
    size_t count = option_texts(line, "header", &fields);
    struct http_header *headers = ARENA_ARRAY(line->arena, struct http_header, count);

    if (count > HEADERS_MAX)
        return error_set(err, ERROR_INVALID_REQUEST, "--header", "--header: at most %d fields",
                         HEADERS_MAX);
    for (size_t i = 0; i < count; i++)
        if (!read_header(fields[i], line->arena, &headers[i], err))
            return false;
    out->headers = headers;
    out->header_count = count;
    return true;
}

bool ask_read(const struct command_line *line, struct ask *out, struct error *err)
{
    const char *file = option_text(line, "input");
    struct text text;

    *out = (struct ask){0};
    if (file == NULL) {
        error_set(err, ERROR_INVALID_REQUEST, "--input", "--input names what is to be sent");
        error_hint(err, "for example -i input.json, or -i - to read it from standard input");
        return false;
    }
    if (!read_headers(line, out, err) || !input_read(file, line->arena, &text, err))
        return false;
    out->body = body_of(text, line->arena);
    return true;
}

bool ask_time(const struct command_line *line, int64_t *out_ms, struct error *err)
{
    const char *at = option_text(line, "at");

    *out_ms = 0;
    if (at == NULL || (clock_parse_rfc3339(text_of(at), out_ms) && *out_ms > 0))
        return true;
    error_set(err, ERROR_INVALID_REQUEST, "--at", "--at: expected a date or an RFC 3339 time");
    error_hint(err, "for example --at 2026-11-27T22:00:00+01:00");
    return false;
}
