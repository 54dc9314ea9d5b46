/* schema/fast.h
 * Private to the fast program: what its instructions look like. It is made from the plain one and
 * is for the verdict alone. For every node and kind of value there is an entry: the value is
 * refused, accepted, or a run of code decides, all of which must hold. The program points into the
 * plain one and into the schema's document, and is const.
 *
 * Sources. `unevaluatedProperties` and `unevaluatedItems` ask what the other schemas for the same
 * value have looked at. Which members a schema looks at follows from their names, so no member is
 * marked: a bit per schema that may fail (a source) says whether it held, and of every name it is
 * known which sources look at it. What cannot fail alone is source 0, which always holds.
 *
 * Surveys. Where `unevaluatedProperties` has to wait for sources, one walk notes where the names
 * are that anybody asks for; branches and the keyword itself then look at what was found. */
#pragma once
#include "schema/program.h"

enum { SOURCE_ALWAYS = 1 };

/* By kind; a node's entries fill half a cache line. */
struct entries {
    uint32_t of[8];
};

/* A name, the words it is compared by, and what to do with what is called so. */
struct known_name {
    uint64_t word; /* the first half of a cell with this name; see name_word_of */
    const char *at;
    uint64_t head, tail; /* see name_head, name_tail */
    uint32_t len;
    uint32_t node;     /* of a member: NODE_NONE when nothing is asked of its value */
    uint64_t required; /* its bit */
    uint64_t sources;  /* that look at it; 0: it is additional */
    uint32_t entry;    /* of a tag: where its alternative begins */
    uint8_t accepted;  /* kinds of which the node accepts every value */
    bool ruled;        /* some pattern matches it */
};
/* Names in a hash table, by the hash that the reader has noted in the cells of names. With so many
 * of them that 16 bits say too little, or where many share a hash, by the secret one. */
struct name_set {
    struct known_name *names;
    const uint32_t *places; /* index + 1; 0: none */
    uint32_t count, mask, factor;
    bool wide;
    uint32_t longest; /* bytes */
    uint64_t filter;  /* a bit for the lower six of each hash */
};

struct rule {
    const struct pattern *pattern;
    uint32_t node;
    uint8_t accepted;
    uint64_t sources;
};
/* What is asked of the members of an object, decided in one walk. */
struct object_rules {
    struct name_set set;
    struct rule *rules;
    uint32_t rule_count;
    uint32_t additional, names; /* nodes or NODE_NONE */
    uint8_t additional_accepted, names_accepted;
    const struct members *from; /* NULL: of several */
    bool simple;                /* neither rules nor `names` */
    bool few;                   /* simple, few names, and the others do not matter */
    bool settled;               /* part of the program */
    uint64_t all_sources;       /* look at every member */
    uint64_t required;          /* all the bits */
    struct object_rules *next;  /* in the order they were made; for the compiler */
};

/* Names are found once for all runs about the same object; each has a place, that in the rules. */
enum { FOUND_MAX = 64 };
struct survey {
    const struct object_rules *rules;
    uint64_t required;    /* the places that there must be something at */
    uint64_t conditional; /* those of names that not every way to be right looks at */
};
struct asked_name {
    const struct known_name *known;
    uint32_t place;
};
struct asked_names {
    struct asked_name *names;
    uint32_t count;
    uint64_t required; /* places */
};

/* One of several ways for the same value to be right. */
struct branch {
    uint32_t entry;
    uint64_t source; /* 0: it looks at nothing that anybody asks for */
};
struct tag_choice {
    struct known_name tag;
    struct name_set set; /* of the tag's values; `sources` is the source of the alternative */
};
struct dependent_branch {
    struct text name;
    uint32_t names; /* cell of an array of names, or CELL_NONE */
    struct branch branch;
};
struct dependent_branches {
    struct dependent_branch *items;
    uint32_t count;
};

/* What a source looks at in an array. */
struct item_source {
    uint64_t source;
    uint64_t first;    /* so many items from the start */
    uint32_t contains; /* those this node accepts; NODE_NONE: no more */
    uint8_t accepted;
};
struct rest_items {
    struct item_source *sources;
    uint32_t count, node;
    uint8_t accepted;
    uint64_t all_sources;
    struct rest_items *next;
};

/* clang-format off */
#define OPS(X)                                                                                     \
    X(ACCEPT)      /* the end of a run */                                                          \
    X(PAY)         /* for a long run: `low` steps */                                               \
    X(LENGTH)      /* low to high code points */                                                   \
    X(COUNT)       /* low to high items or members */                                              \
    X(WRITTEN)     /* the number has neither fraction nor exponent */                              \
    X(INT_RANGE)   /* least to most, of a 64-bit integer */                                        \
    X(RANGE)       /* data are bounds */                                                           \
    X(MULTIPLE)    /* data is a bound */                                                           \
    X(STRING)      /* data is a name set of one */                                                 \
    X(STRINGS)     /* data is a name set */                                                        \
    X(ONE_OF)      /* data is a choice */                                                          \
    X(PREFIX)      /* data is a text that the string starts with */                                \
    X(FORMAT)      /* a is the format */                                                           \
    X(PATTERN)     /* data is a pattern */                                                         \
    X(CONTENT)     /* a is what is checked */                                                      \
    X(BY_TAG)      /* data is a tag choice */                                                      \
    X(MEMBERS)     /* data are object rules, a is how */                                                 \
    X(FOUND)       /* data are asked names */                                                      \
    X(REQUIRED)    /* data are members with more than 64 required names */                         \
    X(ALL)         /* a is the node, low the items to skip */                                      \
    X(TUPLE)       /* data are alternatives */                                                     \
    X(CALL)        /* a is an entry */                                                             \
    X(ANY)         /* data are branches, a how many; low: try all, for their sources */            \
    X(EXACTLY_ONE) /* likewise */                                                                  \
    X(NOT)         /* a is an entry */                                                             \
    X(IF)          /* data are three branches */                                                   \
    X(DEPENDENT)   /* data are dependent branches */                                               \
    X(CONTAINS)    /* a is the node, data a containment */                                         \
    X(UNIQUE)                                                                                      \
    X(REST)        /* as MEMBERS, once the sources are known */                                    \
    X(LEFT)        /* as REST, of what the survey that is data has found */                        \
    X(REST_ITEMS)  /* data are rest items */                                                       \
    X(TRACK)       /* a is an entry, whose run notes sources; data a survey or NULL, high the node */ \
    X(PLAIN)       /* a is the node, whose plain program is run */
/* clang-format on */
enum op {
#define X(name) OP_##name,
    OPS(X)
#undef X
};
struct code {
    uint8_t op;
    uint8_t accepted; /* kinds of which node a accepts every value */
    uint32_t a;
    union {
        const void *data;
        uint64_t low;
        int64_t least;
    };
    union {
        uint64_t high;
        int64_t most;
    };
};

/* How members are gone through. */
enum { MEMBERS_SIMPLE, MEMBERS_FEW, MEMBERS_RULED };

struct known_name known_name_of(struct text name);
/* Makes the table over set->names, which are filled and stay where they are. */
void name_set_init(struct name_set *set, struct arena *arena);

/* Type, flags, hash and size in one word, without the flags that do not matter here. */
static inline uint64_t name_word_of(const struct cell *name)
{
    static const struct cell ignored = {.flags = CELL_ESCAPED | CELL_PLAIN};
    uint64_t word, mask;

    memcpy(&word, name, sizeof word);
    memcpy(&mask, &ignored, sizeof mask);
    return word & ~mask;
}

/* Whether the bytes at `at`, as many as it has, are those of the name. */
static inline bool name_has_bytes(const struct known_name *known, const char *at)
{
    size_t len = known->len;

    if (len >= 8)
        return name_word(at, 8) == known->head && name_word(at + len - 8, 8) == known->tail &&
               (len <= 16 || memcmp(at + 8, known->at + 8, len - 16) == 0);
    return name_head(at, len) == known->head;
}

static inline bool name_is(const struct known_name *known, const struct cell *name)
{
    if (name_word_of(name) != known->word &&
        ((name->flags & CELL_HASHED) != 0 || name->size != known->len))
        return false;
    return name_has_bytes(known, name->text);
}

static inline uint32_t name_set_place(const struct name_set *set, const struct cell *name)
{
    uint32_t hash = name->hash;

    if (set->wide)
        return (uint32_t)text_hash(cell_text(name)) & set->mask;
    if ((name->flags & CELL_HASHED) == 0)
        hash = name_hash16(cell_text(name));
    return (hash * set->factor >> 16) & set->mask;
}

/* NULL: there is none. */
static inline const struct known_name *name_set_find(const struct name_set *set,
                                                     const struct cell *name)
{
    uint32_t at;

    if ((name->flags & CELL_HASHED) != 0 && (set->filter >> (name->hash & 63) & 1) == 0)
        return NULL;
    if (set->wide && name->size > set->longest)
        return NULL;
    at = name_set_place(set, name);
    for (; set->places[at] != 0; at = (at + 1) & set->mask) {
        const struct known_name *known = &set->names[set->places[at] - 1];

        if (name_is(known, name))
            return known;
    }
    return NULL;
}

/* fast_print.c: the run of a node for a kind, for tests and whoever wants to see it. */
struct buffer;
void fast_print(const struct schema *schema, uint32_t node, unsigned kind, struct buffer *out);
