/* schema/keyword.h
 * The vocabularies of JSON Schema as one table: every keyword, the form its value must have, where
 * in that value there are schemas, which kinds of values it says something about, and which drafts
 * and vocabularies have it. A name that changed its meaning has a row for each. */
#pragma once
#include "document/document.h"
#include "schema/dialect.h"

/* What a value is for a schema: the cell types, with the numbers that are integers but are written
 * otherwise (1.0, 1e2, more than 64 bits) as a kind of their own. */
enum { KIND_BIG_INTEGER = CELL_TYPE_COUNT, KIND_COUNT };

#define KIND_BIT(kind) (1u << (kind))
enum {
    KINDS_INTEGER = KIND_BIT(CELL_INTEGER) | KIND_BIT(KIND_BIG_INTEGER),
    KINDS_NUMBER = KINDS_INTEGER | KIND_BIT(CELL_NUMBER),
    KINDS_STRING = KIND_BIT(CELL_STRING),
    KINDS_ARRAY = KIND_BIT(CELL_ARRAY),
    KINDS_OBJECT = KIND_BIT(CELL_OBJECT),
    KINDS_ANY = 0xFF,
};

static inline unsigned cell_kind(const struct cell *cell)
{
    if (cell->type == CELL_NUMBER && (cell->flags & CELL_INTEGRAL) != 0)
        return KIND_BIG_INTEGER;
    return cell->type;
}

enum shape {
    SHAPE_ANY,          /* any value */
    SHAPE_TYPE,         /* the name of a type, or several different ones */
    SHAPE_ARRAY,        /* an array of anything */
    SHAPE_ENUM,         /* an array of anything; until draft-07 of at least one, all different */
    SHAPE_POSITIVE,     /* a number above 0 */
    SHAPE_NUMBER,       /* a number */
    SHAPE_COUNT,        /* an integer from 0 on; 2.0 is one */
    SHAPE_STRING,       /* a string */
    SHAPE_BOOLEAN,      /* true or false */
    SHAPE_EXCLUSIVE,    /* likewise, beside a bound of the same side */
    SHAPE_PATTERN,      /* a regular expression */
    SHAPE_FORMAT,       /* the name of a format */
    SHAPE_SCHEMA,       /* a schema */
    SHAPE_SCHEMAS,      /* a non-empty array of schemas */
    SHAPE_ITEMS,        /* a schema, or a non-empty array of schemas */
    SHAPE_SCHEMA_MAP,   /* an object of schemas */
    SHAPE_PATTERN_MAP,  /* an object of schemas whose names are regular expressions */
    SHAPE_NAMES,        /* an array of different strings */
    SHAPE_NAMES_MAP,    /* an object of such arrays */
    SHAPE_DEPENDENCIES, /* an object of schemas or such arrays */
    SHAPE_ID,           /* a URI reference without fragment */
    SHAPE_ANCHOR,       /* the plain name of a place */
    SHAPE_REFERENCE,    /* a URI reference */
    SHAPE_DIALECT,      /* the URI of a meta-schema */
    SHAPE_VOCABULARY,   /* an object of booleans */
};

/* clang-format off */
#define KEYWORDS(X)                                                                                            \
    X(SCHEMA,                "$schema",               DIALECT,      KINDS_ANY,    ALWAYS,     CORE)        \
    X(ID,                    "$id",                   ID,           KINDS_ANY,    SINCE_06,   CORE)        \
    X(OLD_ID,                "id",                    ID,           KINDS_ANY,    ONLY_04,    CORE)        \
    X(ANCHOR,                "$anchor",               ANCHOR,       KINDS_ANY,    SINCE_2019, CORE)        \
    X(DYNAMIC_ANCHOR,        "$dynamicAnchor",        ANCHOR,       KINDS_ANY,    SINCE_2020, CORE)        \
    X(RECURSIVE_ANCHOR,      "$recursiveAnchor",      BOOLEAN,      KINDS_ANY,    ONLY_2019,  CORE)        \
    X(REF,                   "$ref",                  REFERENCE,    KINDS_ANY,    ALWAYS,     CORE)        \
    X(DYNAMIC_REF,           "$dynamicRef",           REFERENCE,    KINDS_ANY,    SINCE_2020, CORE)        \
    X(RECURSIVE_REF,         "$recursiveRef",         REFERENCE,    KINDS_ANY,    ONLY_2019,  CORE)        \
    X(VOCABULARY,            "$vocabulary",           VOCABULARY,   KINDS_ANY,    SINCE_2019, CORE)        \
    X(COMMENT,               "$comment",              STRING,       KINDS_ANY,    SINCE_07,   CORE)        \
    X(DEFS,                  "$defs",                 SCHEMA_MAP,   KINDS_ANY,    SINCE_2019, CORE)        \
    X(DEFINITIONS,           "definitions",           SCHEMA_MAP,   KINDS_ANY,    ALWAYS,     CORE)        \
    X(TYPE,                  "type",                  TYPE,         KINDS_ANY,    ALWAYS,     VALIDATION)  \
    X(ENUM,                  "enum",                  ENUM,         KINDS_ANY,    ALWAYS,     VALIDATION)  \
    X(CONST,                 "const",                 ANY,          KINDS_ANY,    SINCE_06,   VALIDATION)  \
    X(MULTIPLE_OF,           "multipleOf",            POSITIVE,     KINDS_NUMBER, ALWAYS,     VALIDATION)  \
    X(MINIMUM,               "minimum",               NUMBER,       KINDS_NUMBER, ALWAYS,     VALIDATION)  \
    X(EXCLUSIVE_MINIMUM,     "exclusiveMinimum",      NUMBER,       KINDS_NUMBER, SINCE_06,   VALIDATION)  \
    X(OLD_EXCLUSIVE_MINIMUM, "exclusiveMinimum",      EXCLUSIVE,    KINDS_NUMBER, ONLY_04,    VALIDATION)  \
    X(MAXIMUM,               "maximum",               NUMBER,       KINDS_NUMBER, ALWAYS,     VALIDATION)  \
    X(EXCLUSIVE_MAXIMUM,     "exclusiveMaximum",      NUMBER,       KINDS_NUMBER, SINCE_06,   VALIDATION)  \
    X(OLD_EXCLUSIVE_MAXIMUM, "exclusiveMaximum",      EXCLUSIVE,    KINDS_NUMBER, ONLY_04,    VALIDATION)  \
    X(MIN_LENGTH,            "minLength",             COUNT,        KINDS_STRING, ALWAYS,     VALIDATION)  \
    X(MAX_LENGTH,            "maxLength",             COUNT,        KINDS_STRING, ALWAYS,     VALIDATION)  \
    X(PATTERN,               "pattern",               PATTERN,      KINDS_STRING, ALWAYS,     VALIDATION)  \
    X(FORMAT,                "format",                FORMAT,       KINDS_STRING, ALWAYS,     FORMAT)      \
    X(MIN_ITEMS,             "minItems",              COUNT,        KINDS_ARRAY,  ALWAYS,     VALIDATION)  \
    X(MAX_ITEMS,             "maxItems",              COUNT,        KINDS_ARRAY,  ALWAYS,     VALIDATION)  \
    X(PREFIX_ITEMS,          "prefixItems",           SCHEMAS,      KINDS_ARRAY,  SINCE_2020, APPLICATOR)  \
    X(ITEMS,                 "items",                 SCHEMA,       KINDS_ARRAY,  SINCE_2020, APPLICATOR)  \
    X(OLD_ITEMS,             "items",                 ITEMS,        KINDS_ARRAY,  UNTIL_2019, APPLICATOR)  \
    X(ADDITIONAL_ITEMS,      "additionalItems",       SCHEMA,       KINDS_ARRAY,  UNTIL_2019, APPLICATOR)  \
    X(CONTAINS,              "contains",              SCHEMA,       KINDS_ARRAY,  SINCE_06,   APPLICATOR)  \
    X(MIN_CONTAINS,          "minContains",           COUNT,        KINDS_ARRAY,  SINCE_2019, VALIDATION)  \
    X(MAX_CONTAINS,          "maxContains",           COUNT,        KINDS_ARRAY,  SINCE_2019, VALIDATION)  \
    X(UNIQUE_ITEMS,          "uniqueItems",           BOOLEAN,      KINDS_ARRAY,  ALWAYS,     VALIDATION)  \
    X(MIN_PROPERTIES,        "minProperties",         COUNT,        KINDS_OBJECT, ALWAYS,     VALIDATION)  \
    X(MAX_PROPERTIES,        "maxProperties",         COUNT,        KINDS_OBJECT, ALWAYS,     VALIDATION)  \
    X(REQUIRED,              "required",              NAMES,        KINDS_OBJECT, ALWAYS,     VALIDATION)  \
    X(PROPERTIES,            "properties",            SCHEMA_MAP,   KINDS_OBJECT, ALWAYS,     APPLICATOR)  \
    X(PATTERN_PROPERTIES,    "patternProperties",     PATTERN_MAP,  KINDS_OBJECT, ALWAYS,     APPLICATOR)  \
    X(ADDITIONAL_PROPERTIES, "additionalProperties",  SCHEMA,       KINDS_OBJECT, ALWAYS,     APPLICATOR)  \
    X(PROPERTY_NAMES,        "propertyNames",         SCHEMA,       KINDS_OBJECT, SINCE_06,   APPLICATOR)  \
    X(DEPENDENT_REQUIRED,    "dependentRequired",     NAMES_MAP,    KINDS_OBJECT, SINCE_2019, VALIDATION)  \
    X(DEPENDENT_SCHEMAS,     "dependentSchemas",      SCHEMA_MAP,   KINDS_OBJECT, SINCE_2019, APPLICATOR)  \
    X(DEPENDENCIES,          "dependencies",          DEPENDENCIES, KINDS_OBJECT, ALWAYS,     APPLICATOR)  \
    X(ALL_OF,                "allOf",                 SCHEMAS,      KINDS_ANY,    ALWAYS,     APPLICATOR)  \
    X(ANY_OF,                "anyOf",                 SCHEMAS,      KINDS_ANY,    ALWAYS,     APPLICATOR)  \
    X(ONE_OF,                "oneOf",                 SCHEMAS,      KINDS_ANY,    ALWAYS,     APPLICATOR)  \
    X(NOT,                   "not",                   SCHEMA,       KINDS_ANY,    ALWAYS,     APPLICATOR)  \
    X(IF,                    "if",                    SCHEMA,       KINDS_ANY,    SINCE_07,   APPLICATOR)  \
    X(THEN,                  "then",                  SCHEMA,       KINDS_ANY,    SINCE_07,   APPLICATOR)  \
    X(ELSE,                  "else",                  SCHEMA,       KINDS_ANY,    SINCE_07,   APPLICATOR)  \
    X(UNEVALUATED_ITEMS,     "unevaluatedItems",      SCHEMA,       KINDS_ARRAY,  SINCE_2019, UNEVALUATED) \
    X(UNEVALUATED_PROPERTIES,"unevaluatedProperties", SCHEMA,       KINDS_OBJECT, SINCE_2019, UNEVALUATED) \
    X(TITLE,                 "title",                 STRING,       KINDS_ANY,    ALWAYS,     META_DATA)   \
    X(DESCRIPTION,           "description",           STRING,       KINDS_ANY,    ALWAYS,     META_DATA)   \
    X(DEFAULT,               "default",               ANY,          KINDS_ANY,    ALWAYS,     META_DATA)   \
    X(DEPRECATED,            "deprecated",            BOOLEAN,      KINDS_ANY,    SINCE_2019, META_DATA)   \
    X(READ_ONLY,             "readOnly",              BOOLEAN,      KINDS_ANY,    SINCE_07,   META_DATA)   \
    X(WRITE_ONLY,            "writeOnly",             BOOLEAN,      KINDS_ANY,    SINCE_07,   META_DATA)   \
    X(EXAMPLES,              "examples",              ARRAY,        KINDS_ANY,    SINCE_06,   META_DATA)   \
    X(CONTENT_ENCODING,      "contentEncoding",       STRING,       KINDS_STRING, SINCE_07,   CONTENT)     \
    X(CONTENT_MEDIA_TYPE,    "contentMediaType",      STRING,       KINDS_STRING, SINCE_07,   CONTENT)     \
    X(CONTENT_SCHEMA,        "contentSchema",         SCHEMA,       KINDS_STRING, SINCE_2019, CONTENT)
/* clang-format on */

enum keyword {
    KEYWORD_NONE, /* not a keyword; the place itself */
#define X(name, text, shape, kinds, drafts, vocabulary) KEYWORD_##name,
    KEYWORDS(X)
#undef X
        KEYWORD_COUNT
};

struct keyword_row {
    struct text name;
    enum shape shape;
    uint8_t kinds; /* a value of another kind satisfies it */
    uint8_t drafts;
    uint8_t vocabulary;
};
const struct keyword_row *keyword_row(enum keyword keyword);
/* KEYWORD_NONE when the dialect has none of that name. */
enum keyword keyword_find(struct text name, const struct dialect *dialect);
/* Whether the dialect has it. */
bool keyword_exists(enum keyword keyword, const struct dialect *dialect);
/* The name of the dialect's keyword nearest to an unknown one, or an empty text. */
struct text keyword_nearest(struct text wrong, const struct dialect *dialect);
/* What to write instead of a keyword of another draft, or NULL when it is none. */
const char *keyword_successor(struct text old, const struct dialect *dialect);
/* Newest of the drafts that have a keyword of that name; DRAFT_COUNT when none has. */
enum draft keyword_draft(struct text name);
