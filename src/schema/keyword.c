/* The table of keyword.h, looked up by name. Only compiling does that, so a walk is enough. */
#include "schema/keyword.h"

#include "document/diagnostic.h"

enum {
    ONLY_04 = 1 << DRAFT_4,
    ONLY_2019 = 1 << DRAFT_2019_09,
    SINCE_2020 = 1 << DRAFT_2020_12,
    SINCE_2019 = ONLY_2019 | SINCE_2020,
    SINCE_07 = 1 << DRAFT_7 | SINCE_2019,
    SINCE_06 = 1 << DRAFT_6 | SINCE_07,
    ALWAYS = ONLY_04 | SINCE_06,
    UNTIL_2019 = ALWAYS & ~SINCE_2020,
};

static const struct keyword_row rows[KEYWORD_COUNT] = {
#define X(id, text, form, which, since, part)                                                      \
    [KEYWORD_##id] = {.name = TEXT_INIT(text),                                                     \
                      .shape = SHAPE_##form,                                                       \
                      .kinds = which,                                                              \
                      .drafts = since,                                                             \
                      .vocabulary = VOCABULARY_##part},
    KEYWORDS(X)
#undef X
};

const struct keyword_row *keyword_row(enum keyword keyword)
{
    return &rows[keyword];
}

bool keyword_exists(enum keyword keyword, const struct dialect *dialect)
{
    return (rows[keyword].drafts >> dialect->draft & 1) != 0 &&
           (rows[keyword].vocabulary & dialect->vocabularies) != 0;
}

enum keyword keyword_find(struct text name, const struct dialect *dialect)
{
    for (unsigned i = KEYWORD_NONE + 1; i < KEYWORD_COUNT; i++) {
        if (text_equal(rows[i].name, name) && keyword_exists((enum keyword)i, dialect))
            return (enum keyword)i;
    }
    return KEYWORD_NONE;
}

struct text keyword_nearest(struct text wrong, const struct dialect *dialect)
{
    struct text names[KEYWORD_COUNT];
    size_t count = 0;

    for (unsigned i = KEYWORD_NONE + 1; i < KEYWORD_COUNT; i++) {
        if (keyword_exists((enum keyword)i, dialect))
            names[count++] = rows[i].name;
    }
    return nearest_name(wrong, names, count);
}

const char *keyword_successor(struct text old, const struct dialect *dialect)
{
    static const struct {
        struct text old;
        uint8_t drafts; /* for which it is so */
        const char *now;
    } successors[] = {
        {TEXT_INIT("additionalItems"), SINCE_2020,
         "2020-12 says 'prefixItems' for the first items and 'items' for the rest"},
        {TEXT_INIT("id"), SINCE_06, "since draft-06 it is '$id'"},
        {TEXT_INIT("$id"), ONLY_04, "in draft-04 it is 'id'"},
        {TEXT_INIT("$recursiveRef"), SINCE_2020, "2020-12 says '$dynamicRef'"},
        {TEXT_INIT("$recursiveAnchor"), SINCE_2020, "2020-12 says '$dynamicAnchor'"},
    };

    for (size_t i = 0; i < sizeof successors / sizeof *successors; i++) {
        if (text_equal(successors[i].old, old) && (successors[i].drafts >> dialect->draft & 1) != 0)
            return successors[i].now;
    }
    return NULL;
}

enum draft keyword_draft(struct text name)
{
    unsigned drafts = 0;

    for (unsigned i = KEYWORD_NONE + 1; i < KEYWORD_COUNT; i++)
        drafts |= text_equal(rows[i].name, name) ? rows[i].drafts : 0u;
    for (unsigned draft = DRAFT_COUNT; draft-- > 0;) {
        if ((drafts >> draft & 1) != 0)
            return (enum draft)draft;
    }
    return DRAFT_COUNT;
}
