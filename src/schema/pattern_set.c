/* Sets of code points: ranges as they are written, classes spelled out because ECMAScript's \d and
 * \w are ASCII and its \s is not what the library's is, and properties by their library names. */
#include "schema/pattern_set.h"

#include <stdlib.h>

void code_set_add(struct code_set *set, struct arena *arena, uint32_t first, uint32_t last)
{
    if (set->count == set->room) {
        size_t room = set->room ? set->room * 2 : 4;

        set->ranges = arena_grow(arena, set->ranges, set->room * sizeof *set->ranges,
                                 room * sizeof *set->ranges);
        set->room = room;
    }
    set->ranges[set->count++] = (struct code_range){first, last};
}

static const struct code_range digit_ranges[] = {{'0', '9'}};
static const struct code_range word_ranges[] = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
/* ECMA-262 WhiteSpace and LineTerminator, in order. */
static const struct code_range space_ranges[] = {
    {0x09, 0x0D},     {0x20, 0x20},     {0xA0, 0xA0},     {0x1680, 0x1680}, {0x2000, 0x200A},
    {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF},
};

void code_set_add_ranges(struct code_set *set, struct arena *arena, struct code_ranges ranges,
                         bool negated)
{
    uint32_t next = 0;

    for (size_t i = 0; i < ranges.count; i++) {
        if (!negated)
            code_set_add(set, arena, ranges.at[i].first, ranges.at[i].last);
        else if (ranges.at[i].first > next)
            code_set_add(set, arena, next, ranges.at[i].first - 1);
        next = ranges.at[i].last + 1;
    }
    if (negated && next <= CODE_POINT_MAX)
        code_set_add(set, arena, next, CODE_POINT_MAX);
}

#define RANGES_OF(array)                                                                           \
    (struct code_ranges)                                                                           \
    {                                                                                              \
        array, sizeof(array) / sizeof *(array)                                                     \
    }

void code_set_add_class(struct code_set *set, struct arena *arena, char letter)
{
    bool negated = letter >= 'A' && letter <= 'Z';

    switch (letter | 0x20) {
    case 'd':
        code_set_add_ranges(set, arena, RANGES_OF(digit_ranges), negated);
        break;
    case 'w':
        code_set_add_ranges(set, arena, RANGES_OF(word_ranges), negated);
        break;
    default:
        code_set_add_ranges(set, arena, RANGES_OF(space_ranges), negated);
        break;
    }
}

/* --- all of a set, as ranges --- */

static int compare_ranges(const void *a, const void *b)
{
    const struct code_range *left = a, *right = b;

    return left->first < right->first ? -1 : left->first > right->first;
}

/* In order, with what touches or overlaps joined. */
static size_t join(struct code_range *ranges, size_t count)
{
    size_t joined = 0;

    if (count > 1)
        qsort(ranges, count, sizeof *ranges, compare_ranges);
    for (size_t i = 0; i < count; i++) {
        if (joined > 0 && ranges[i].first <= ranges[joined - 1].last + 1) {
            if (ranges[i].last > ranges[joined - 1].last)
                ranges[joined - 1].last = ranges[i].last;
        } else {
            ranges[joined++] = ranges[i];
        }
    }
    return joined;
}

/* A text has no surrogates, so nothing depends on whether they are in a set. */
static void add_without_surrogates(struct code_set *set, struct arena *arena,
                                   struct code_range range)
{
    if (range.first < SURROGATES_FIRST && range.last >= SURROGATES_FIRST)
        code_set_add(set, arena, range.first, SURROGATES_FIRST - 1);
    if (range.first <= SURROGATES_LAST && range.last > SURROGATES_LAST)
        code_set_add(set, arena, SURROGATES_LAST + 1, range.last);
    if (range.last < SURROGATES_FIRST || range.first > SURROGATES_LAST)
        code_set_add(set, arena, range.first, range.last);
}

struct code_ranges code_set_ranges(const struct code_set *set, struct arena *arena)
{
    struct code_set all = {0}, outside = {0}, plain = {0};

    for (size_t i = 0; i < set->count; i++)
        code_set_add(&all, arena, set->ranges[i].first, set->ranges[i].last);
    for (const struct code_property *property = set->properties; property != NULL;
         property = property->next) {
        struct code_ranges ranges;

        if (property_find(property->name, &ranges))
            code_set_add_ranges(&all, arena, ranges, property->negated);
    }
    all.count = join(all.ranges, all.count);
    if (set->negated)
        code_set_add_ranges(&outside, arena, (struct code_ranges){all.ranges, all.count}, true);
    for (size_t i = 0; i < (set->negated ? outside.count : all.count); i++)
        add_without_surrogates(&plain, arena, set->negated ? outside.ranges[i] : all.ranges[i]);
    return (struct code_ranges){plain.ranges, plain.count};
}
