/* Small operations on borrowed bytes. */
#include "base/text.h"

#include "base/random.h"

#include <strings.h>

int text_compare(struct text a, struct text b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared ? memcmp(a.at, b.at, shared) : 0;

    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

bool text_equal_nocase(struct text a, struct text b)
{
    return a.len == b.len && (a.len == 0 || strncasecmp(a.at, b.at, a.len) == 0);
}

bool text_starts(struct text text, struct text prefix)
{
    return text.len >= prefix.len && text_equal(text_first(text, prefix.len), prefix);
}

bool text_ends(struct text text, struct text suffix)
{
    return text.len >= suffix.len && text_equal(text_after(text, text.len - suffix.len), suffix);
}

size_t text_find_byte(struct text text, char byte)
{
    const char *found = text.len ? memchr(text.at, byte, text.len) : NULL;

    return found ? (size_t)(found - text.at) : text.len;
}

size_t text_find(struct text text, struct text needle)
{
    const char *found;

    if (needle.len == 0)
        return 0;
    found = text.len ? memmem(text.at, text.len, needle.at, needle.len) : NULL;
    return found ? (size_t)(found - text.at) : text.len;
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

struct text text_trim(struct text text)
{
    while (text.len > 0 && is_blank(text.at[0]))
        text = text_after(text, 1);
    while (text.len > 0 && is_blank(text.at[text.len - 1]))
        text.len--;
    return text;
}

struct text text_split(struct text *rest, char byte)
{
    size_t at = text_find_byte(*rest, byte);
    struct text head = text_first(*rest, at);

    *rest = text_after(*rest, at + 1);
    return head;
}

bool text_to_u64(struct text text, uint64_t *out_value)
{
    uint64_t value = 0;

    if (text.len == 0)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(text.at[i] - '0'), &value))
            return false;
    }
    *out_value = value;
    return true;
}

struct text text_cut(struct text text, size_t len)
{
    if (text.len <= len)
        return text;
    while (len > 0 && ((unsigned char)text.at[len] & 0xC0) == 0x80)
        len--;
    return text_first(text, len);
}

struct text text_whole(struct text text)
{
    size_t lead = text.len;

    while (lead > 0 && text.len - lead < 4) {
        unsigned char byte = (unsigned char)text.at[--lead];

        if ((byte & 0xC0) == 0x80)
            continue;
        if (byte >= 0xC0 && text.len - lead < (size_t)(byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2))
            text.len = lead;
        break;
    }
    return text;
}

enum { EDITS_MAX = 64 };

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;

    return least < c ? least : c;
}

size_t text_edits(struct text a, struct text b)
{
    /* Optimal string alignment, three rows at a time. */
    size_t rows[3][EDITS_MAX + 1] __attribute__((uninitialized));

    if (a.len > EDITS_MAX || b.len > EDITS_MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];

        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t change = a.at[i - 1] != b.at[j - 1];

            row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + change);
            if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1] &&
                two_above[j - 2] + 1 < row[j])
                row[j] = two_above[j - 2] + 1;
        }
    }
    return rows[a.len % 3][b.len];
}

static const uint64_t hash_odd = 0x9E3779B97F4A7C15u;

static inline uint64_t load(const char *at, size_t bytes)
{
    uint64_t word = 0;

    memcpy(&word, at, bytes);
    return word;
}

/* Multiplies and folds. */
static inline uint64_t fold(uint64_t hash, uint64_t word)
{
    __uint128_t product = (__uint128_t)(hash ^ word) * hash_odd;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* All bytes of a text of 1 to 7 in one word, some of them twice: with its length, another word for
 * each. */
static inline uint64_t load_short(const char *at, size_t len)
{
    if (len >= 4)
        return load(at, 4) << 32 | load(at + len - 4, 4);
    return load(at, 1) << 16 | load(at + len / 2, 1) << 8 | load(at + len - 1, 1);
}

/* Eight bytes at a time, the last eight again where they do not come out even, from a secret seed. */
uint64_t text_hash(struct text text)
{
    uint64_t hash = random_process_seed() ^ (text.len * hash_odd);
    size_t at = 0;

    for (; text.len - at >= 8; at += 8)
        hash = fold(hash, load(text.at + at, 8));
    if (at < text.len)
        hash = fold(hash, at > 0 ? load(text.at + text.len - 8, 8) : load_short(text.at, text.len));
    hash = (hash ^ (hash >> 32)) * hash_odd;
    return hash ^ (hash >> 29);
}
