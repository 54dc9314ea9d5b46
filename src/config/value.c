/* A unit is a row of a table; reading and writing use the same rows. */
#include "config/value.h"

#include "base/buffer.h"

struct unit {
    const char *name;
    uint64_t factor;
};

static const struct unit time_units[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000},
                                         {"s", 1000},     {"ms", 1},      {NULL, 0}};
static const struct unit size_units[] = {
    {"GiB", 1u << 30}, {"MiB", 1u << 20}, {"KiB", 1u << 10}, {"B", 1}, {NULL, 0}};

static bool parse(struct text text, const struct unit *units, uint64_t *out_value)
{
    size_t digits = 0;
    uint64_t count;

    while (digits < text.len && text.at[digits] >= '0' && text.at[digits] <= '9')
        digits++;
    if (!text_to_u64(text_first(text, digits), &count))
        return false;
    for (; units->name != NULL; units++)
        if (text_equal(text_after(text, digits), text_of(units->name)))
            return !__builtin_mul_overflow(count, units->factor, out_value);
    return false;
}

static struct text write(struct arena *arena, uint64_t value, const struct unit *units)
{
    while (units[1].name != NULL && (value % units->factor != 0 || value == 0))
        units++;
    return arena_printf(arena, "%llu%s", (unsigned long long)(value / units->factor), units->name);
}

bool duration_parse(struct text text, uint64_t *out_ms)
{
    return parse(text, time_units, out_ms);
}

bool size_parse(struct text text, uint64_t *out_bytes)
{
    return parse(text, size_units, out_bytes);
}

struct text duration_text(struct arena *arena, uint64_t ms)
{
    return write(arena, ms, time_units);
}

struct text size_text(struct arena *arena, uint64_t bytes)
{
    return write(arena, bytes, size_units);
}

enum { SHOWN_BYTES = 60 };

struct text value_shown(struct arena *arena, struct text value)
{
    struct text cut = text_cut(value, SHOWN_BYTES);
    struct buffer out = buffer_in(arena);

    for (size_t i = 0; i < cut.len; i++) {
        unsigned char byte = (unsigned char)cut.at[i];

        if (byte == '\n' || byte == '\t')
            byte = ' ';
        buffer_put_byte(&out, byte < 0x20 || byte == 0x7F || byte == '"' ? '?' : (char)byte);
    }
    if (cut.len < value.len)
        buffer_put(&out, TEXT("..."));
    return buffer_text(&out);
}

struct text names_joined(struct arena *arena, const struct text *names, size_t count)
{
    struct buffer out = buffer_in(arena);

    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_put(&out, TEXT(", "));
        buffer_put(&out, names[i]);
    }
    return buffer_text(&out);
}
