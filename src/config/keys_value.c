/* Values that fit into a field: read, checked against their range and stored. */
#include "config/keys_value.h"

#include "base/check.h"
#include "config/value.h"

#include <math.h>

#define MESSAGE(reading, code, at, ...)                                                            \
    diagnose((reading)->diagnostics, (reading)->document, (at), (code), __VA_ARGS__)

static void store_u64(const struct key *key, void *into, uint64_t value)
{
    char *field = (char *)into + key->offset;

    if (key->bytes == sizeof(uint32_t)) {
        uint32_t narrow = (uint32_t)value;

        CHECK(narrow == value);
        memcpy(field, &narrow, sizeof narrow);
    } else {
        CHECK(key->bytes == sizeof(uint64_t));
        memcpy(field, &value, sizeof value);
    }
}

static struct text bound_text(const struct reading *reading, const struct key *key, double bound)
{
    struct arena *arena = reading->diagnostics->arena;

    if (key->type == KEY_DURATION)
        return duration_text(arena, (uint64_t)bound);
    if (key->type == KEY_SIZE)
        return size_text(arena, (uint64_t)bound);
    return arena_printf(arena, fabs(bound) < 1e15 ? "%.15g" : "%g", bound);
}

struct text value_range_told(const struct reading *reading, const struct key *key)
{
    struct arena *arena = reading->diagnostics->arena;
    struct text least, greatest;

    if (key->type == KEY_CELL || (key->least == 0 && key->greatest == 0))
        return (struct text){0};
    greatest = bound_text(reading, key, key->greatest);
    if (key->least == 0)
        return arena_printf(arena, "; it can be up to %.*s", TEXT_ARG(greatest));
    least = bound_text(reading, key, key->least);
    return arena_printf(arena, "; it can be from %.*s to %.*s", TEXT_ARG(least),
                        TEXT_ARG(greatest));
}

bool value_in_range(const struct reading *reading, const struct key *key, uint32_t at, double value)
{
    struct text least, greatest, found;
    struct diagnostic *it;

    if ((key->least == 0 && key->greatest == 0) || (value >= key->least && value <= key->greatest))
        return true;
    least = bound_text(reading, key, key->least);
    greatest = bound_text(reading, key, key->greatest);
    found = found_text(reading, at, key->secret);
    it = MESSAGE(reading, DIAGNOSTIC_E0104, at, "'%s' must be between %.*s and %.*s, found %.*s",
                 key->name, TEXT_ARG(least), TEXT_ARG(greatest), TEXT_ARG(found));
    if (key->hint != NULL)
        diagnostic_hint(reading->diagnostics, it, "it is written %s", key->hint);
    return false;
}

bool value_read_text(const struct reading *reading, const struct key *key, uint32_t at, void *into)
{
    struct text value = document_text(reading->document, at);

    if (text_trim(value).len == 0) {
        struct diagnostic *it =
            MESSAGE(reading, DIAGNOSTIC_E0106, at, "'%s' must not be empty", key->name);

        if (key->hint != NULL)
            diagnostic_hint(reading->diagnostics, it, "it is written %s", key->hint);
        return false;
    }
    memcpy((char *)into + key->offset, &value, sizeof value);
    return true;
}

bool value_read_quantity(const struct reading *reading, const struct key *key, uint32_t at,
                         void *into)
{
    struct text text = document_text(reading->document, at);
    bool time = key->type == KEY_DURATION;
    struct text range;
    struct diagnostic *it;
    uint64_t value;

    if (time ? duration_parse(text, &value) : size_parse(text, &value)) {
        if (!value_in_range(reading, key, at, (double)value))
            return false;
        store_u64(key, into, value);
        return true;
    }
    it = MESSAGE(reading, DIAGNOSTIC_E0106, at, "'%s' must be a %s, found \"%.*s\"", key->name,
                 time ? "duration" : "size",
                 TEXT_ARG(value_shown(reading->diagnostics->arena, text)));
    range = value_range_told(reading, key);
    diagnostic_hint(reading->diagnostics, it, "write a whole number and one unit: %s%.*s",
                    time ? "500ms, 10s, 30m, 2h or 90d" : "512B, 64KiB, 4MiB or 1GiB",
                    TEXT_ARG(range));
    return false;
}

bool value_read_count(const struct reading *reading, const struct key *key, uint32_t at, void *into)
{
    int64_t value = document_cell(reading->document, at)->integer;

    if (!value_in_range(reading, key, at, (double)value))
        return false;
    CHECK(value >= 0);
    store_u64(key, into, (uint64_t)value);
    return true;
}

bool value_read_choice(const struct reading *reading, const struct key *key, uint32_t at,
                       void *into)
{
    struct text value = document_text(reading->document, at), names[32], near, list;
    struct diagnostic *it;
    size_t count = 0;

    for (; key->words[count] != NULL; count++) {
        CHECK(count < 32);
        names[count] = text_of(key->words[count]);
        if (text_equal(value, names[count])) {
            store_u64(key, into, count);
            return true;
        }
    }
    count -= key->unlisted;
    list = names_joined(reading->diagnostics->arena, names, count);
    it = MESSAGE(reading, DIAGNOSTIC_E0105, at, "'%s' must be one of: %.*s; found \"%.*s\"",
                 key->name, TEXT_ARG(list),
                 TEXT_ARG(value_shown(reading->diagnostics->arena, value)));
    near = nearest_name(value, names, count);
    if (near.len == 0)
        near = value_no_meant(key, document_cell(reading->document, at));
    if (near.len > 0)
        diagnostic_hint(reading->diagnostics, it, "did you mean \"%.*s\"?", TEXT_ARG(near));
    else if (key->hint != NULL)
        diagnostic_hint(reading->diagnostics, it, "it is written %s", key->hint);
    return false;
}
