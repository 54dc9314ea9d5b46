/* Base64 is decoded in one pass that refuses whatever an encoder would not have written. */
#include "schema/content.h"

#include "document/json_read.h"

unsigned content_encoding(struct text name)
{
    return text_equal_nocase(name, TEXT("base64")) ? CONTENT_BASE64 : 0;
}

unsigned content_media_type(struct text name)
{
    struct text essence = text_trim(text_first(name, text_find_byte(name, ';')));

    return text_equal_nocase(essence, TEXT("application/json")) ? CONTENT_JSON : 0;
}

static int sextet(char byte)
{
    if (byte >= 'A' && byte <= 'Z')
        return byte - 'A';
    if (byte >= 'a' && byte <= 'z')
        return byte - 'a' + 26;
    if (byte >= '0' && byte <= '9')
        return byte - '0' + 52;
    return byte == '+' ? 62 : byte == '/' ? 63 : -1;
}

static bool decode_base64(struct text text, struct arena *scratch, struct text *out)
{
    size_t padding = text_ends(text, TEXT("==")) ? 2 : text_ends(text, TEXT("=")) ? 1 : 0;
    char *bytes = arena_bytes(scratch, text.len + 1);
    uint32_t bits = 0;
    size_t len = 0;

    if (text.len % 4 != 0)
        return false;
    for (size_t i = 0; i < text.len - padding; i++) {
        int value = sextet(text.at[i]);

        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        if (i % 4 != 0)
            bytes[len++] = (char)(bits >> (6 - i % 4 * 2) & 0xFF);
    }
    *out = (struct text){bytes, len};
    /* The bits that padding leaves over are zero. */
    return padding == 0 || (bits & (padding == 1 ? 3u : 15u)) == 0;
}

bool content_holds(unsigned content, struct text text, struct arena *scratch)
{
    static const struct json_limits limits = {.nodes = JSON_UNLIMITED};
    struct document document;

    if ((content & CONTENT_BASE64) != 0 && !decode_base64(text, scratch, &text))
        return false;
    return (content & CONTENT_JSON) == 0 ||
           json_read(text, &limits, scratch, &document, NULL, NULL);
}
