/* What `$schema` stands for: one of the five drafts, or a meta-schema of the set, which follows a
 * draft itself and may turn off some of its vocabularies. */
#include "schema/metaschema.h"
#include "schema/outline.h"
#include "schema/set.h"

static struct diagnostic *unknown_metaschema(struct outline *outline, uint32_t cell,
                                             struct text uri)
{
    struct text near = metaschema_nearest(uri);
    struct diagnostic *said =
        OUTLINE_SAY(outline, cell, DIAGNOSTIC_E0202, "'$schema' names '%.*s', which is not known",
                    TEXT_ARG(text_cut(uri, 150)));

    /* While names are looked for nobody reads this, and the set is looking through itself. */
    if (near.len == 0 && !outline->only_names)
        near = schema_set_nearest(outline->options->set, uri);
    if (near.len > 0)
        diagnostic_hint(outline->diagnostics, said, "did you mean '%.*s'?", TEXT_ARG(near));
    else
        diagnostic_hint(outline->diagnostics, said,
                        "write \"https://json-schema.org/draft/2020-12/schema\" or the meta-schema "
                        "of 2019-09, draft-07, -06 or -04");
    return said;
}

static bool read_vocabularies(struct outline *outline, uint32_t cell,
                              const struct document *document, uint32_t object,
                              struct dialect *dialect)
{
    uint32_t end = document_cell(document, object)->end;

    dialect->vocabularies = VOCABULARY_CORE;
    for (uint32_t key = object + 1; key < end; key = document_next(document, key + 1)) {
        struct text uri = document_text(document, key);
        const struct cell *required = document_cell(document, key + 1);
        bool asserts;
        unsigned bits = vocabulary_find((enum draft)dialect->draft, uri, &asserts);

        if (required->type != CELL_BOOLEAN || (bits == 0 && !required->boolean))
            continue; /* an optional one that is not known is ignored */
        if (bits == 0) {
            diagnostic_hint(outline->diagnostics,
                            OUTLINE_SAY(outline, cell, DIAGNOSTIC_E0205,
                                        "the meta-schema '%.*s' requires the vocabulary '%.*s', "
                                        "which is not known here",
                                        TEXT_ARG(text_cut(dialect->metaschema, 100)),
                                        TEXT_ARG(text_cut(uri, 100))),
                            "say false for it in '$vocabulary' if its keywords may be ignored");
            return false;
        }
        dialect->vocabularies |= (uint8_t)bits;
        /* In 2019-09 the word for asserting is to require the vocabulary. */
        if (asserts ||
            (bits == VOCABULARY_FORMAT && dialect->draft == DRAFT_2019_09 && required->boolean))
            dialect->formats_assert = true;
    }
    return true;
}

bool outline_find_dialect(struct outline *outline, uint32_t cell, struct text uri,
                          struct dialect *out)
{
    uint32_t declared = CELL_NONE, vocabulary = CELL_NONE;
    const struct document *document = NULL;
    struct text named = text_first(uri, text_find_byte(uri, '#')), first = named;

    /* A meta-schema of the set follows another one, until one of the drafts is met. */
    for (int i = 0; i < METASCHEMA_CHAIN_MAX; i++) {
        enum draft draft = draft_find(named);
        const struct set_schema *found;

        if (draft != DRAFT_COUNT) {
            *out = *dialect_of(draft);
            out->custom = i > 0;
            out->metaschema = first;
            return vocabulary == CELL_NONE || draft < DRAFT_2019_09 ||
                   read_vocabularies(outline, cell, document, vocabulary, out);
        }
        found = schema_set_find(outline->options->set, named);
        if (found == NULL || document_cell(found->document, found->root)->type != CELL_OBJECT)
            break;
        declared = document_member(found->document, found->root, TEXT("$schema"));
        if (vocabulary == CELL_NONE) {
            document = found->document;
            vocabulary = document_member(document, found->root, TEXT("$vocabulary"));
            if (vocabulary != CELL_NONE && document_cell(document, vocabulary)->type != CELL_OBJECT)
                vocabulary = CELL_NONE;
        }
        named = dialect_of(DRAFT_2020_12)->metaschema;
        if (declared != CELL_NONE && document_cell(found->document, declared)->type == CELL_STRING)
            named = document_text(found->document, declared);
        named = text_first(named, text_find_byte(named, '#'));
    }
    unknown_metaschema(outline, cell, named);
    return false;
}
