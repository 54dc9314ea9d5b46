/* Names are told apart by their length first: most fields of a reply are of no interest and end
 * there. Dates are read by strptime, whose month and day names are English because the program
 * never leaves the C locale. */
#include "provider/http_field.h"

#include <time.h>

static const struct text names[] = {{0},
#define X(name, word) TEXT_INIT(word),
                                    HTTP_FIELDS(X)
#undef X
};

enum http_field field_find(struct text name)
{
    for (size_t i = 1; i < sizeof names / sizeof *names; i++) {
        if (names[i].len == name.len && text_equal_nocase(names[i], name))
            return (enum http_field)i;
    }
    return FIELD_OTHER;
}

bool field_name_valid(struct text name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        char letter = (char)(c | 0x20);

        if ((letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') || c == '-')
            continue;
        if (c == '\0' || strchr("!#$%&'*+.^_`|~", c) == NULL)
            return false;
    }
    return name.len > 0;
}

bool field_value_clean(struct text value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.at[i];

        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

bool field_split(struct text line, struct text *out_name, struct text *out_value)
{
    size_t colon = text_find_byte(line, ':');

    if (colon == line.len)
        return false;
    *out_name = text_first(line, colon);
    *out_value = text_trim(text_after(line, colon + 1));
    return field_name_valid(*out_name) && field_value_clean(text_after(line, colon + 1));
}

bool field_lists(struct text value, struct text token)
{
    while (value.len > 0) {
        if (text_equal_nocase(text_trim(text_split(&value, ',')), token))
            return true;
    }
    return false;
}

void field_media_type(struct text value, char *out, size_t out_bytes)
{
    struct text type = text_trim(text_split(&value, ';'));

    if (type.len >= out_bytes)
        type.len = 0;
    if (type.len > 0)
        memcpy(out, type.at, type.len);
    out[type.len] = '\0';
}

uint32_t field_keep_alive_s(struct text value)
{
    while (value.len > 0) {
        struct text number = text_trim(text_split(&value, ','));
        struct text name = text_trim(text_split(&number, '='));
        uint64_t seconds;

        if (text_equal_nocase(name, TEXT("timeout")) && text_to_u64(text_trim(number), &seconds))
            return seconds < 86400 ? (uint32_t)seconds : 86400;
    }
    return 0;
}

bool field_seconds(struct text value, uint64_t unit_ms, uint64_t *out_ms)
{
    static const uint64_t most_ms = 100ull * 366 * 86400 * 1000;
    struct text whole = text_split(&value, '.');
    uint64_t count, fraction_ms = 0, scale = unit_ms;
    bool rest = false;

    if (!text_to_u64(whole, &count))
        return false;
    for (size_t i = 0; i < value.len; i++) {
        unsigned digit = (unsigned)(value.at[i] - '0');

        if (digit > 9)
            return false;
        rest |= scale < 10 && digit > 0;
        scale /= 10;
        fraction_ms += digit * scale;
    }
    if (count >= most_ms / unit_ms)
        *out_ms = most_ms;
    else
        *out_ms = count * unit_ms + fraction_ms + rest;
    return true;
}

int64_t field_date(struct text value)
{
    static const char *const forms[] = {
        "%a, %d %b %Y %H:%M:%S GMT", /* IMF-fixdate */
        "%a, %d-%b-%y %H:%M:%S GMT", /* RFC 850 */
        "%a %b %d %H:%M:%S %Y",      /* asctime */
    };
    char date[64];

    if (value.len == 0 || value.len >= sizeof date)
        return 0;
    memcpy(date, value.at, value.len);
    date[value.len] = '\0';
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct tm tm = {0};
        const char *end = strptime(date, forms[i], &tm);

        if (end == date + value.len)
            return timegm(&tm);
    }
    return 0;
}
