/* document/json_index.h
 * Private to document: where the tokens of a JSON text stand, found 64 bytes at a time without
 * looking at the grammar. A token is a quotation mark that opens or closes a string, a structural
 * character outside strings, or the first byte of anything else outside strings (a number, a word,
 * or what does not belong there). The text is indexed in pieces, so that the index has one size
 * however long the text is. */
#pragma once
#include "document/document.h"

enum {
    INDEX_PIECE = 4096, /* bytes of the text at a time */
    INDEX_AHEAD = 8,    /* tokens that a look ahead may take for granted */
};

/* Which bytes of 64 are what, the first in the lowest bit. `structural` may have control characters
 * too; they are found out when the byte is looked at. */
struct json_block {
    uint64_t quote, backslash, control, blank, structural, high;
};

/* How blocks are classified. All give the same masks. JSON_PLAIN: not at all. */
enum json_engine { JSON_PLAIN, JSON_PORTABLE, JSON_SSE2, JSON_AVX2, JSON_AVX512 };

struct json_index {
    struct text text;                    /* borrowed; its last byte is a closing bracket */
    size_t done;                         /* bytes indexed so far, a multiple of 64 but at the end */
    uint64_t in_string; /* carried from block to block: all bits or none */
    uint64_t escaped, scalar, high_carried, escape_carried; /* likewise, 1 or 0 */
    enum json_engine engine;
    bool wrong; /* a control character in a string, or a string that is not closed */
    bool finished;
    uint32_t count; /* of `at` */
    size_t piece;   /* where the piece starts that `high` and `escapes` are about */
    uint32_t at[INDEX_AHEAD + INDEX_PIECE + 64]; /* whole blocks may be written */
    /* A bit for every byte of the piece; those of closing quotation marks say whether the string
     * has bytes beyond ASCII and whether it has escapes. */
    uint64_t high[INDEX_PIECE / 64], escapes[INDEX_PIECE / 64];
};

/* The best engine this processor has. */
enum json_engine json_engine_best(void);
/* `text` is not empty, at most 2 GiB, and ends with a closing bracket. Nothing is indexed yet. */
void json_index_init(struct json_index *index, struct text text, enum json_engine engine);
/* Drops the first `taken` tokens and indexes on until INDEX_AHEAD more are there or the text ends,
 * where as many stand in that point to its last byte and do not count. False when the text has
 * ended before, or something is wrong with a string. */
bool json_index_more(struct json_index *index, uint32_t taken);
