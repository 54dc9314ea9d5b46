/* One pass over the members finds unknown keys and stores values; a second over the table finds
 * what is missing. Recursion goes only as deep as the tables nest. */
#include "config/keys.h"

#include "base/check.h"
#include "config/keys_value.h"
#include "config/value.h"

#define MESSAGE(reading, code, at, ...)                                                            \
    diagnose((reading)->diagnostics, (reading)->document, (at), (code), __VA_ARGS__)

/* A key that is written otherwise than it should be is not missing as well. */
static void take_as_seen(const struct keys *keys, struct text name, uint64_t *seen)
{
    for (size_t i = 0; i < keys->count; i++)
        if (text_equal(text_of(keys->items[i].name), name))
            *seen |= (uint64_t)1 << i;
}

static bool refused_key(const struct reading *reading, const struct key *key, uint32_t at)
{
    struct diagnostic *it =
        MESSAGE(reading, DIAGNOSTIC_E0102, key_of(at), "unknown key \"%s\"", key->name);

    if (key->meant != NULL)
        diagnostic_hint(reading->diagnostics, it, "did you mean \"%s\"?%s%s", key->meant,
                        key->hint ? " " : "", key->hint ? key->hint : "");
    else
        diagnostic_hint(reading->diagnostics, it, "%s",
                        key->hint ? key->hint : "remove it; it would have no effect");
    return false;
}

static unsigned accepted_types(const struct key *key)
{
    switch (key->type) {
    case KEY_TEXT:
    case KEY_DURATION:
    case KEY_SIZE:
    case KEY_CHOICE:
        return KEY_OF(CELL_STRING);
    case KEY_BOOLEAN:
        return KEY_OF(CELL_BOOLEAN);
    case KEY_COUNT:
    case KEY_INTEGER:
        return KEY_OF(CELL_INTEGER);
    case KEY_NUMBER:
        return KEY_OF(CELL_INTEGER) | KEY_OF(CELL_NUMBER);
    case KEY_TABLE:
        return KEY_OF(CELL_OBJECT);
    case KEY_CELL:
        return key->types;
    case KEY_ELSEWHERE:
        break;
    }
    return 0;
}

static bool read_value(const struct reading *reading, const struct key *key, uint32_t at,
                       void *into)
{
    const struct cell *cell = document_cell(reading->document, at);

    if (key->type == KEY_ELSEWHERE)
        return refused_key(reading, key, at);
    if ((key->type == KEY_CHOICE || key->type == KEY_BOOLEAN) && value_yes_or_no(cell))
        value_withdraw_warning(reading, at);
    if (!(accepted_types(key) & KEY_OF(cell->type)))
        return value_wrong_type(reading, key, at);
    switch (key->type) {
    case KEY_TEXT:
        return value_read_text(reading, key, at, into);
    case KEY_BOOLEAN:
        memcpy((char *)into + key->offset, &cell->boolean, sizeof(bool));
        return true;
    case KEY_COUNT:
        return value_read_count(reading, key, at, into);
    case KEY_DURATION:
    case KEY_SIZE:
        return value_read_quantity(reading, key, at, into);
    case KEY_CHOICE:
        return value_read_choice(reading, key, at, into);
    case KEY_TABLE:
        return keys_read(reading, at, key_of(at), key->inside, into);
    case KEY_NUMBER:
    case KEY_INTEGER:
        if (!value_in_range(reading, key, at, document_double(cell)))
            return false;
        break;
    default:
        break;
    }
    memcpy((char *)into + key->offset, &at, sizeof at);
    return true;
}

static bool takes_cell(const struct key *key)
{
    return key->type == KEY_CELL || key->type == KEY_NUMBER || key->type == KEY_INTEGER;
}

static void clear_cells(const struct keys *keys, void *into)
{
    static const uint32_t none = CELL_NONE;

    for (size_t i = 0; i < keys->count; i++) {
        if (takes_cell(&keys->items[i])) {
            CHECK(keys->items[i].bytes == sizeof none);
            memcpy((char *)into + keys->items[i].offset, &none, sizeof none);
        } else if (keys->items[i].type == KEY_TABLE) {
            clear_cells(keys->items[i].inside, into);
        }
    }
}

enum { KEYS_SHOWN = 64 };

/* Gives the name that was probably meant. */
static struct text unknown_key(const struct reading *reading, const struct keys *keys,
                               uint32_t name_at)
{
    struct arena *arena = reading->diagnostics->arena;
    struct text name = document_text(reading->document, name_at), names[KEYS_SHOWN], near, list;
    bool full = diagnostics_full(reading->diagnostics);
    struct diagnostic *it = MESSAGE(reading, DIAGNOSTIC_E0102, name_at, "unknown key \"%.*s\"",
                                    TEXT_ARG(value_shown(arena, name)));
    size_t count = 0;

    if (full)
        return (struct text){0};
    for (size_t i = 0; i < keys->count; i++)
        if (keys->items[i].type != KEY_ELSEWHERE)
            names[count++] = text_of(keys->items[i].name);
    near = nearest_name(name, names, count);
    list = names_joined(arena, names, count);
    if (near.len > 0)
        diagnostic_hint(reading->diagnostics, it, "did you mean \"%.*s\"?", TEXT_ARG(near));
    else
        diagnostic_hint(reading->diagnostics, it, "known here: %.*s", TEXT_ARG(list));
    return near;
}

static const struct key *key_named(const struct keys *keys, struct text name)
{
    for (size_t i = 0; i < keys->count; i++)
        if (text_equal(text_of(keys->items[i].name), name))
            return &keys->items[i];
    return NULL;
}

static bool missing_key(const struct reading *reading, const struct key *key, uint32_t mark)
{
    struct diagnostic *it =
        MESSAGE(reading, DIAGNOSTIC_E0101, mark, "the required key '%s' is missing", key->name);

    if (document_cell(reading->document, mark)->type == CELL_OBJECT)
        it->range.end = it->range.start;
    if (key->hint != NULL)
        diagnostic_hint(reading->diagnostics, it, "add %s", key->hint);
    return false;
}

bool keys_read(const struct reading *reading, uint32_t at, uint32_t mark, const struct keys *keys,
               void *into)
{
    const struct document *document = reading->document;
    uint32_t end = document_next(document, at);
    uint64_t seen = 0;
    bool good = true;

    CHECK(document_cell(document, at)->type == CELL_OBJECT && keys->count <= KEYS_SHOWN);
    clear_cells(keys, into);
    for (uint32_t name = at + 1; name < end; name = document_next(document, name + 1)) {
        const struct key *key = key_named(keys, document_text(document, name));

        if (key == NULL) {
            take_as_seen(keys, unknown_key(reading, keys, name), &seen);
            good = false;
            continue;
        }
        seen |= (uint64_t)1 << (key - keys->items);
        take_as_seen(keys, text_of(key->meant), &seen);
        good &= read_value(reading, key, name + 1, into);
    }
    for (size_t i = 0; i < keys->count; i++)
        if (keys->items[i].required && !(seen >> i & 1))
            good = missing_key(reading, &keys->items[i], mark);
    return good;
}
