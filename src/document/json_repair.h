/* document/json_repair.h
 * Text that a model meant as JSON, made JSON by edits that leave no choice: each is one of a few
 * kinds, each is recorded, and where a text could be mended in more ways than one nothing is
 * mended. No value changes its type, and no value or name is invented. What is JSON already comes
 * back as it is, without edits; so repairing twice is repairing once. Linear in time and memory. */
#pragma once
#include "document/json_read.h"

/* One row per kind: name, the word for people and logs. */
#define JSON_EDITS(X)                                                                              \
    X(COMMA_REMOVED, "comma_removed")     /* behind the last member or item */                     \
    X(COMMA_ADDED, "comma_added")         /* between two that white space or a bracket parts */    \
    X(QUOTES, "quotes")                   /* single or typographic ones as delimiters */           \
    X(NAME_QUOTED, "name_quoted")         /* a bare word as a member's name */                     \
    X(WORD, "word")                       /* True, False, None */                                  \
    X(COMMENT, "comment")                 /* // or # to the end of the line, or slash-star */      \
    X(CONTROL_ESCAPED, "control_escaped") /* a raw line break or the like in a string */           \
    X(STRING_CLOSED, "string_closed")     /* at the end of the text */                             \
    X(BRACKET_CLOSED, "bracket_closed")   /* likewise */                                           \
    X(UNWRAPPED, "unwrapped")             /* the value was JSON inside one JSON string */

enum json_edit_kind {
#define X(name, word) JSON_EDIT_##name,
    JSON_EDITS(X)
#undef X
        JSON_EDIT_KIND_COUNT
};
const char *json_edit_name(enum json_edit_kind kind);

struct json_edit {
    enum json_edit_kind kind;
    size_t offset; /* in the text as it was given; where something is added, of what is behind it */
};
enum { JSON_EDITS_MAX = 1000 }; /* a text that needs more is not repaired */

/* All zero: nothing is closed or unwrapped. */
struct json_repair_options {
    const struct json_limits *limits; /* of what comes out; NULL: the reader's own */
    unsigned roots; /* 1 << enum cell_type for each type the value may have; 0: not known */
    bool complete;  /* whoever wrote the text stopped by himself: what is open may be closed */
};

struct json_repair {
    struct text text; /* JSON, in the arena; the given text itself when there are no edits */
    struct document document;
    const struct json_edit *edits; /* by ascending offset, in the arena */
    size_t edit_count;
};

/* Whether a value of that type may be the root. */
static inline bool json_root_admits(unsigned roots, enum cell_type type)
{
    return roots == 0 || (roots >> type & 1) != 0;
}

/* Repairs `text` (kept), one value and nothing beside it. A root that is a string where `roots` has
 * arrays or objects but no strings is unwrapped if its content is JSON of such a type. On failure
 * returns false, fills *err as json_read does for the text as it was given, and sets *out_offset
 * (which may be NULL) to the byte at which the attempt ended. */
bool json_repair(struct text text, const struct json_repair_options *options, struct arena *arena,
                 struct json_repair *out, size_t *out_offset, struct error *err);
