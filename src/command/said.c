#include "command/said.h"

static bool is_control(struct text text, size_t i, unsigned *out_code)
{
    unsigned char byte = (unsigned char)text.at[i];

    *out_code = byte;
    if (byte == 0xC2 && i + 1 < text.len && (unsigned char)text.at[i + 1] < 0xA0)
        *out_code = (unsigned char)text.at[i + 1]; /* C1, as UTF-8 */
    else if (byte >= ' ' && byte != 0x7F)
        return false;
    return byte != '\n' && byte != '\t';
}

static void put(struct text text, const char *indent, FILE *stream)
{
    unsigned code;

    fputs(indent, stream);
    for (size_t i = 0; i < text.len; i++) {
        if (is_control(text, i, &code)) {
            fprintf(stream, "\\u%04x", code);
            i += code >= 0x80;
            continue;
        }
        putc(text.at[i], stream);
        if (text.at[i] == '\n')
            fputs(indent, stream);
    }
}

void said_put(struct text text, FILE *stream)
{
    put(text, "", stream);
}

void said_print(struct text text, FILE *stream)
{
    put(text, "    ", stream);
    putc('\n', stream);
}
