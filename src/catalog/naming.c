/* A dash makes the letter behind it a capital; one that no letter follows stays as '_', so that
 * what differs goes on differing. */
#include "catalog/naming.h"

static bool is_letter(char byte)
{
    return byte >= 'a' && byte <= 'z';
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static char upper(char byte)
{
    return is_letter(byte) ? (char)(byte - 'a' + 'A') : byte;
}

static struct text camel(struct text slug, bool capital, struct arena *arena)
{
    char *out = arena_bytes(arena, slug.len + 1);
    size_t len = 0;

    if (capital && slug.len > 0 && is_digit(slug.at[0]))
        out[len++] = '_';
    for (size_t i = 0; i < slug.len; i++) {
        bool dash = slug.at[i] == '-',
             before_letter = i + 1 < slug.len && is_letter(slug.at[i + 1]);

        if (dash && before_letter)
            continue;
        if (dash)
            out[len++] = '_';
        else
            out[len++] = capital && i == 0                ? upper(slug.at[i])
                         : i > 0 && slug.at[i - 1] == '-' ? upper(slug.at[i])
                                                          : slug.at[i];
    }
    return (struct text){out, len};
}

struct text name_camel(struct text slug, struct arena *arena)
{
    return camel(slug, false, arena);
}

struct text name_pascal(struct text slug, struct arena *arena)
{
    return camel(slug, true, arena);
}

struct text name_snake(struct text slug, struct arena *arena)
{
    char *out = arena_bytes(arena, slug.len + 1);
    size_t len = 0;

    if (slug.len > 0 && is_digit(slug.at[0]))
        out[len++] = '_';
    for (size_t i = 0; i < slug.len; i++)
        out[len++] = slug.at[i] == '-' ? '_' : slug.at[i];
    return (struct text){out, len};
}
