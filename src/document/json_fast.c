/* The tokens are found beforehand (json_index.c), so the end of a string is known when its start
 * is, and what is left is the grammar: one loop, a value and what follows it at a time. Nothing is
 * said about mistakes here. No read goes beyond the text: it ends with a closing bracket, at which
 * every run of digits stops, and words of eight bytes are read only where as many are left.
 *
 * Names are told apart by bits of their hashes; only where those of two meet, which is the rule in
 * large objects alone, are an object's names looked at once more when it closes. */
#include "document/json_fast.h"

#include "document/json_token.h"
#include "document/names.h"
#include "document/utf8.h"

#define INLINE              inline __attribute__((always_inline))
#define LITTLE_ENDIAN_WORDS (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)

enum {
    DEPTH_COMMON = 128, /* what nests deeper is left to the plain reader */
    SEEN_WORDS = 8,
};

struct frame {
    uint32_t cell;
    uint32_t size;
    char closing;
    bool look_again;           /* two of its names may be one */
    uint64_t seen[SEEN_WORDS]; /* of its names' hashes */
};

struct fast {
    struct json_index index;
    struct text text;
    struct arena *arena;
    struct json_limits limits;
    struct cell *cells;
    uint32_t count, room;
    struct frame frames[DEPTH_COMMON + 1]; /* the first is around the root */
};

/* What changes with every value, and the text. A copy is handed on, so that it stays in registers.
 */
struct cursor {
    const uint32_t *token, *limit; /* up to `limit` a look INDEX_AHEAD tokens ahead is allowed */
    struct cell *cell;             /* the next one; there is room for one for every token */
    const char *text, *end;
};

static inline uint64_t load64(const char *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof word);
    return word;
}

/* All of a cell but its value. */
static INLINE void put_cell(struct cell *cell, enum cell_type type, unsigned flags, uint16_t hash,
                            size_t size)
{
#if LITTLE_ENDIAN_WORDS
    uint64_t word = (uint64_t)type | flags << 8 | (uint64_t)hash << 16 | (uint64_t)size << 32;

    memcpy(cell, &word, sizeof word);
#else
    cell->type = (uint8_t)type;
    cell->flags = (uint8_t)flags;
    cell->hash = hash;
    cell->size = (uint32_t)size;
#endif
}

/* Room for a cell for every token that is indexed; what the rest will need is guessed from them. */
static bool make_room(struct fast *f)
{
    size_t left = f->text.len - f->index.done;
    uint64_t cells = f->text.len / 2 < f->limits.nodes ? f->text.len / 2 : f->limits.nodes;
    uint64_t most = cells + INDEX_PIECE + 2 * INDEX_AHEAD; /* a cell takes at least two bytes */
    uint64_t need = (uint64_t)f->count + f->index.count, room;

    if (f->count > f->limits.nodes)
        return false;
    if (need <= f->room)
        return true;
    room = need + left * f->index.count / (f->index.done - f->index.piece) * 5 / 8;
    if (room < (uint64_t)f->room * 2)
        room = (uint64_t)f->room * 2;
    if (room > most)
        room = most;
    f->cells = arena_grow(f->arena, f->cells, f->count * sizeof *f->cells,
                          (size_t)room * sizeof *f->cells);
    f->room = (uint32_t)room;
    return true;
}

/* Indexes on; a cursor without a token when there is nothing more or it is wrong. */
static __attribute__((noinline)) struct cursor more(struct fast *f, struct cursor cursor)
{
    struct json_index *index = &f->index;

    f->count = (uint32_t)(cursor.cell - f->cells);
    if (!json_index_more(index, (uint32_t)(cursor.token - index->at)) || !make_room(f))
        return (struct cursor){0};
    cursor.token = index->at;
    cursor.limit = index->at + index->count - (index->finished ? 0 : INDEX_AHEAD);
    cursor.cell = f->cells + f->count;
    return cursor;
}

/* A string that has escapes, or one that ended before the piece that is indexed. */
static __attribute__((noinline)) bool put_uncommon(struct fast *f, struct cell *cell,
                                                   const char *start, const char *stop)
{
    struct text text = text_between(start, stop);
    bool ascii = utf8_is_ascii(text);

    if (memchr(start, '\\', text.len) != NULL)
        return json_decode_string(start, stop, ascii, f->arena, cell);
    put_cell(cell, CELL_STRING, ascii ? CELL_ASCII : 0, 0, text.len);
    cell->text = start;
    return true;
}

/* name_hash16 by two loads, where eight bytes may be read. */
static INLINE uint16_t hash_of_name(const char *at, size_t len, const char *end)
{
#if LITTLE_ENDIAN_WORDS
    if (__builtin_expect(end - at >= 8, 1)) {
        uint64_t head = load64(at);
        uint64_t tail = load64(len >= 8 ? at + len - 8 : at);
        uint64_t mask = len >= 8 ? UINT64_MAX : ~(UINT64_MAX << (len * 8));

        return name_hash16_of(head & mask, tail & mask, len);
    }
#endif
    return name_hash16((struct text){at, len});
}

/* Whether a bit for the byte `at` of the piece is set. */
static INLINE unsigned bit_at(const uint64_t *masks, size_t at)
{
    return (unsigned)(masks[at / 64] >> (at % 64)) & 1;
}

/* The string whose quotation marks are the next two tokens; a name, for which there is a place for
 * its hash, is hashed. */
static INLINE bool put_string(struct fast *f, struct cursor c, uint16_t *out_hash)
{
    const char *start = c.text + c.token[0] + 1, *stop = c.text + c.token[1];
    size_t closing = c.token[1] - f->index.piece, len = (size_t)(stop - start);
    unsigned flags;
    uint16_t hash = 0;

    if (__builtin_expect(closing >= INDEX_PIECE || bit_at(f->index.escapes, closing), 0)) {
        if (!put_uncommon(f, c.cell, start, stop))
            return false;
        if (out_hash != NULL) {
            cell_hash_name(c.cell);
            *out_hash = c.cell->hash;
        }
        return true;
    }
    flags = CELL_ASCII & (bit_at(f->index.high, closing) - 1);
    if (out_hash != NULL) {
        *out_hash = hash = hash_of_name(start, len, c.end);
        flags |= CELL_HASHED;
    }
    put_cell(c.cell, CELL_STRING, flags, hash, len);
    c.cell->text = start;
    return true;
}

/* Notes a member's name: two bits of a word that its hash chooses. Where both were set, by one name
 * or by two, it may have been there before. */
static INLINE void note_name(struct frame *frame, uint16_t hash)
{
    uint64_t *word = &frame->seen[hash / 8192];
    uint64_t bits = (uint64_t)1 << (hash % 64) | (uint64_t)1 << (hash / 64 % 64);

    frame->look_again |= (*word & bits) == bits;
    *word |= bits;
}

/* How many of the eight bytes are digits, from the first on; *word becomes their values. */
static INLINE unsigned leading_digits(uint64_t *word)
{
    uint64_t values = *word ^ 0x3030303030303030u;
    uint64_t others = ((values + 0x7676767676767676u) | values) & 0x8080808080808080u;

    *word = values;
    return others != 0 ? (unsigned)__builtin_ctzll(others) / 8 : 8;
}

/* The number that eight digits are, the most significant in the lowest byte. */
static INLINE uint64_t number_of(uint64_t digits)
{
    const uint64_t pairs = 0x000000FF000000FFu;

    digits = digits * 10 + (digits >> 8);
    return ((digits & pairs) * (100 + ((uint64_t)1000000 << 32)) +
            ((digits >> 16) & pairs) * (1 + ((uint64_t)10000 << 32))) >>
           32;
}

static INLINE bool is_blank(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

/* Whether a number or word may end at `at`: the next token starts there or something blank does. */
static INLINE bool ends_value(struct cursor c, const char *at)
{
    return at == c.text + c.token[1] || is_blank(*at);
}

static __attribute__((noinline)) bool put_uncommon_number(struct fast *f, struct cursor c)
{
    struct json_problem ignored;
    const char *at = c.text + *c.token;

    put_cell(c.cell, CELL_NUMBER, 0, 0, 0);
    at = json_read_number(at, c.end, f->limits.digits, c.cell, &ignored);
    return at != NULL && at < c.end && ends_value(c, at);
}

/* The end of the digits behind a decimal point; `at` itself when there are none or the end of the
 * text is near. */
static INLINE const char *fraction_end(const char *at, const char *end)
{
    const char *start = at;
    unsigned digits;

    do {
        uint64_t word;

        if (end - at < 8)
            return start;
        word = load64(at);
        digits = leading_digits(&word);
        at += digits;
    } while (digits == 8);
    return at;
}

/* The common numbers: integers of at most eight digits, with a fraction or without. One whose
 * fraction ends in 0 may be an integer all the same and is left to the general way. */
static INLINE bool put_number(struct fast *f, struct cursor c)
{
#if LITTLE_ENDIAN_WORDS
    const char *start = c.text + *c.token, *at = start + (*start == '-');
    uint64_t word;
    unsigned digits;

    if (__builtin_expect(c.end - at < 16, 0))
        return put_uncommon_number(f, c);
    word = load64(at);
    digits = leading_digits(&word);
    if (digits == 0 || (digits > 1 && *at == '0') || f->limits.digits < 40)
        return put_uncommon_number(f, c);
    at += digits;
    if (ends_value(c, at)) {
        int64_t value = (int64_t)number_of(word << (64 - 8 * digits));

        put_cell(c.cell, CELL_INTEGER, CELL_INTEGRAL, 0, (size_t)(at - start));
        c.cell->integer = *start == '-' ? -value : value;
        return true;
    }
    if (*at == '.') {
        at = fraction_end(at + 1, c.end);
        if (at - start <= 40 && at[-1] != '0' && at[-1] != '.' && ends_value(c, at)) {
            put_cell(c.cell, CELL_NUMBER, 0, 0, (size_t)(at - start));
            c.cell->text = start;
            return true;
        }
    }
#endif
    return put_uncommon_number(f, c);
}

static INLINE bool put_word(struct cursor c, char first)
{
    const char *at = c.text + *c.token;
    size_t len = first == 'f' ? 5 : 4;

    if ((size_t)(c.end - at) <= len || !ends_value(c, at + len))
        return false;
    put_cell(c.cell, first == 'n' ? CELL_NULL : CELL_BOOLEAN, 0, 0, 0);
    c.cell->integer = 0;
    c.cell->boolean = first == 't';
    return memcmp(at + len - 4, first == 'n' ? "null" : first == 't' ? "true" : "alse", 4) == 0;
}

static INLINE void open_container(struct frame *frame, char byte, uint32_t cell)
{
    frame->cell = cell;
    frame->size = 0;
    frame->closing = (char)(byte + 2);
    frame->look_again = false;
    if (byte == '{')
        memset(frame->seen, 0, sizeof frame->seen);
}

/* Closes the frame's container; false when it has two members of one name. */
static INLINE bool close_container(struct fast *f, const struct frame *frame, uint32_t count)
{
    struct cell *cell = &f->cells[frame->cell];

    put_cell(cell, frame->closing == '}' ? CELL_OBJECT : CELL_ARRAY, 0, 0, frame->size);
    cell->integer = 0;
    cell->end = count;
    return __builtin_expect(!frame->look_again, 1) || f->limits.allow_duplicate_names ||
           names_duplicate(f->cells, frame->cell) == CELL_NONE;
}

static INLINE bool read_tokens(struct fast *f, struct cursor c)
{
    uint32_t depth = f->limits.depth < DEPTH_COMMON ? f->limits.depth : DEPTH_COMMON;
    struct frame *frame = f->frames, *deepest = f->frames + depth;
    uint16_t hash;
    char byte;

item:
    if (__builtin_expect(c.token > c.limit, 0) && (c = more(f, c)).token == NULL)
        return false;
value:
    byte = c.text[*c.token];
    if (byte == '"') {
        if (!put_string(f, c, NULL))
            return false;
        c.token += 2;
        c.cell++;
    } else if (byte == '{' || byte == '[') {
        if (frame == deepest)
            return false;
        open_container(++frame, byte, (uint32_t)(c.cell - f->cells));
        c.cell++;
        c.token++;
        if (c.text[*c.token] == frame->closing) {
            c.token++;
            goto close;
        }
        if (byte == '{')
            goto name;
        goto item;
    } else {
        if (byte == 't' || byte == 'f' || byte == 'n' ? !put_word(c, byte) : !put_number(f, c))
            return false;
        c.token++;
        c.cell++;
    }
following:
    byte = c.text[*c.token++];
    frame->size++;
    if (byte == ',') {
        if (frame->closing == ']')
            goto item;
        goto name;
    }
    if (byte != frame->closing)
        return false;
close:
    if (!close_container(f, frame, (uint32_t)(c.cell - f->cells)))
        return false;
    if (--frame == f->frames) {
        f->count = (uint32_t)(c.cell - f->cells);
        return f->index.finished && c.token == f->index.at + f->index.count;
    }
    if (__builtin_expect(c.token > c.limit, 0) && (c = more(f, c)).token == NULL)
        return false;
    goto following;
name:
    if (__builtin_expect(c.token > c.limit, 0) && (c = more(f, c)).token == NULL)
        return false;
    if (c.text[c.token[0]] != '"' || c.text[c.token[2]] != ':' || !put_string(f, c, &hash))
        return false;
    note_name(frame, hash);
    c.token += 3;
    c.cell++;
    goto value;
}

static bool read_tokens_anywhere(struct fast *f, struct cursor cursor)
{
    return read_tokens(f, cursor);
}

#ifdef __SSE2__
/* The same with this century's instructions for shifts. */
__attribute__((target("avx2,bmi,bmi2"))) static bool read_tokens_avx2(struct fast *f,
                                                                      struct cursor cursor)
{
    return read_tokens(f, cursor);
}
#endif

bool json_read_fast(struct text text, const struct json_limits *limits, enum json_engine engine,
                    struct arena *arena, struct document *out)
{
    struct text trimmed = text;
    bool read;
    struct cursor cursor;
    struct fast f __attribute__((uninitialized)); /* large, and mostly not used */

    while (trimmed.len > 0 && is_blank(trimmed.at[trimmed.len - 1]))
        trimmed.len--;
    if (trimmed.len < 2 || (trimmed.at[trimmed.len - 1] | 0x20) != '}' ||
        utf8_valid(trimmed) < trimmed.len)
        return false;
    f.text = trimmed;
    f.arena = arena;
    f.limits = *limits;
    f.cells = NULL;
    f.count = f.room = 0;
    json_index_init(&f.index, trimmed, engine);
    cursor = more(
        &f, (struct cursor){.token = f.index.at, .text = text.at, .end = text.at + trimmed.len});
    if (cursor.token == NULL || f.index.count == 0 || (text.at[*cursor.token] | 0x20) != '{')
        return false;
#ifdef __SSE2__
    if (engine >= JSON_AVX2)
        read = read_tokens_avx2(&f, cursor);
    else
#endif
        read = read_tokens_anywhere(&f, cursor);
    if (!read || f.count > limits->nodes)
        return false;
    *out = (struct document){.cells = f.cells, .count = f.count, .source = text};
    return true;
}
