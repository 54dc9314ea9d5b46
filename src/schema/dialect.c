/* The five drafts, and the vocabularies of the last two. */
#include "schema/dialect.h"

#define URI_OLD "http://json-schema.org/draft-0"
#define URI_NEW "https://json-schema.org/draft/"

static const struct {
    struct dialect dialect;
    const char *name;
} drafts[DRAFT_COUNT] = {
#define DRAFT(which, uri, spoken)                                                                  \
    [DRAFT_##which] = {                                                                            \
        {.draft = DRAFT_##which, .vocabularies = VOCABULARY_ALL, .metaschema = TEXT_INIT(uri)},    \
        spoken}
    DRAFT(4, URI_OLD "4/schema", "draft-04"),
    DRAFT(6, URI_OLD "6/schema", "draft-06"),
    DRAFT(7, URI_OLD "7/schema", "draft-07"),
    DRAFT(2019_09, URI_NEW "2019-09/schema", "2019-09"),
    DRAFT(2020_12, URI_NEW "2020-12/schema", "2020-12"),
#undef DRAFT
};

/* In 2019-09 the keywords about what is unevaluated belong to the applicators. */
static const struct {
    struct text name;
    uint8_t bits[2]; /* in 2019-09 and in 2020-12 */
    bool formats_assert;
} vocabularies[] = {
    {TEXT_INIT("core"), {VOCABULARY_CORE, VOCABULARY_CORE}, false},
    {TEXT_INIT("applicator"),
     {VOCABULARY_APPLICATOR | VOCABULARY_UNEVALUATED, VOCABULARY_APPLICATOR},
     false},
    {TEXT_INIT("unevaluated"), {0, VOCABULARY_UNEVALUATED}, false},
    {TEXT_INIT("validation"), {VOCABULARY_VALIDATION, VOCABULARY_VALIDATION}, false},
    {TEXT_INIT("meta-data"), {VOCABULARY_META_DATA, VOCABULARY_META_DATA}, false},
    {TEXT_INIT("format"), {VOCABULARY_FORMAT, 0}, false},
    {TEXT_INIT("format-annotation"), {0, VOCABULARY_FORMAT}, false},
    {TEXT_INIT("format-assertion"), {0, VOCABULARY_FORMAT}, true},
    {TEXT_INIT("content"), {VOCABULARY_CONTENT, VOCABULARY_CONTENT}, false},
};

const struct dialect *dialect_of(enum draft draft)
{
    return &drafts[draft].dialect;
}

const char *draft_name(enum draft draft)
{
    return drafts[draft].name;
}

enum draft draft_find(struct text uri)
{
    unsigned draft = 0;

    if (text_ends(uri, TEXT("#")))
        uri.len--;
    while (draft < DRAFT_COUNT && !text_equal(drafts[draft].dialect.metaschema, uri))
        draft++;
    return (enum draft)draft;
}

unsigned vocabulary_find(enum draft draft, struct text uri, bool *out_formats_assert)
{
    struct text prefix =
        draft == DRAFT_2019_09 ? TEXT(URI_NEW "2019-09/vocab/") : TEXT(URI_NEW "2020-12/vocab/");

    *out_formats_assert = false;
    if (draft < DRAFT_2019_09 || !text_starts(uri, prefix))
        return 0;
    for (size_t i = 0; i < sizeof vocabularies / sizeof *vocabularies; i++) {
        if (text_equal(vocabularies[i].name, text_after(uri, prefix.len))) {
            *out_formats_assert = vocabularies[i].formats_assert;
            return vocabularies[i].bits[draft - DRAFT_2019_09];
        }
    }
    return 0;
}
