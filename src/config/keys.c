/* One pass over the members finds unknown keys and stores values; a second over the table finds
 * what is missing. Recursion goes only as deep as the tables nest. */
#include "config/keys.h"

#include "base/check.h"
#include "config/value.h"

#include <math.h>

#define MESSAGE(reading, code, at, ...)                                                            \
    diagnose((reading)->diagnostics, (reading)->document, (at), (code), __VA_ARGS__)

struct text found_text(const struct reading *reading, uint32_t at, bool secret)
{
    const struct cell *cell = document_cell(reading->document, at);
    struct arena *arena = reading->diagnostics->arena;

    switch ((enum cell_type)cell->type) {
    case CELL_NULL:
        return TEXT("nothing");
    case CELL_BOOLEAN:
        return cell->boolean ? TEXT("true") : TEXT("false");
    case CELL_ARRAY:
        return TEXT("a list");
    case CELL_OBJECT:
        return TEXT("a mapping");
    case CELL_INTEGER:
        return secret ? TEXT("a number")
                      : arena_printf(arena, "the number %lld", (long long)cell->integer);
    case CELL_NUMBER:
        return secret ? TEXT("a number")
                      : arena_printf(arena, "the number %.*s",
                                     TEXT_ARG(value_shown(arena, cell_text(cell))));
    case CELL_STRING:
        return secret
                   ? TEXT("a string")
                   : arena_printf(arena, "\"%.*s\"", TEXT_ARG(value_shown(arena, cell_text(cell))));
    case CELL_TYPE_COUNT:
        break;
    }
    NEVER("a cell without a type");
}

static struct text type_words(const struct reading *reading, unsigned types)
{
    static const char *const words[CELL_TYPE_COUNT] = {
        "nothing",  "true or false", "a whole number", "a number",
        "a string", "a list",        "a mapping"};
    struct text names[CELL_TYPE_COUNT];
    size_t count = 0;

    for (unsigned type = 0; type < CELL_TYPE_COUNT; type++)
        if (types & KEY_OF(type))
            names[count++] = text_of(words[type]);
    if (count == 2)
        return arena_printf(reading->diagnostics->arena, "%.*s or %.*s", TEXT_ARG(names[0]),
                            TEXT_ARG(names[1]));
    return names_joined(reading->diagnostics->arena, names, count);
}

static struct text word_list(const struct reading *reading, const char *const *words)
{
    struct text names[32];
    size_t count = 0;

    while (words[count] != NULL && count < 32) {
        names[count] = text_of(words[count]);
        count++;
    }
    return names_joined(reading->diagnostics->arena, names, count);
}

static struct text wanted_text(const struct reading *reading, const struct key *key)
{
    switch (key->type) {
    case KEY_TEXT:
        return TEXT("a string");
    case KEY_BOOLEAN:
        return TEXT("true or false");
    case KEY_COUNT:
    case KEY_INTEGER:
        return TEXT("a whole number");
    case KEY_NUMBER:
        return TEXT("a number");
    case KEY_DURATION:
        return TEXT("a duration such as 30s");
    case KEY_SIZE:
        return TEXT("a size such as 4MiB");
    case KEY_CHOICE:
        return arena_printf(reading->diagnostics->arena, "one of: %.*s",
                            TEXT_ARG(word_list(reading, key->words)));
    case KEY_TABLE:
        return TEXT("a mapping");
    case KEY_CELL:
        return type_words(reading, key->types);
    case KEY_LATER:
    case KEY_ELSEWHERE:
        break;
    }
    NEVER("a key that has no value");
}

static bool is_yes_or_no(const struct cell *cell)
{
    static const char *const words[] = {"yes", "no", "on", "off", "y", "n"};

    if (cell->type != CELL_STRING || !(cell->flags & CELL_PLAIN))
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_equal_nocase(cell_text(cell), text_of(words[i])))
            return true;
    return false;
}

/* The YAML reader warns of an unquoted `off` wherever it stands, because it cannot know what is
 * expected there; once that is known the warning has been answered. */
static void withdraw_warning(const struct reading *reading, uint32_t at)
{
    struct diagnostics *all = reading->diagnostics;
    size_t byte = document_range(reading->document, at).start.byte;

    for (size_t i = all->count; i-- > 0;) {
        const struct diagnostic *it = &all->items[i];

        if (it->code != DIAGNOSTIC_W0101 || it->range.start.byte != byte ||
            !text_equal(it->file, reading->document->file))
            continue;
        memmove(&all->items[i], &all->items[i + 1], (all->count - i - 1) * sizeof *it);
        all->count--;
        all->warning_count--;
        return;
    }
}

/* The type is wrong: says what was wanted, what was found, and the shortest way from one to the
 * other. */
static bool wrong_type(const struct reading *reading, const struct key *key, uint32_t at)
{
    const struct cell *cell = document_cell(reading->document, at);
    struct text wanted = wanted_text(reading, key);
    struct text found = found_text(reading, at, key->secret);
    struct diagnostic *it = MESSAGE(reading, DIAGNOSTIC_E0103, at, "'%s' must be %.*s, found %.*s",
                                    key->name, TEXT_ARG(wanted), TEXT_ARG(found));
    bool scalar =
        cell->type == CELL_INTEGER || cell->type == CELL_NUMBER || cell->type == CELL_BOOLEAN;

    if (cell->type == CELL_NULL)
        diagnostic_hint(reading->diagnostics, it,
                        "write a value after the colon, or remove '%s'%s%s", key->name,
                        key->hint ? "; it is written " : "", key->hint ? key->hint : "");
    else if (key->type == KEY_BOOLEAN && is_yes_or_no(cell))
        diagnostic_hint(reading->diagnostics, it, "only true and false are booleans here");
    else if (key->type == KEY_TEXT && scalar && !key->secret)
        diagnostic_hint(reading->diagnostics, it, "put the value in double quotes");
    else if (key->type == KEY_DURATION && cell->type == CELL_INTEGER)
        diagnostic_hint(reading->diagnostics, it,
                        "add a unit: %llds means seconds; ms, s, m, h and d are known",
                        (long long)cell->integer);
    else if (key->type == KEY_SIZE && cell->type == CELL_INTEGER)
        diagnostic_hint(reading->diagnostics, it,
                        "add a unit: %lldB means bytes; B, KiB, MiB and GiB are known",
                        (long long)cell->integer);
    else if (key->hint != NULL)
        diagnostic_hint(reading->diagnostics, it, "it is written %s", key->hint);
    return false;
}

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

static bool in_range(const struct reading *reading, const struct key *key, uint32_t at,
                     double value)
{
    struct text least, greatest, found;

    if ((key->least == 0 && key->greatest == 0) || (value >= key->least && value <= key->greatest))
        return true;
    least = bound_text(reading, key, key->least);
    greatest = bound_text(reading, key, key->greatest);
    found = found_text(reading, at, key->secret);
    MESSAGE(reading, DIAGNOSTIC_E0104, at, "'%s' must be between %.*s and %.*s, found %.*s",
            key->name, TEXT_ARG(least), TEXT_ARG(greatest), TEXT_ARG(found));
    return false;
}

static bool read_text(const struct reading *reading, const struct key *key, uint32_t at, void *into)
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

static bool read_quantity(const struct reading *reading, const struct key *key, uint32_t at,
                          void *into)
{
    struct text text = document_text(reading->document, at);
    bool time = key->type == KEY_DURATION;
    struct diagnostic *it;
    uint64_t value;

    if (time ? duration_parse(text, &value) : size_parse(text, &value)) {
        if (!in_range(reading, key, at, (double)value))
            return false;
        store_u64(key, into, value);
        return true;
    }
    it = MESSAGE(reading, DIAGNOSTIC_E0106, at, "'%s' must be a %s, found \"%.*s\"", key->name,
                 time ? "duration" : "size",
                 TEXT_ARG(value_shown(reading->diagnostics->arena, text)));
    diagnostic_hint(reading->diagnostics, it, "write %s",
                    time ? "a whole number and one unit: 500ms, 10s, 30m, 2h or 90d"
                         : "a whole number and one unit: 512B, 64KiB, 4MiB or 1GiB");
    return false;
}

static bool read_count(const struct reading *reading, const struct key *key, uint32_t at,
                       void *into)
{
    int64_t value = document_cell(reading->document, at)->integer;

    if (!in_range(reading, key, at, (double)value))
        return false;
    CHECK(value >= 0);
    store_u64(key, into, (uint64_t)value);
    return true;
}

static bool read_choice(const struct reading *reading, const struct key *key, uint32_t at,
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
    list = names_joined(reading->diagnostics->arena, names, count);
    it = MESSAGE(reading, DIAGNOSTIC_E0105, at, "'%s' must be one of: %.*s; found \"%.*s\"",
                 key->name, TEXT_ARG(list),
                 TEXT_ARG(value_shown(reading->diagnostics->arena, value)));
    near = nearest_name(value, names, count);
    if (near.len > 0)
        diagnostic_hint(reading->diagnostics, it, "did you mean \"%.*s\"?", TEXT_ARG(near));
    return false;
}

static bool refused_key(const struct reading *reading, const struct key *key, uint32_t at)
{
    struct diagnostic *it;

    if (key->type == KEY_LATER)
        it = MESSAGE(reading, DIAGNOSTIC_E0110, key_of(at),
                     "'%s' is a feature this version does not have yet", key->name);
    else
        it = MESSAGE(reading, DIAGNOSTIC_E0102, key_of(at), "unknown key \"%s\"", key->name);
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
    case KEY_LATER:
    case KEY_ELSEWHERE:
        break;
    }
    return 0;
}

static bool read_value(const struct reading *reading, const struct key *key, uint32_t at,
                       void *into)
{
    const struct cell *cell = document_cell(reading->document, at);

    if (key->type == KEY_LATER || key->type == KEY_ELSEWHERE)
        return refused_key(reading, key, at);
    if ((key->type == KEY_CHOICE || key->type == KEY_BOOLEAN) && is_yes_or_no(cell))
        withdraw_warning(reading, at);
    if (!(accepted_types(key) & KEY_OF(cell->type)))
        return wrong_type(reading, key, at);
    switch (key->type) {
    case KEY_TEXT:
        return read_text(reading, key, at, into);
    case KEY_BOOLEAN:
        memcpy((char *)into + key->offset, &cell->boolean, sizeof(bool));
        return true;
    case KEY_COUNT:
        return read_count(reading, key, at, into);
    case KEY_DURATION:
    case KEY_SIZE:
        return read_quantity(reading, key, at, into);
    case KEY_CHOICE:
        return read_choice(reading, key, at, into);
    case KEY_TABLE:
        return keys_read(reading, at, key_of(at), key->inside, into);
    case KEY_NUMBER:
    case KEY_INTEGER:
        if (!in_range(reading, key, at, document_double(cell)))
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

static void unknown_key(const struct reading *reading, const struct keys *keys, uint32_t name_at)
{
    struct arena *arena = reading->diagnostics->arena;
    struct text name = document_text(reading->document, name_at), names[KEYS_SHOWN], near, list;
    struct diagnostic *it = MESSAGE(reading, DIAGNOSTIC_E0102, name_at, "unknown key \"%.*s\"",
                                    TEXT_ARG(value_shown(arena, name)));
    size_t count = 0;

    CHECK(keys->count <= KEYS_SHOWN);
    for (size_t i = 0; i < keys->count; i++)
        if (keys->items[i].type != KEY_LATER && keys->items[i].type != KEY_ELSEWHERE)
            names[count++] = text_of(keys->items[i].name);
    near = nearest_name(name, names, count);
    list = names_joined(arena, names, count);
    if (near.len > 0)
        diagnostic_hint(reading->diagnostics, it, "did you mean \"%.*s\"?", TEXT_ARG(near));
    else
        diagnostic_hint(reading->diagnostics, it, "known here: %.*s", TEXT_ARG(list));
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
            unknown_key(reading, keys, name);
            good = false;
            continue;
        }
        seen |= (uint64_t)1 << (key - keys->items);
        good &= read_value(reading, key, name + 1, into);
    }
    for (size_t i = 0; i < keys->count; i++)
        if (keys->items[i].required && !(seen >> i & 1))
            good = missing_key(reading, &keys->items[i], mark);
    return good;
}
