#include "guard/fold.h"

#include "guard/fold_table.h"

_Static_assert((int)FOLDED_MAX == (int)FOLD_MANY_MAX, "a row holds all that one is read as");

/* Above the table: selectors and tags are not seen, ideographs are words of their own. */
static size_t fold_above(uint32_t point, uint32_t out[FOLDED_MAX])
{
    if (point >= 0xE0000 && point <= 0xE0FFF)
        return 0;
    out[0] = point;
    return 1;
}

size_t fold_point(uint32_t point, uint32_t out[FOLDED_MAX])
{
    uint16_t to;
    size_t count = 0;

    if (point >= FOLD_END)
        return fold_above(point, out);
    to = fold_pages[fold_index[point / FOLD_PAGE]][point % FOLD_PAGE];
    if (to == FOLD_GONE)
        return 0;
    if ((to & 0xF800) != FOLD_MANY) {
        out[0] = to == FOLD_SAME ? point : to;
        return 1;
    }
    while (count < FOLDED_MAX && fold_many[to - FOLD_MANY][count] != 0) {
        out[count] = fold_many[to - FOLD_MANY][count];
        count++;
    }
    return count;
}

enum fold_kind fold_kind(uint32_t folded)
{
    if (folded < 0x80)
        return folded - '0' < 10               ? FOLD_DIGIT
               : fold_lower(folded) - 'a' < 26 ? FOLD_LETTER
                                               : FOLD_NONE;
    if (folded >= FOLD_END)
        return folded < 0x40000 ? FOLD_ALONE : FOLD_NONE;
    switch (fold_kind_pages[fold_kind_index[folded / FOLD_PAGE]][folded % FOLD_PAGE / 4] >>
                folded % 4 * 2 &
            3) {
    case 1:
        return FOLD_LETTER;
    case 2:
        return FOLD_ALONE;
    default:
        return FOLD_NONE;
    }
}

uint32_t fold_look(uint32_t folded)
{
    static const struct {
        uint16_t from;
        char to;
    } looks[] = {
        {0x3B1, 'a'}, {0x3B2, 'b'}, {0x3B5, 'e'}, {0x3B7, 'n'}, {0x3B9, 'i'}, {0x3BA, 'k'},
        {0x3BC, 'u'}, {0x3BD, 'v'}, {0x3BF, 'o'}, {0x3C1, 'p'}, {0x3C4, 't'}, {0x3C5, 'u'},
        {0x3C7, 'x'}, {0x3C9, 'w'}, {0x430, 'a'}, {0x432, 'b'}, {0x435, 'e'}, {0x43A, 'k'},
        {0x43C, 'm'}, {0x43D, 'h'}, {0x43E, 'o'}, {0x440, 'p'}, {0x441, 'c'}, {0x442, 't'},
        {0x443, 'y'}, {0x445, 'x'}, {0x455, 's'}, {0x456, 'i'}, {0x458, 'j'}, {0x475, 'v'},
        {0x4BB, 'h'}, {0x4CF, 'l'}, {0x501, 'd'}, {0x51B, 'q'}, {0x51D, 'w'},
    };

    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
        if (looks[i].from == folded)
            return (uint32_t)looks[i].to;
    return folded;
}
