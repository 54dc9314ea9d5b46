#include "journal/csv.h"

static void separate(struct buffer *out)
{
    if (out->len > 0 && out->at[out->len - 1] != '\n')
        buffer_put_byte(out, ',');
}

/* A field of a line must not be empty where it is the first and the only thing in front of a comma:
 * so an empty one is quoted there. */
static bool needs_quotes(const struct buffer *out, struct text text)
{
    if (text.len == 0)
        return out->len == 0 || out->at[out->len - 1] == '\n';
    for (size_t i = 0; i < text.len; i++)
        if (strchr(",\"\r\n", text.at[i]) != NULL)
            return true;
    return false;
}

void csv_put_text(struct buffer *out, struct text text)
{
    bool formula = text.len > 0 && text.at[0] != '\0' && strchr("=+-@\t\r", text.at[0]) != NULL;
    bool quoted = needs_quotes(out, text);

    separate(out);
    if (quoted)
        buffer_put_byte(out, '"');
    if (formula)
        buffer_put_byte(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '"')
            buffer_put_byte(out, '"');
        buffer_put_byte(out, text.at[i]);
    }
    if (quoted)
        buffer_put_byte(out, '"');
}

void csv_put_plain(struct buffer *out, struct text text)
{
    if (text.len == 0) {
        csv_put_text(out, text);
        return;
    }
    separate(out);
    buffer_put(out, text);
}

void csv_end(struct buffer *out)
{
    buffer_put(out, TEXT("\r\n"));
}
