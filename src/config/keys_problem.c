/* A value of the wrong type: what was wanted, what was found, and the shortest way from one to the
 * other. */
#include "base/check.h"
#include "config/keys_value.h"
#include "config/value.h"

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
    struct text names[CELL_TYPE_COUNT], all_but_last;
    size_t count = 0;

    for (unsigned type = 0; type < CELL_TYPE_COUNT; type++)
        if (types & KEY_OF(type))
            names[count++] = text_of(words[type]);
    if (count < 2)
        return names_joined(reading->diagnostics->arena, names, count);
    all_but_last = names_joined(reading->diagnostics->arena, names, count - 1);
    return arena_printf(reading->diagnostics->arena, "%.*s or %.*s", TEXT_ARG(all_but_last),
                        TEXT_ARG(names[count - 1]));
}

static struct text word_list(const struct reading *reading, const struct key *key)
{
    struct text names[32];
    size_t count = 0;

    while (key->words[count] != NULL && count < 32) {
        names[count] = text_of(key->words[count]);
        count++;
    }
    return names_joined(reading->diagnostics->arena, names, count - key->unlisted);
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
                            TEXT_ARG(word_list(reading, key)));
    case KEY_TABLE:
        return TEXT("a mapping");
    case KEY_CELL:
        return type_words(reading, key->types);
    case KEY_ELSEWHERE:
        break;
    }
    NEVER("a key that has no value");
}

bool value_yes_or_no(const struct cell *cell)
{
    static const char *const words[] = {"yes", "no", "on", "off", "y", "n"};

    if (cell->type != CELL_STRING || !(cell->flags & CELL_PLAIN))
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_equal_nocase(cell_text(cell), text_of(words[i])))
            return true;
    return false;
}

void value_withdraw_warning(const struct reading *reading, uint32_t at)
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

struct text value_no_meant(const struct key *key, const struct cell *cell)
{
    static const char *const noes[] = {"off", "none"};
    bool no = cell->type == CELL_BOOLEAN && !cell->boolean;

    if (value_yes_or_no(cell))
        no = text_equal_nocase(cell_text(cell), TEXT("no")) ||
             text_equal_nocase(cell_text(cell), TEXT("off")) ||
             text_equal_nocase(cell_text(cell), TEXT("n"));
    for (size_t i = 0; no && i < sizeof noes / sizeof *noes; i++)
        for (size_t word = 0; key->words[word] != NULL; word++)
            if (strcmp(key->words[word], noes[i]) == 0)
                return text_of(noes[i]);
    return (struct text){0};
}

/* Whether quotes are all that is wrong: "7" where 7 is wanted. */
static bool is_quoted_number(const struct key *key, const struct cell *cell)
{
    uint64_t value;

    return (key->type == KEY_COUNT || key->type == KEY_INTEGER || key->type == KEY_NUMBER) &&
           cell->type == CELL_STRING && text_to_u64(cell_text(cell), &value);
}

/* A number where a unit belongs too. */
static void hint_unit(const struct reading *reading, const struct key *key, struct diagnostic *it,
                      int64_t number)
{
    struct text range = value_range_told(reading, key);
    long long shown = (long long)number;

    if (key->type == KEY_DURATION)
        diagnostic_hint(reading->diagnostics, it,
                        "add a unit: %llds means seconds; ms, s, m, h and d are known%.*s", shown,
                        TEXT_ARG(range));
    else
        diagnostic_hint(reading->diagnostics, it,
                        "add a unit: %lldB, %lldKiB, %lldMiB or %lldGiB%.*s", shown, shown, shown,
                        shown, TEXT_ARG(range));
}

/* How a value of the right type looks. */
static void hint_form(const struct reading *reading, const struct key *key, struct diagnostic *it,
                      const struct cell *cell)
{
    struct text no = key->type == KEY_CHOICE ? value_no_meant(key, cell) : (struct text){0};
    struct text range = value_range_told(reading, key);

    if (no.len > 0)
        diagnostic_hint(reading->diagnostics, it, "did you mean \"%.*s\"?", TEXT_ARG(no));
    else if (key->hint != NULL)
        diagnostic_hint(reading->diagnostics, it, "it is written %s", key->hint);
    else if (key->example != NULL && key->type != KEY_CHOICE)
        diagnostic_hint(reading->diagnostics, it, "it is written %s: %s%.*s", key->name,
                        key->example, TEXT_ARG(range));
}

bool value_wrong_type(const struct reading *reading, const struct key *key, uint32_t at)
{
    const struct cell *cell = document_cell(reading->document, at);
    struct text wanted = wanted_text(reading, key);
    struct text found = found_text(reading, at, key->secret);
    struct diagnostic *it =
        MESSAGE(reading, DIAGNOSTIC_E0103, at, "'%s' must be %.*s%s found %.*s", key->name,
                TEXT_ARG(wanted), key->type == KEY_CHOICE ? ";" : ",", TEXT_ARG(found));
    bool scalar =
        cell->type == CELL_INTEGER || cell->type == CELL_NUMBER || cell->type == CELL_BOOLEAN;

    if (cell->type == CELL_NULL)
        diagnostic_hint(reading->diagnostics, it,
                        "write a value after the colon, or remove '%s'%s%s", key->name,
                        key->hint ? "; it is written " : "", key->hint ? key->hint : "");
    else if (key->type == KEY_BOOLEAN && value_yes_or_no(cell))
        diagnostic_hint(reading->diagnostics, it, "only true and false are booleans here");
    else if (key->type == KEY_TEXT && scalar && !key->secret)
        diagnostic_hint(reading->diagnostics, it, "put the value in double quotes");
    else if ((key->type == KEY_DURATION || key->type == KEY_SIZE) && cell->type == CELL_INTEGER)
        hint_unit(reading, key, it, cell->integer);
    else if (is_quoted_number(key, cell))
        diagnostic_hint(reading->diagnostics, it, "remove the quotes");
    else
        hint_form(reading, key, it, cell);
    return false;
}
