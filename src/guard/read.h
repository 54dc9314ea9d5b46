/* guard/read.h
 * Private to guard: reading a text character by character as fold.h means it, and word by word.
 *
 * The text may still be arriving. Whoever reads to its end before it has ended finds view->cut set,
 * and what it then decided may turn out otherwise: it is to be asked again when more has come. A
 * decision that did not need the end stands, so however a text is cut into pieces it is read alike.
 *
 * In JSON text, escapes are read as what they mean, and a quote ends a reading as the end of a text
 * does: nothing is found across two strings. */
#pragma once
#include "base/text.h"
#include "guard/fold.h"

struct guard_view {
    struct text text; /* what is there of it; from some earlier byte on */
    bool ended;       /* nothing follows */
    bool json;
    bool cut; /* the end was needed, and has not come */
};

enum {
    GUARD_END = 0x110000,
    GUARD_BROKEN = 0xFFFD,     /* what is no character, or the last of too many unseen ones */
    GUARD_UNSEEN_MAX = 64,     /* of which so many in a row are read as nothing */
    GUARD_WORD_BYTES_MAX = 512 /* a longer run is several words, without anything between */
};

struct guard_cursor {
    struct guard_view *view;
    size_t at; /* byte behind what was taken last */
    uint8_t used, count;
    uint32_t many[FOLDED_MAX];
};

static inline struct guard_cursor guard_cursor(struct guard_view *view, size_t at)
{
    return (struct guard_cursor){.view = view, .at = at};
}
/* The slow half of guard_take. */
uint32_t guard_take_more(struct guard_cursor *cursor);
/* The next character as it is read, or GUARD_END, of which there is more than one. */
static inline uint32_t guard_take(struct guard_cursor *cursor)
{
    const struct guard_view *view = cursor->view;

    if (cursor->used == cursor->count && cursor->at < view->text.len) {
        unsigned char byte = (unsigned char)view->text.at[cursor->at];

        if (byte < 0x80 && byte != '\\' && byte != '"') {
            cursor->at++;
            return byte;
        }
    }
    return guard_take_more(cursor);
}
/* What guard_take would give. */
static inline uint32_t guard_peek(const struct guard_cursor *cursor)
{
    struct guard_cursor copy = *cursor;

    return guard_take(&copy);
}
/* One code point as it was written, not folded: its bytes, or 0 at the end or a quote of JSON. */
size_t guard_point(struct guard_view *view, size_t at, uint32_t *out_point);

enum guard_word_flags {
    WORD_DIGITS = 1,
    WORD_LETTERS = 2,
    WORD_UPPER = 4,   /* has an ASCII capital */
    WORD_FOREIGN = 8, /* has a letter beyond ASCII */
    WORD_ALONE = 16   /* is one letter of a script that does not part words */
};
/* A longest run of letters and digits; but digits are parted from letters beyond ASCII. */
struct guard_word {
    size_t start, end;
    uint64_t hash;        /* in lower case */
    uint64_t look;        /* likewise, if letters of other scripts are those that they look like */
    uint32_t first, next; /* its first character, and what follows it */
    uint32_t chars;
    unsigned flags;
};
#define GUARD_HASH_START UINT64_C(0xCBF29CE484222325)
static inline uint64_t guard_hash_more(uint64_t hash, uint32_t lower)
{
    return (hash ^ lower) * UINT64_C(0x9FB21C651E98DF25);
}
/* Of a byte of ASCII that stands in words, its flags and, below them, itself in lower case; else 0.
 */
extern const uint16_t guard_ascii[0x100];
/* The bytes of the word in ASCII that a text begins with, what it has of flags, and its hash. */
static inline size_t guard_plain_word(struct text text, unsigned *out_flags, uint64_t *out_hash)
{
    size_t most = text.len < GUARD_WORD_BYTES_MAX ? text.len : GUARD_WORD_BYTES_MAX, len = 0;
    uint64_t hash = GUARD_HASH_START;
    unsigned all = 0;

    for (; len < most; len++) {
        unsigned is = guard_ascii[(unsigned char)text.at[len]];

        if (is == 0)
            break;
        all |= is;
        hash = guard_hash_more(hash, is & 0xFF);
    }
    *out_flags = all >> 8;
    *out_hash = hash;
    return len;
}
/* Reads the word that begins at byte `at`; false when none begins there: then `first` is what
 * stands there and `end` is behind it, and both are GUARD_END and `at` at the end or a quote. */
bool guard_word_at(struct guard_view *view, size_t at, struct guard_word *out);
/* Goes over at most `most` characters that stand between words to where the next one begins; false
 * when there is none. */
bool guard_next_word(struct guard_view *view, size_t at, unsigned most, struct guard_word *out);
/* The hash that a word of this text has; the text is one word. */
uint64_t guard_hash(const char *word);

static inline bool guard_is_alnum(uint32_t folded)
{
    return folded - '0' < 10 || fold_lower(folded) - 'a' < 26;
}
