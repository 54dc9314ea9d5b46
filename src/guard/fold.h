/* guard/fold.h
 * How guardrails read characters, so that one written another way is the same one: compatibility
 * forms (full width, mathematical, enclosed, ligatures) as plain letters, digits of every script as
 * ASCII digits, dashes as '-', spaces as ' ', letters without accents; what is not seen (zero
 * width, soft hyphens, combining marks) as nothing. Case is kept in ASCII and lost beyond it.
 *
 * What a guardrail reads is never what is sent on: only places are taken from it. */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { FOLDED_MAX = 4 };

/* What a code point is read as: 0 to FOLDED_MAX others. */
size_t fold_point(uint32_t point, uint32_t out[FOLDED_MAX]);

enum fold_kind {
    FOLD_NONE,   /* stands between words */
    FOLD_LETTER, /* of a word */
    FOLD_DIGIT,
    FOLD_ALONE /* a letter of a script that does not part words: one of its own */
};
/* Of one that was read. */
enum fold_kind fold_kind(uint32_t folded);
/* ASCII in lower case; the rest is. */
static inline uint32_t fold_lower(uint32_t folded)
{
    return folded - 'A' < 26 ? folded | 0x20 : folded;
}
/* The Latin letter that a Greek or Cyrillic one, in lower case, looks like, or itself. */
uint32_t fold_look(uint32_t folded);
