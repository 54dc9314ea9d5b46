/* A string is first scanned for its end, sixteen bytes at a time, noting whether it has escapes or
 * anything beyond ASCII. Most have neither and are done. Bytes beyond ASCII are then checked as
 * UTF-8 where they stand (escapes are ASCII, so they cannot hide inside a sequence), and escapes
 * are decoded into memory of the length they had, which is never too little. */
#include "document/json_token.h"
#include "document/utf8.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static bool is_plain(unsigned char byte)
{
    return byte >= 0x20 && byte != '"' && byte != '\\';
}

#ifdef __SSE2__
/* A bit for each byte that ends a plain run. */
static inline unsigned stops_in(__m128i block)
{
    const __m128i last_control = _mm_set1_epi8(0x1F);
    __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(block, last_control), block);
    __m128i special = _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('"')),
                                   _mm_cmpeq_epi8(block, _mm_set1_epi8('\\')));

    return (unsigned)_mm_movemask_epi8(_mm_or_si128(control, special));
}

/* Of the 8 to 15 bytes before `end`, its first eight and its last eight, which overlap: what the
 * first have is before what only the last have. */
static inline size_t plain_in_rest(const char *at, const char *end, unsigned *high)
{
    size_t len = (size_t)(end - at), first, last;
    __m128i block = _mm_unpacklo_epi64(_mm_loadl_epi64((const __m128i *)(const void *)at),
                                       _mm_loadl_epi64((const __m128i *)(const void *)(end - 8)));
    unsigned stops = stops_in(block), tops = (unsigned)_mm_movemask_epi8(block);

    first = (stops & 0xFF) != 0 ? (size_t)__builtin_ctz(stops) : 8;
    *high |= tops & ((1u << first) - 1);
    if (first < 8)
        return first;
    last = stops != 0 ? (size_t)__builtin_ctz(stops) - 8 : 8;
    *high |= tops >> 8 & ((1u << last) - 1);
    return len - 8 + last;
}
#endif

static inline size_t plain_bytes(const char *at, const char *end, unsigned *high)
{
    const char *start = at;

#ifdef __SSE2__
    for (; end - at >= 16; at += 16) {
        __m128i block = _mm_loadu_si128((const __m128i *)(const void *)at);
        unsigned stops = stops_in(block), tops = (unsigned)_mm_movemask_epi8(block);

        if (stops != 0) {
            unsigned before = (unsigned)__builtin_ctz(stops);

            *high |= tops & ((1u << before) - 1);
            return (size_t)(at - start) + before;
        }
        *high |= tops;
    }
    if (end - at >= 8)
        return (size_t)(at - start) + plain_in_rest(at, end, high);
#endif
    for (; at < end && is_plain((unsigned char)*at); at++)
        *high |= (unsigned char)*at & 0x80u;
    return (size_t)(at - start);
}

size_t json_plain_bytes(const char *at, const char *end, unsigned *high)
{
    return plain_bytes(at, end, high);
}

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The four digits behind \u, or a negative number with the problem filled. */
static int32_t read_hex4(const char *at, const char *end, struct json_problem *problem)
{
    int32_t unit = 0;

    for (int i = 0; i < 4; i++) {
        int digit = at + i < end ? hex_digit(at[i]) : -1;

        if (digit < 0) {
            *problem = (struct json_problem){.at = at + i,
                                             .expected = "four hexadecimal digits after \\u"};
            return -1;
        }
        unit = unit << 4 | digit;
    }
    return unit;
}

/* The escape \uXXXX, or two that form a surrogate pair; `at` is behind the first \u. */
static const char *read_unicode(const char *at, const char *end, char **out, unsigned *high,
                                struct json_problem *problem)
{
    int32_t unit = read_hex4(at, end, problem), low;

    if (unit < 0)
        return NULL;
    if (unit >= 0xDC00 && unit <= 0xDFFF) {
        *problem = (struct json_problem){
            .at = at - 2, .expected = "no low surrogate without a high one before it"};
        return NULL;
    }
    at += 4;
    if (unit >= 0xD800 && unit <= 0xDBFF) {
        *problem = (struct json_problem){
            .at = at, .expected = "the escape of a low surrogate after a high one"};
        if (at < end && *at == '\\' && at + 1 == end)
            problem->at = end; /* it may yet become one */
        if (end - at < 2 || at[0] != '\\' || at[1] != 'u')
            return NULL;
        low = read_hex4(at + 2, end, problem);
        if (low < 0xDC00 || low > 0xDFFF)
            return NULL;
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
        at += 6;
    }
    *high |= unit >= 0x80;
    *out += utf8_encode((uint32_t)unit, *out);
    return at;
}

/* One escape; `at` is behind the backslash. */
static const char *read_escape(const char *at, const char *end, char **out, unsigned *high,
                               struct json_problem *problem)
{
    static const char meant[256] = {['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
                                    ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t'};
    char byte = at < end ? meant[(unsigned char)*at] : '\0';

    if (at < end && *at == 'u')
        return read_unicode(at + 1, end, out, high, problem);
    if (byte == '\0') {
        *problem = (struct json_problem){
            .at = at, .expected = "one of \" \\ / b f n r t u after a backslash"};
        return NULL;
    }
    *(*out)++ = byte;
    return at + 1;
}

/* Copies up to the next backslash; returns where that is. `out` has as much room as is left. */
static const char *copy_run(const char *at, const char *end, char **out)
{
#ifdef __SSE2__
    const __m128i backslash = _mm_set1_epi8('\\');

    for (; end - at >= 16; at += 16, *out += 16) {
        __m128i block = _mm_loadu_si128((const __m128i *)(const void *)at);
        unsigned stops = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(block, backslash));

        _mm_storeu_si128((__m128i *)(void *)*out, block);
        if (stops != 0) {
            unsigned before = (unsigned)__builtin_ctz(stops);

            *out += before;
            return at + before;
        }
    }
#endif
    while (at < end && *at != '\\')
        *(*out)++ = *at++;
    return at;
}

/* Decodes [at, end) into `out`; returns its end, or NULL. */
static char *decode(const char *at, const char *end, char *out, unsigned *high,
                    struct json_problem *problem)
{
    while ((at = copy_run(at, end, &out)) < end) {
        at = read_escape(at + 1, end, &out, high, problem);
        if (at == NULL)
            return NULL;
    }
    return out;
}

/* Of what is wrong before `stop`, finds the first: an ill-formed sequence or a bad escape may stand
 * before the byte that made the scan give up. */
static const char *fail_first(const char *start, const char *stop, const char *end,
                              const char *expected, struct json_problem *problem)
{
    const char *ill = start + utf8_valid(text_between(start, stop));
    char sink[8], *out;
    unsigned high = 0;

    *problem = (struct json_problem){.at = stop, .expected = expected};
    if (ill < stop)
        *problem = (struct json_problem){.at = ill, .expected = "well-formed UTF-8"};
    for (const char *at = start; at != NULL && at < problem->at;) {
        struct json_problem escape;

        if (*at != '\\') {
            at++;
            continue;
        }
        out = sink;
        at = read_escape(at + 1, end, &out, &high, &escape);
        if (at == NULL && escape.at < problem->at)
            *problem = escape;
    }
    return NULL;
}

static const char *take(struct cell *out, const char *start, const char *stop, uint8_t flags)
{
    *out = (struct cell){.type = CELL_STRING, .flags = flags, .size = (uint32_t)(stop - start)};
    out->text = start;
    return stop + 1;
}

bool json_decode_string(const char *start, const char *stop, bool ascii, struct arena *arena,
                        struct cell *out)
{
    char *decoded = arena_bytes(arena, (size_t)(stop - start));
    struct json_problem ignored;
    unsigned high = !ascii;
    char *decoded_end = decode(start, stop, decoded, &high, &ignored);

    if (decoded_end == NULL)
        return false;
    take(out, decoded, decoded_end, (uint8_t)(CELL_ESCAPED | (high ? 0 : CELL_ASCII)));
    return true;
}

static const char *read_escaped(const char *start, const char *stop, unsigned high,
                                struct arena *arena, struct cell *out, struct json_problem *problem)
{
    char *decoded = arena_bytes(arena, (size_t)(stop - start));
    char *decoded_end = decode(start, stop, decoded, &high, problem);

    if (decoded_end == NULL)
        return fail_first(start, problem->at, stop, problem->expected, problem);
    take(out, decoded, decoded_end, (uint8_t)(CELL_ESCAPED | (high ? 0 : CELL_ASCII)));
    return stop + 1;
}

/* A string that is not just ASCII without escapes; `at` is where that was noticed. */
static const char *read_uncommon(const char *start, const char *at, const char *end, unsigned high,
                                 struct arena *arena, struct cell *out,
                                 struct json_problem *problem)
{
    bool escaped = false;

    for (; at < end && *at != '"'; at += json_plain_bytes(at, end, &high)) {
        if (*at != '\\')
            return fail_first(start, at, end, "an escape for a control character", problem);
        escaped = true;
        at += end - at > 1 ? 2 : 1;
    }
    if (at == end)
        return fail_first(start, at, end, "a closing quotation mark", problem);
    if (high && utf8_valid(text_between(start, at)) < (size_t)(at - start))
        return fail_first(start, at, at, "", problem);
    if (escaped)
        return read_escaped(start, at, high, arena, out, problem);
    return take(out, start, at, high ? 0 : CELL_ASCII);
}

const char *json_read_string(const char *start, const char *end, struct arena *arena,
                             struct cell *out, struct json_problem *problem)
{
    unsigned high = 0;
    const char *at = start + plain_bytes(start, end, &high);

    if (at < end && *at == '"' && high == 0)
        return take(out, start, at, CELL_ASCII);
    return read_uncommon(start, at, end, high, arena, out, problem);
}
