/* Names of groups are identifiers (ECMA-262 GroupName, RegExpIdentifierName), which may be written
 * with escapes; equal names are equal once those are read. */
#include "schema/pattern_reader.h"

#include "base/buffer.h"
#include "document/utf8.h"

static bool has_property(uint32_t code_point, struct text property)
{
    struct code_ranges ranges;

    if (!property_find(property, &ranges))
        return false;
    for (size_t i = 0; i < ranges.count && ranges.at[i].first <= code_point; i++) {
        if (code_point <= ranges.at[i].last)
            return true;
    }
    return false;
}

static bool in_identifier(uint32_t code_point, bool first)
{
    uint32_t lower = code_point | 0x20;

    if (code_point < 0x80)
        return (lower >= 'a' && lower <= 'z') || code_point == '_' || code_point == '$' ||
               (!first && code_point >= '0' && code_point <= '9');
    if (!first && (code_point == 0x200C || code_point == 0x200D))
        return true;
    return has_property(code_point, first ? TEXT("ID_Start") : TEXT("ID_Continue"));
}

/* One code point of a name, escaped or not; false when it is none. */
static bool take_part(struct reader *reader, size_t from, bool first, uint32_t *out)
{
    if (!reader_take(reader, "\\"))
        *out = reader_take_code_point(reader);
    else if (reader_take(reader, "u"))
        *out = reader_take_unicode(reader, from);
    else
        return false;
    return !reader->failed && in_identifier(*out, first);
}

struct text reader_take_name(struct reader *reader, size_t from)
{
    struct buffer name = buffer_in(reader->arena);
    size_t start = reader->at;
    uint32_t code_point = 0;
    bool good = true;

    while (good && !reader_at_end(reader) && reader_peek(reader, 0) != '>') {
        good = take_part(reader, from, name.len == 0, &code_point);
        if (good)
            name.len += utf8_encode(code_point, buffer_reserve(&name, 4));
    }
    if (!good || name.len == 0 || !reader_take(reader, ">")) {
        reader->at = start;
        reader_refuse(reader, from,
                      "the name of a group must be an identifier between '<' and '>'");
    }
    return buffer_text(&name);
}
