/* guard/fold_table.h
 * Private to fold.c: how each code point beyond ASCII is read. Made by tools/fold-table. */
#pragma once
#include <stdint.h>

enum {
    FOLD_END = 0x20000, /* what is above is read as itself */
    FOLD_PAGE = 64,
    FOLD_SAME = 0,      /* read as itself */
    FOLD_GONE = 0xFFFF, /* not seen: read as nothing */
    FOLD_MANY = 0xD800, /* up to FOLD_MANY + 0x7FF: as several, a row of fold_many */
    FOLD_MANY_MAX = 4   /* zeroes behind the last */
};
extern const uint16_t fold_index[FOLD_END / FOLD_PAGE];
extern const uint16_t fold_pages[][FOLD_PAGE];
extern const uint16_t fold_many[][FOLD_MANY_MAX];
/* Two bits each: 0 stands in no word, 1 is a letter, 2 a letter that is a word of its own. */
extern const uint16_t fold_kind_index[FOLD_END / FOLD_PAGE];
extern const uint8_t fold_kind_pages[][FOLD_PAGE / 4];
