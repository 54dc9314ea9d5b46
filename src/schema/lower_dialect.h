/* schema/lower_dialect.h
 * Private to lowering: what each provider's structured output takes of JSON Schema, as one table. A
 * provider more is a row more. */
#pragma once
#include "schema/keyword.h"
#include "schema/lower.h"

enum lower_refs {
    REFS_NONE,     /* no `$ref` at all */
    REFS_FLAT,     /* to definitions that do not come back to themselves */
    REFS_OPTIONAL, /* they may, through a member that is not required */
    REFS_FREE,
};

struct lower_dialect {
    struct text name;
    const enum keyword *keywords; /* taken at all; ends with KEYWORD_NONE */
    const struct text *formats;   /* ends with an empty text */
    uint8_t enum_kinds;           /* of values that `enum` and `const` may list */
    enum lower_refs refs;
    bool ref_alone;    /* nothing may stand beside `$ref` */
    bool object_root;  /* the root is an object, by one type and without alternatives */
    bool closes;       /* every object lists its members and says additionalProperties: false */
    bool all_required; /* every member is required; one that may be missing may be null instead */
    bool one_required; /* at least one member of each object is */
    bool any_value;    /* a schema may leave the type open, objects may hold anything */
    bool maps;         /* additionalProperties may be a schema */
    bool type_arrays;  /* `type` may list several */
    bool nullable;     /* null is not a type but `nullable: true` */
    bool ordering;     /* `propertyOrdering` says in which order members come */
    bool lookaround;   /* patterns may have it, and back-references */
    bool anchored;     /* patterns must be ^...$, of plain parts */
    uint8_t least_items_most; /* the greatest `minItems` */
    /* Hard limits, of the whole schema; 0: none. */
    uint32_t levels; /* objects and arrays within one another */
    uint32_t properties, optional_properties, enum_values;
    uint32_t characters; /* of names and values together */
};

enum { LEAST_ITEMS_ANY = UINT8_MAX };

bool lower_dialect_has(const struct lower_dialect *dialect, enum keyword keyword);
bool lower_dialect_has_format(const struct lower_dialect *dialect, struct text format);
/* Whether it takes a pattern as it is written. */
bool lower_dialect_has_pattern(const struct lower_dialect *dialect, struct text pattern);
