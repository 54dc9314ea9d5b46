/* schema/keyword.h
 * The vocabulary of JSON Schema 2020-12 as one table: every keyword, the form its value must have,
 * where in that value there are schemas, and which kinds of values it says something about. */
#pragma once
#include "document/document.h"

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
    SHAPE_POSITIVE,     /* a number above 0 */
    SHAPE_NUMBER,       /* a number */
    SHAPE_COUNT,        /* an integer from 0 on; 2.0 is one */
    SHAPE_STRING,       /* a string */
    SHAPE_BOOLEAN,      /* true or false */
    SHAPE_PATTERN,      /* a regular expression */
    SHAPE_FORMAT,       /* the name of a format */
    SHAPE_SCHEMA,       /* a schema */
    SHAPE_SCHEMAS,      /* a non-empty array of schemas */
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
#define KEYWORDS(X)                                                                   \
    X(SCHEMA,                "$schema",               DIALECT,      KINDS_ANY)        \
    X(ID,                    "$id",                   ID,           KINDS_ANY)        \
    X(ANCHOR,                "$anchor",               ANCHOR,       KINDS_ANY)        \
    X(DYNAMIC_ANCHOR,        "$dynamicAnchor",        ANCHOR,       KINDS_ANY)        \
    X(REF,                   "$ref",                  REFERENCE,    KINDS_ANY)        \
    X(DYNAMIC_REF,           "$dynamicRef",           REFERENCE,    KINDS_ANY)        \
    X(VOCABULARY,            "$vocabulary",           VOCABULARY,   KINDS_ANY)        \
    X(COMMENT,               "$comment",              STRING,       KINDS_ANY)        \
    X(DEFS,                  "$defs",                 SCHEMA_MAP,   KINDS_ANY)        \
    X(DEFINITIONS,           "definitions",           SCHEMA_MAP,   KINDS_ANY)        \
    X(TYPE,                  "type",                  TYPE,         KINDS_ANY)        \
    X(ENUM,                  "enum",                  ARRAY,        KINDS_ANY)        \
    X(CONST,                 "const",                 ANY,          KINDS_ANY)        \
    X(MULTIPLE_OF,           "multipleOf",            POSITIVE,     KINDS_NUMBER)     \
    X(MINIMUM,               "minimum",               NUMBER,       KINDS_NUMBER)     \
    X(EXCLUSIVE_MINIMUM,     "exclusiveMinimum",      NUMBER,       KINDS_NUMBER)     \
    X(MAXIMUM,               "maximum",               NUMBER,       KINDS_NUMBER)     \
    X(EXCLUSIVE_MAXIMUM,     "exclusiveMaximum",      NUMBER,       KINDS_NUMBER)     \
    X(MIN_LENGTH,            "minLength",             COUNT,        KINDS_STRING)     \
    X(MAX_LENGTH,            "maxLength",             COUNT,        KINDS_STRING)     \
    X(PATTERN,               "pattern",               PATTERN,      KINDS_STRING)     \
    X(FORMAT,                "format",                FORMAT,       KINDS_STRING)     \
    X(MIN_ITEMS,             "minItems",              COUNT,        KINDS_ARRAY)      \
    X(MAX_ITEMS,             "maxItems",              COUNT,        KINDS_ARRAY)      \
    X(PREFIX_ITEMS,          "prefixItems",           SCHEMAS,      KINDS_ARRAY)      \
    X(ITEMS,                 "items",                 SCHEMA,       KINDS_ARRAY)      \
    X(CONTAINS,              "contains",              SCHEMA,       KINDS_ARRAY)      \
    X(MIN_CONTAINS,          "minContains",           COUNT,        KINDS_ARRAY)      \
    X(MAX_CONTAINS,          "maxContains",           COUNT,        KINDS_ARRAY)      \
    X(UNIQUE_ITEMS,          "uniqueItems",           BOOLEAN,      KINDS_ARRAY)      \
    X(MIN_PROPERTIES,        "minProperties",         COUNT,        KINDS_OBJECT)     \
    X(MAX_PROPERTIES,        "maxProperties",         COUNT,        KINDS_OBJECT)     \
    X(REQUIRED,              "required",              NAMES,        KINDS_OBJECT)     \
    X(PROPERTIES,            "properties",            SCHEMA_MAP,   KINDS_OBJECT)     \
    X(PATTERN_PROPERTIES,    "patternProperties",     PATTERN_MAP,  KINDS_OBJECT)     \
    X(ADDITIONAL_PROPERTIES, "additionalProperties",  SCHEMA,       KINDS_OBJECT)     \
    X(PROPERTY_NAMES,        "propertyNames",         SCHEMA,       KINDS_OBJECT)     \
    X(DEPENDENT_REQUIRED,    "dependentRequired",     NAMES_MAP,    KINDS_OBJECT)     \
    X(DEPENDENT_SCHEMAS,     "dependentSchemas",      SCHEMA_MAP,   KINDS_OBJECT)     \
    X(DEPENDENCIES,          "dependencies",          DEPENDENCIES, KINDS_OBJECT)     \
    X(ALL_OF,                "allOf",                 SCHEMAS,      KINDS_ANY)        \
    X(ANY_OF,                "anyOf",                 SCHEMAS,      KINDS_ANY)        \
    X(ONE_OF,                "oneOf",                 SCHEMAS,      KINDS_ANY)        \
    X(NOT,                   "not",                   SCHEMA,       KINDS_ANY)        \
    X(IF,                    "if",                    SCHEMA,       KINDS_ANY)        \
    X(THEN,                  "then",                  SCHEMA,       KINDS_ANY)        \
    X(ELSE,                  "else",                  SCHEMA,       KINDS_ANY)        \
    X(UNEVALUATED_ITEMS,     "unevaluatedItems",      SCHEMA,       KINDS_ARRAY)      \
    X(UNEVALUATED_PROPERTIES,"unevaluatedProperties", SCHEMA,       KINDS_OBJECT)     \
    X(TITLE,                 "title",                 STRING,       KINDS_ANY)        \
    X(DESCRIPTION,           "description",           STRING,       KINDS_ANY)        \
    X(DEFAULT,               "default",               ANY,          KINDS_ANY)        \
    X(DEPRECATED,            "deprecated",            BOOLEAN,      KINDS_ANY)        \
    X(READ_ONLY,             "readOnly",              BOOLEAN,      KINDS_ANY)        \
    X(WRITE_ONLY,            "writeOnly",             BOOLEAN,      KINDS_ANY)        \
    X(EXAMPLES,              "examples",              ARRAY,        KINDS_ANY)        \
    X(CONTENT_ENCODING,      "contentEncoding",       STRING,       KINDS_ANY)        \
    X(CONTENT_MEDIA_TYPE,    "contentMediaType",      STRING,       KINDS_ANY)        \
    X(CONTENT_SCHEMA,        "contentSchema",         SCHEMA,       KINDS_ANY)
/* clang-format on */

enum keyword {
    KEYWORD_NONE, /* not a keyword; the place itself */
#define X(name, text, shape, kinds) KEYWORD_##name,
    KEYWORDS(X)
#undef X
        KEYWORD_COUNT
};

struct keyword_row {
    struct text name;
    enum shape shape;
    uint8_t kinds; /* a value of another kind satisfies it */
};
const struct keyword_row *keyword_row(enum keyword keyword);
/* KEYWORD_NONE when there is none of that name. */
enum keyword keyword_find(struct text name);
/* The name of the keyword nearest to an unknown one, or an empty text. */
struct text keyword_nearest(struct text wrong);
/* What to write instead of a keyword of an older draft, or NULL when it is none. */
const char *keyword_successor(struct text old);
