#include "config/version_name.h"

static bool all_of(struct text text, const char *set)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] == '\0' || strchr(set, text.at[i]) == NULL)
            return false;
    return true;
}

bool version_read(struct text text, struct version_name *out)
{
    out->number = 0;
    out->hash = (struct text){0};
    if (text.len == 0 || text.len > VERSION_HASH_CHARS_MAX)
        return false;
    if (text.len <= VERSION_DIGITS_MAX)
        return all_of(text, "0123456789") && text.at[0] != '0' && text_to_u64(text, &out->number);
    if (text.len < VERSION_HASH_CHARS_MIN || !all_of(text, "0123456789abcdef"))
        return false;
    out->hash = text;
    return true;
}

bool version_name_read(struct text text, struct version_name *out)
{
    size_t at = text_find_byte(text, '@');

    *out = (struct version_name){.slug = text_first(text, at)};
    return at == text.len || version_read(text_after(text, at + 1), out);
}
