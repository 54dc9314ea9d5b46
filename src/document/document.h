/* document/document.h
 * What was read from JSON or YAML: a flat array of 16-byte cells in document order, over text that
 * stays alive. Cell 0 is the root. An array's or object's children follow it directly; an object's
 * are key, value, key, value, in the order written, its keys being string cells. `end` is the index
 * one past a container's last descendant, so a subtree is skipped in one step.
 *
 * A document is const once read and may be shared between threads. It lives in the arena it was
 * read into and borrows (JSON) or owns in that arena (YAML, and strings that had escapes) its text.
 */
#pragma once
#include "base/arena.h"
#include "base/text.h"

enum cell_type {
    CELL_NULL,
    CELL_BOOLEAN,
    CELL_INTEGER, /* written without fraction or exponent, fits int64_t */
    CELL_NUMBER,  /* every other number, kept as its text */
    CELL_STRING,
    CELL_ARRAY,
    CELL_OBJECT,
    CELL_TYPE_COUNT
};

enum cell_flags {
    CELL_ASCII = 1,    /* a string: all its bytes are ASCII */
    CELL_ESCAPED = 2,  /* a string: had escapes, its bytes are not those of the source */
    CELL_INTEGRAL = 4, /* a number: mathematically an integer (1.0, 1e2, digits beyond 64 bits) */
    CELL_PLAIN = 8,    /* a YAML scalar written without quotes, read as a string */
    CELL_HASHED =
        16, /* a string: `hash` is its name_hash16; the readers of JSON set it for all names */
};

struct cell {
    uint8_t type;  /* enum cell_type */
    uint8_t flags; /* enum cell_flags */
    uint16_t hash; /* of a string with CELL_HASHED */
    uint32_t size; /* bytes of a string, characters of a number, children of an array, members of an
                      object */
    union {
        bool boolean;
        int64_t integer;
        const char *text; /* string or number; no NUL behind it */
        uint32_t end;     /* array or object */
    };
};

/* 1-based line and column (in code points); byte is 0-based. */
struct position {
    uint32_t line;
    uint32_t column;
    size_t byte;
};
struct range {
    struct position start, end; /* end is one past the last character */
};

struct document {
    const struct cell *cells;
    uint32_t count;
    struct text source; /* the bytes it was read from */
    struct text file;   /* for messages, relative to the configuration folder; may be empty */
    const struct range *marks; /* YAML: where each cell was written; NULL for JSON: found again by
                                  scanning */
};

/* A document that is one string: a text as the file of that name has it, from its first line on. It
 * borrows both, and is in the arena. */
struct document *document_of_text(struct text text, struct text file, struct arena *arena);

/* The name of a type as users know it: "null", "boolean", "integer", "number", "string", "array",
 * "object". */
const char *cell_type_name(enum cell_type type);

static inline const struct cell *document_cell(const struct document *document, uint32_t at)
{
    return &document->cells[at];
}
/* Index of the cell after this one and all its descendants. */
static inline uint32_t document_next(const struct document *document, uint32_t at)
{
    const struct cell *cell = &document->cells[at];

    return cell->type >= CELL_ARRAY ? cell->end : at + 1;
}
static inline struct text cell_text(const struct cell *cell)
{
    return (struct text){cell->text, cell->size};
}
static inline struct text document_text(const struct document *document, uint32_t at)
{
    return cell_text(&document->cells[at]);
}

/* 16 bits to tell names apart before their bytes are compared: made of the length, the first 8
 * bytes and the last 8, by fixed multipliers, so tables of an author's names may be built on it
 * ahead. Not for tables over names that a caller chooses without a bound on what shares a hash. */
static inline uint16_t name_hash16_of(uint64_t head, uint64_t tail, size_t len)
{
    return (uint16_t)(((head ^ len) * 0x9E3779B97F4A7C15u + tail * 0xC2B2AE3D27D4EB4Fu) >> 48);
}
static inline uint16_t name_hash16(struct text name)
{
    uint64_t head = 0, tail = 0;
    uint32_t low, high;

    if (name.len >= 8) {
        memcpy(&head, name.at, 8);
        memcpy(&tail, name.at + name.len - 8, 8);
        return name_hash16_of(head, tail, name.len);
    }
    if (name.len >= 4) {
        memcpy(&low, name.at, 4);
        memcpy(&high, name.at + name.len - 4, 4);
        head = low | (uint64_t)high << (8 * (name.len - 4));
    } else if (name.len > 0) {
        head = (unsigned char)name.at[0];
        head |= (uint64_t)(unsigned char)name.at[name.len / 2] << (8 * (name.len / 2));
        head |= (uint64_t)(unsigned char)name.at[name.len - 1] << (8 * (name.len - 1));
    }
    return name_hash16_of(head, head, name.len);
}

/* Gives a name its hash. */
static inline void cell_hash_name(struct cell *name)
{
    name->hash = name_hash16(cell_text(name));
    name->flags |= CELL_HASHED;
}

/* No cell: what the find functions return when there is nothing. */
#define CELL_NONE UINT32_MAX
/* The value of an object's member, or CELL_NONE; also when `object` is no object. */
uint32_t document_member(const struct document *document, uint32_t object, struct text name);
/* Follows an RFC 6901 JSON Pointer ("" is `from` itself); CELL_NONE when it leads nowhere. */
uint32_t document_at(const struct document *document, uint32_t from, struct text pointer);
/* The JSON Pointer of a cell ("" for the root); for a key cell, that of its member. */
struct text document_pointer(const struct document *document, uint32_t at, struct arena *arena);
/* The nearest double of an integer or number cell. */
double document_double(const struct cell *cell);
/* Where a cell was written. */
struct range document_range(const struct document *document, uint32_t at);
/* Where `count` cells begin, given in ascending order, in one scan; line 0 where there is no text.
 */
void document_positions(const struct document *document, const uint32_t *cells, size_t count,
                        struct position *out);
/* Where `len` bytes from byte `offset` of a string cell's *value* were written: exact for scalars
 * without escapes and for YAML block scalars, else the range of the whole cell. */
struct range document_range_inside(const struct document *document, uint32_t at, size_t offset,
                                   size_t len);
/* Whether two subtrees are equal as JSON Schema means it: numbers by value, objects without order.
 * Linear but for objects, whose members are looked up. Nesting is bounded by the readers. */
bool document_equal(const struct document *a, uint32_t a_at, const struct document *b,
                    uint32_t b_at);
/* Exact comparison of two numbers (integer or number cells): negative, zero or positive. */
int cell_compare_numbers(const struct cell *a, const struct cell *b);
