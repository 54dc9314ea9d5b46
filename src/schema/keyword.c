/* The table of keyword.h, looked up by name. Only compiling does that, so a walk is enough. */
#include "schema/keyword.h"

#include "document/diagnostic.h"

static const struct keyword_row rows[KEYWORD_COUNT] = {
#define X(id, text, form, which)                                                                   \
    [KEYWORD_##id] = {.name = TEXT_INIT(text), .shape = SHAPE_##form, .kinds = which},
    KEYWORDS(X)
#undef X
};

const struct keyword_row *keyword_row(enum keyword keyword)
{
    return &rows[keyword];
}

enum keyword keyword_find(struct text name)
{
    for (unsigned i = KEYWORD_NONE + 1; i < KEYWORD_COUNT; i++) {
        if (text_equal(rows[i].name, name))
            return (enum keyword)i;
    }
    return KEYWORD_NONE;
}

struct text keyword_nearest(struct text wrong)
{
    struct text names[KEYWORD_COUNT];

    for (unsigned i = 0; i < KEYWORD_COUNT; i++)
        names[i] = rows[i].name;
    return nearest_name(wrong, names + 1, KEYWORD_COUNT - 1);
}

const char *keyword_successor(struct text old)
{
    static const struct {
        struct text old;
        const char *now;
    } successors[] = {
        {TEXT_INIT("additionalItems"), "2020-12 says 'prefixItems' for the first items and 'items' "
                                       "for the rest"},
        {TEXT_INIT("id"), "since draft-06 it is '$id'"},
        {TEXT_INIT("$recursiveRef"), "2020-12 says '$dynamicRef'"},
        {TEXT_INIT("$recursiveAnchor"), "2020-12 says '$dynamicAnchor'"},
    };

    for (size_t i = 0; i < sizeof successors / sizeof *successors; i++) {
        if (text_equal(successors[i].old, old))
            return successors[i].now;
    }
    return NULL;
}
