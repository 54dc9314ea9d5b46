/* schema/dialect.h
 * What the words of a schema mean: the draft of JSON Schema it follows, and which of the draft's
 * vocabularies its meta-schema turns on. `$schema` decides, for each resource of its own. */
#pragma once
#include "base/arena.h"

enum draft { DRAFT_4, DRAFT_6, DRAFT_7, DRAFT_2019_09, DRAFT_2020_12, DRAFT_COUNT };

/* One bit a vocabulary; the drafts before 2019-09 have no such parts and turn all of them on. */
enum {
    VOCABULARY_CORE = 1,
    VOCABULARY_APPLICATOR = 2,
    VOCABULARY_UNEVALUATED = 4,
    VOCABULARY_VALIDATION = 8,
    VOCABULARY_META_DATA = 16,
    VOCABULARY_FORMAT = 32,
    VOCABULARY_CONTENT = 64,
    VOCABULARY_ALL = 127,
};

struct dialect {
    uint8_t draft;          /* enum draft */
    uint8_t vocabularies;   /* those whose keywords exist */
    bool formats_assert;    /* the meta-schema says that `format` is to be checked */
    bool custom;            /* the meta-schema is not one of the five */
    struct text metaschema; /* its URI, without an empty fragment */
};

/* The dialect of a draft's own meta-schema. */
const struct dialect *dialect_of(enum draft draft);
/* "2020-12", "draft-07" */
const char *draft_name(enum draft draft);
/* The draft whose meta-schema has this URI; DRAFT_COUNT when none has. */
enum draft draft_find(struct text uri);
/* A vocabulary's bit in that draft, with *out_formats_assert set for one that says so; 0 when it is
 * not known. */
unsigned vocabulary_find(enum draft draft, struct text uri, bool *out_formats_assert);
/* Before 2019-09 a schema with `$ref` is nothing but that. */
static inline bool dialect_ref_hides(const struct dialect *dialect)
{
    return dialect->draft <= DRAFT_7;
}
/* What names a resource. */
static inline struct text dialect_id(const struct dialect *dialect)
{
    return dialect->draft == DRAFT_4 ? TEXT("id") : TEXT("$id");
}
