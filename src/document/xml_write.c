#include "document/xml_write.h"

#include "document/utf8.h"

static const char *entity_of(char byte)
{
    switch (byte) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&apos;";
    case '\n':
        return "&#10;";
    case '\r':
        return "&#13;";
    case '\t':
        return "&#9;";
    default:
        return (unsigned char)byte < 0x20 ? "\xEF\xBF\xBD" : NULL;
    }
}

/* U+FFFE and U+FFFF are well-formed UTF-8, but no characters of XML. */
static bool is_noncharacter(struct text text)
{
    return text_starts(text, TEXT("\xEF\xBF\xBE")) || text_starts(text, TEXT("\xEF\xBF\xBF"));
}

static void put_valid(struct buffer *buffer, struct text text)
{
    size_t from = 0;

    for (size_t i = 0; i < text.len; i++) {
        bool none = text.at[i] == '\xEF' && is_noncharacter(text_after(text, i));
        const char *entity = none ? "\xEF\xBF\xBD" : entity_of(text.at[i]);

        if (entity == NULL)
            continue;
        buffer_put(buffer, text_between(text.at + from, text.at + i));
        buffer_put(buffer, text_of(entity));
        i += none ? 2 : 0;
        from = i + 1;
    }
    buffer_put(buffer, text_after(text, from));
}

void xml_put_escaped(struct buffer *buffer, struct text text)
{
    while (text.len > 0) {
        size_t valid = utf8_valid(text);

        put_valid(buffer, text_first(text, valid));
        text = text_after(text, valid);
        if (text.len > 0)
            buffer_put(buffer, TEXT("\xEF\xBF\xBD"));
        text = text_after(text, 1);
    }
}
