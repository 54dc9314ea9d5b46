#include "provider/ndjson.h"

enum { LINE_BYTES_DEFAULT = 1 << 20 };

static size_t bytes_max(const struct ndjson_reader *reader)
{
    return reader->line_bytes_max ? reader->line_bytes_max : LINE_BYTES_DEFAULT;
}

/* A line without what is blank around it, or false: nothing stands in it. */
static bool give(struct text line, struct wire_event *out)
{
    *out = (struct wire_event){.data = text_trim(line)};
    return out->data.len > 0;
}

bool ndjson_next(struct ndjson_reader *reader, struct text *piece, struct wire_event *out,
                 struct error *err)
{
    if (reader->given)
        reader->line.len = 0; /* what was given last lay there */
    reader->given = false;
    while (!reader->failed) {
        size_t at = text_find_byte(*piece, '\n');
        struct text head = text_first(*piece, at);

        if (reader->line.len + head.len > bytes_max(reader))
            break;
        if (at == piece->len) {
            buffer_put(&reader->line, head);
            *piece = (struct text){0};
            return false;
        }
        *piece = text_after(*piece, at + 1);
        if (reader->line.len > 0) {
            buffer_put(&reader->line, head);
            head = buffer_text(&reader->line);
            reader->given = give(head, out);
            if (reader->given)
                return true;
            reader->line.len = 0;
        } else if (give(head, out)) {
            return true;
        }
    }
    reader->failed = true;
    return error_set(err, ERROR_UPSTREAM_TOO_LARGE, NULL,
                     "the provider sent a line of more than %zu bytes", bytes_max(reader));
}

bool ndjson_finish(struct ndjson_reader *reader, struct wire_event *out)
{
    bool there;

    if (reader->failed || reader->given)
        return false;
    there = give(buffer_text(&reader->line), out);
    reader->given = there;
    return there;
}
