/* config/keys.h
 * Private to config: how a mapping of an author's file is read. What keys there are, of what type
 * and in what range, is a table; one reader walks it and reports unknown, missing, mistyped and
 * misplaced keys all alike and all at once. */
#pragma once
#include "document/diagnostic.h"

enum key_type {
    KEY_TEXT,     /* struct text; not blank */
    KEY_BOOLEAN,  /* bool */
    KEY_COUNT,    /* a whole number of at least 0 */
    KEY_DURATION, /* milliseconds */
    KEY_SIZE,     /* bytes */
    KEY_CHOICE,   /* index among `words` */
    KEY_NUMBER,   /* any number; the field gets its cell */
    KEY_INTEGER,  /* a whole number, also negative; the field gets its cell */
    KEY_CELL,     /* any value of `types`; the field gets its cell */
    KEY_TABLE,    /* a mapping read by `inside` into the same struct */
    KEY_ELSEWHERE /* a likely mistake: `hint` says where it belongs */
};

#define KEY_OF(type) (1u << (type)) /* enum cell_type, for `types` */

/* What stands at a KEY_CELL that no table describes. */
enum key_shape {
    SHAPE_PLAIN,
    SHAPE_RULES, /* routing rules; a string is the path of a file with them */
};

/* Fields of type KEY_COUNT, KEY_DURATION, KEY_SIZE and KEY_CHOICE may have 4 or 8 bytes. */
struct key {
    const char *name;
    enum key_type type;
    bool required;
    bool secret; /* the value is never repeated in a message */
    unsigned types;
    size_t offset, bytes;
    double least, greatest; /* of numbers, durations in ms, sizes; both 0: any */
    const char *const *words;
    unsigned unlisted; /* so many of the words, the last, are known but not proposed */
    const char *meant; /* KEY_ELSEWHERE: the key of this table that was meant */
    const struct keys *inside;
    const char *hint; /* how it is written; may be NULL */

    /* For editors and manuals. Values are as in YAML; these are not NULL but for
     * KEY_ELSEWHERE. */
    const char *about;   /* a sentence */
    const char *example; /* a value */
    /* What a KEY_CELL may hold, as far as its types do not say it: of the mapping `inside`; of each
     * item of the list, or value of a mapping under free names, `each`, or `each_types`; of
     * strings, its own or its items', `words`, `names` or `pattern`; of lists, how many. The code
     * that reads the cell has the last word. */
    const struct keys *each;
    unsigned each_types;
    size_t (*names)(struct text *out_names); /* at most KEY_NAMES_MAX */
    const char *pattern;
    unsigned items_least, items_most; /* items_most 0: any */
    enum key_shape shape;
};
enum { KEY_NAMES_MAX = 64 };
#define FIELD(structure, member)                                                                   \
    .offset = offsetof(structure, member), .bytes = sizeof(((structure *)0)->member)

struct keys {
    const struct key *items;
    size_t count;
};
#define KEYS_OF(items)                                                                             \
    {                                                                                              \
        (items), sizeof(items) / sizeof(*(items))                                                  \
    }

struct reading {
    const struct document *document;
    struct arena *arena; /* for what is read; values are borrowed from the document */
    struct diagnostics *diagnostics;
};

/* Reads the mapping at cell `at` into the struct `into`. Fields of absent keys keep what they had,
 * but fields that take a cell start as CELL_NONE. Returns false when something was reported as an
 * error. A missing key is marked at the cell `mark`. */
bool keys_read(const struct reading *reading, uint32_t at, uint32_t mark, const struct keys *keys,
               void *into);
/* The cell of the name of the member whose value is at `value`. */
static inline uint32_t key_of(uint32_t value)
{
    return value - 1;
}
/* Whether more diagnostics are only counted: then what would be said need not be worked out. */
static inline bool diagnostics_full(const struct diagnostics *diagnostics)
{
    return diagnostics->count == DIAGNOSTICS_MAX;
}
/* "the text "abc"", "a mapping", "nothing": what was found, for messages. */
struct text found_text(const struct reading *reading, uint32_t at, bool secret);
