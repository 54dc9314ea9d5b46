#include "guard/read.h"

#include "document/utf8.h"

/* --- characters ----------------------------------------------------------------------------------
 */

static bool hex_value(struct text digits, uint32_t *out)
{
    *out = 0;
    for (size_t i = 0; i < digits.len; i++) {
        uint32_t byte = (unsigned char)digits.at[i], lower = byte | 0x20;

        if (byte - '0' < 10)
            *out = *out << 4 | (byte - '0');
        else if (lower - 'a' < 6)
            *out = *out << 4 | (lower - 'a' + 10);
        else
            return false;
    }
    return true;
}

/* "\u1234", or two of them that are one code point together (RFC 8259 section 7). 0: cut. */
static size_t unicode_escape(struct text rest, uint32_t *out)
{
    uint32_t low;

    *out = GUARD_BROKEN;
    if (!hex_value(text_first(text_after(rest, 2), 4), out))
        return *out = GUARD_BROKEN, 2;
    if (rest.len < 6)
        return 0;
    if (*out < 0xD800 || *out > 0xDFFF)
        return 6;
    if (*out > 0xDBFF || (rest.len > 6 && rest.at[6] != '\\') ||
        (rest.len > 7 && rest.at[7] != 'u')) {
        *out = GUARD_BROKEN;
        return 6;
    }
    if (!hex_value(text_first(text_after(rest, 8), 4), &low))
        return *out = GUARD_BROKEN, 6;
    if (rest.len < 12)
        return 0;
    *out = low >= 0xDC00 && low <= 0xDFFF ? 0x10000 + ((*out - 0xD800) << 10) + (low - 0xDC00)
                                          : GUARD_BROKEN;
    return *out == GUARD_BROKEN ? 6 : 12;
}

static size_t escape(struct text rest, uint32_t *out)
{
    static const char letters[] = "bfnrt", means[] = "\b\f\n\r\t";
    const char *letter;

    if (rest.len < 2)
        return 0;
    if (rest.at[1] == 'u')
        return unicode_escape(rest, out);
    letter = rest.at[1] != '\0' ? strchr(letters, rest.at[1]) : NULL;
    *out = letter != NULL ? (unsigned char)means[letter - letters] : (unsigned char)rest.at[1];
    if (*out < 0x80)
        return 2;
    *out = GUARD_BROKEN;
    return 1;
}

/* How many bytes the sequence has that begins so; 1 where none does. */
static size_t sequence_bytes(unsigned char byte)
{
    return byte >= 0xF0 && byte < 0xF5   ? 4
           : byte >= 0xE0 && byte < 0xF0 ? 3
           : byte >= 0xC2 && byte < 0xE0 ? 2
                                         : 1;
}

size_t guard_point(struct guard_view *view, size_t at, uint32_t *out_point)
{
    struct text rest = text_after(view->text, at);
    size_t bytes = 0;

    *out_point = GUARD_END;
    if (rest.len == 0) {
        view->cut |= !view->ended;
        return 0;
    }
    *out_point = (unsigned char)rest.at[0];
    if (*out_point >= 0x80) {
        if (rest.len >= sequence_bytes((unsigned char)rest.at[0]) &&
            (bytes = utf8_decode(rest, out_point)) == 0)
            *out_point = GUARD_BROKEN, bytes = 1;
    } else if (view->json && *out_point == '\\') {
        bytes = escape(rest, out_point);
    } else if (view->json && *out_point == '"') {
        *out_point = GUARD_END;
        return 0;
    } else {
        bytes = 1;
    }
    if (bytes > 0)
        return bytes;
    view->cut |= !view->ended; /* in the midst of a sequence or an escape */
    *out_point = view->ended ? GUARD_BROKEN : GUARD_END;
    return view->ended ? 1 : 0;
}

uint32_t guard_take_more(struct guard_cursor *cursor)
{
    unsigned unseen = 0;

    while (cursor->used == cursor->count) {
        uint32_t point;
        size_t bytes = guard_point(cursor->view, cursor->at, &point);

        if (bytes == 0)
            return GUARD_END;
        cursor->at += bytes;
        if (point < 0x80)
            return point;
        cursor->used = 0;
        cursor->count = (uint8_t)fold_point(point, cursor->many);
        if (cursor->count == 0 && ++unseen == GUARD_UNSEEN_MAX)
            return GUARD_BROKEN;
    }
    return cursor->many[cursor->used++];
}

/* --- words ---------------------------------------------------------------------------------------
 */

uint64_t guard_hash(const char *word)
{
    uint64_t hash = GUARD_HASH_START;

    while (*word != '\0')
        hash = guard_hash_more(hash, (unsigned char)*word++);
    return hash;
}

#define U(lower) (WORD_LETTERS | WORD_UPPER) << 8 | (lower)
#define L(lower) WORD_LETTERS << 8 | (lower)
#define D(lower) WORD_DIGITS << 8 | (lower)
// clang-format off
const uint16_t guard_ascii[0x100] = {
    ['0'] = D('0'), ['1'] = D('1'), ['2'] = D('2'), ['3'] = D('3'), ['4'] = D('4'),
    ['5'] = D('5'), ['6'] = D('6'), ['7'] = D('7'), ['8'] = D('8'), ['9'] = D('9'),
    ['A'] = U('a'), ['B'] = U('b'), ['C'] = U('c'), ['D'] = U('d'), ['E'] = U('e'),
    ['F'] = U('f'), ['G'] = U('g'), ['H'] = U('h'), ['I'] = U('i'), ['J'] = U('j'),
    ['K'] = U('k'), ['L'] = U('l'), ['M'] = U('m'), ['N'] = U('n'), ['O'] = U('o'),
    ['P'] = U('p'), ['Q'] = U('q'), ['R'] = U('r'), ['S'] = U('s'), ['T'] = U('t'),
    ['U'] = U('u'), ['V'] = U('v'), ['W'] = U('w'), ['X'] = U('x'), ['Y'] = U('y'),
    ['Z'] = U('z'), ['a'] = L('a'), ['b'] = L('b'), ['c'] = L('c'), ['d'] = L('d'),
    ['e'] = L('e'), ['f'] = L('f'), ['g'] = L('g'), ['h'] = L('h'), ['i'] = L('i'),
    ['j'] = L('j'), ['k'] = L('k'), ['l'] = L('l'), ['m'] = L('m'), ['n'] = L('n'),
    ['o'] = L('o'), ['p'] = L('p'), ['q'] = L('q'), ['r'] = L('r'), ['s'] = L('s'),
    ['t'] = L('t'), ['u'] = L('u'), ['v'] = L('v'), ['w'] = L('w'), ['x'] = L('x'),
    ['y'] = L('y'), ['z'] = L('z'),
};
// clang-format on
#undef U
#undef L
#undef D

static unsigned flags_of(uint32_t folded)
{
    if (folded < 0x80)
        return guard_ascii[folded] >> 8;
    if (folded == GUARD_END)
        return 0;
    switch (fold_kind(folded)) {
    case FOLD_LETTER:
        return WORD_LETTERS | WORD_FOREIGN;
    case FOLD_ALONE:
        return WORD_LETTERS | WORD_FOREIGN | WORD_ALONE;
    default:
        return 0;
    }
}

/* Whether a character with these flags goes on with a word that has those so far. */
static bool goes_on(unsigned word, unsigned last, unsigned flags)
{
    if (flags == 0 || ((word | flags) & WORD_ALONE) != 0)
        return false;
    return !((last & WORD_DIGITS && flags & WORD_FOREIGN) ||
             (last & WORD_FOREIGN && flags & WORD_DIGITS));
}

static void add_to_word(struct guard_word *word, uint32_t folded, unsigned flags)
{
    uint32_t lower = fold_lower(folded);

    word->hash = guard_hash_more(word->hash, lower);
    word->look = guard_hash_more(word->look, flags & WORD_FOREIGN ? fold_look(lower) : lower);
    word->flags |= flags;
    word->chars++;
}

/* The word from its character `folded`, which the cursor has just taken. */
static void read_word(struct guard_cursor *cursor, uint32_t folded, unsigned flags,
                      struct guard_word *out)
{
    unsigned last = flags;

    add_to_word(out, folded, flags);
    for (;;) {
        struct guard_cursor before = *cursor;

        folded = guard_take(cursor);
        flags = flags_of(folded);
        if (!goes_on(out->flags, last, flags) || before.at - out->start >= GUARD_WORD_BYTES_MAX) {
            *cursor = before;
            break;
        }
        add_to_word(out, folded, flags);
        last = flags;
    }
    out->next = folded;
    out->end = cursor->at;
}

/* Most words are ASCII from end to end, followed by ASCII: those are read byte by byte. */
static bool read_plain(struct text rest, struct guard_word *out)
{
    unsigned all = 0;
    size_t i = guard_plain_word(rest, &all, &out->hash);

    if (i == 0 || i == rest.len || (unsigned char)rest.at[i] >= 0x80 || rest.at[i] == '\\' ||
        rest.at[i] == '"')
        return false;
    out->look = out->hash;
    out->flags = all;
    out->chars = (uint32_t)i;
    out->first = (unsigned char)rest.at[0];
    out->next = (unsigned char)rest.at[i];
    out->end = out->start + i;
    return true;
}

bool guard_word_at(struct guard_view *view, size_t at, struct guard_word *out)
{
    struct guard_cursor cursor = guard_cursor(view, at);
    unsigned flags;

    *out = (struct guard_word){.start = at, .hash = GUARD_HASH_START, .look = GUARD_HASH_START};
    if (read_plain(text_after(view->text, at), out))
        return true;
    out->hash = GUARD_HASH_START;
    out->first = guard_take(&cursor);
    out->end = cursor.at;
    flags = flags_of(out->first);
    if (flags == 0)
        return false;
    read_word(&cursor, out->first, flags, out);
    return true;
}

bool guard_next_word(struct guard_view *view, size_t at, unsigned most, struct guard_word *out)
{
    for (unsigned i = 0; i <= most; i++) {
        if (guard_word_at(view, at, out))
            return true;
        if (out->first == GUARD_END)
            return false;
        at = out->end;
    }
    return false;
}
