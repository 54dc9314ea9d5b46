/* Each block becomes bit masks, and the rest is arithmetic on them: which quotation marks are
 * escaped, what lies between the others (the running parity of their bits), where runs of other
 * bytes begin. There is no branch on what the text says but for backslashes, which are rare. */
#include "document/json_index.h"

#ifdef __SSE2__
#include <immintrin.h>
#define AVX2   __attribute__((target("avx2,bmi,popcnt")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi2,bmi,popcnt")))
#endif
#define INLINE inline __attribute__((always_inline))

enum { BLOCK = 64 };

/* Fills the masks of 64 bytes. */
typedef void classifier(const char *at, struct json_block *out);
/* Writes base + the number of every bit that is set, and returns the end; what stands behind it,
 * up to 64 places from where it began, may be overwritten. */
typedef uint32_t *writer(uint32_t *out, uint64_t tokens, uint32_t base);

static void classify_portable(const char *at, struct json_block *out)
{
    struct json_block block = {0};

    for (unsigned i = 0; i < BLOCK; i++) {
        unsigned char byte = (unsigned char)at[i], folded = byte | 0x20;

        block.quote |= (uint64_t)(byte == '"') << i;
        block.backslash |= (uint64_t)(byte == '\\') << i;
        block.control |= (uint64_t)(byte < 0x20) << i;
        block.blank |= (uint64_t)(byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r') << i;
        block.structural |=
            (uint64_t)(folded == '{' || folded == '}' || folded == ':' || folded == ',') << i;
        block.high |= (uint64_t)(byte >> 7) << i;
    }
    *out = block;
}

#ifdef __SSE2__
static INLINE uint64_t bits16(__m128i mask, unsigned shift)
{
    return (uint64_t)(uint32_t)_mm_movemask_epi8(mask) << shift;
}

static INLINE __m128i equal16(__m128i bytes, char byte)
{
    return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte));
}

static INLINE void classify_sse2(const char *at, struct json_block *out)
{
    struct json_block block = {0};

#pragma GCC unroll 4
    for (unsigned i = 0; i < BLOCK; i += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(at + i));
        __m128i folded = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
        __m128i space = _mm_or_si128(equal16(bytes, ' '), equal16(bytes, '\t'));
        __m128i line = _mm_or_si128(equal16(bytes, '\n'), equal16(bytes, '\r'));
        __m128i brace = _mm_or_si128(equal16(folded, '{'), equal16(folded, '}'));
        __m128i mark = _mm_or_si128(equal16(folded, ':'), equal16(folded, ','));
        __m128i low = _mm_min_epu8(bytes, _mm_set1_epi8(0x1F));

        block.quote |= bits16(equal16(bytes, '"'), i);
        block.backslash |= bits16(equal16(bytes, '\\'), i);
        block.control |= bits16(_mm_cmpeq_epi8(low, bytes), i);
        block.blank |= bits16(_mm_or_si128(space, line), i);
        block.structural |= bits16(_mm_or_si128(brace, mark), i);
        block.high |= bits16(bytes, i);
    }
    *out = block;
}

AVX2 static INLINE uint64_t bits32(__m256i mask, unsigned shift)
{
    return (uint64_t)(uint32_t)_mm256_movemask_epi8(mask) << shift;
}

AVX2 static INLINE __m256i equal32(__m256i bytes, char byte)
{
    return _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte));
}

/* The sets are looked up by their low four bits, which tell their bytes apart: a byte that equals
 * what stands at its low four bits is in the set. 1 and 2 stand where nothing is. */
AVX2 static INLINE void classify_avx2(const char *at, struct json_block *out)
{
    const __m256i blanks = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(' ', 2, 1, 1, 1, 1, 1, 1, 1, '\t', '\n', 1, 1, '\r', 1, 1));
    const __m256i structurals = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(1, 2, 1, 1, 1, 1, 1, 1, 1, 1, ':', '{', ',', '}', 1, 1));
    struct json_block block = {0};

#pragma GCC unroll 2
    for (unsigned i = 0; i < BLOCK; i += 32) {
        __m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)(at + i));
        __m256i folded = _mm256_or_si256(bytes, _mm256_set1_epi8(0x20));
        __m256i low = _mm256_min_epu8(bytes, _mm256_set1_epi8(0x1F));

        block.quote |= bits32(equal32(bytes, '"'), i);
        block.backslash |= bits32(equal32(bytes, '\\'), i);
        block.control |= bits32(_mm256_cmpeq_epi8(low, bytes), i);
        block.blank |= bits32(_mm256_cmpeq_epi8(_mm256_shuffle_epi8(blanks, bytes), bytes), i);
        block.structural |=
            bits32(_mm256_cmpeq_epi8(_mm256_shuffle_epi8(structurals, folded), folded), i);
        block.high |= bits32(bytes, i);
    }
    *out = block;
}

AVX512 static INLINE void classify_avx512(const char *at, struct json_block *out)
{
    const __m512i blanks = _mm512_broadcast_i32x4(
        _mm_setr_epi8(' ', 2, 1, 1, 1, 1, 1, 1, 1, '\t', '\n', 1, 1, '\r', 1, 1));
    const __m512i structurals = _mm512_broadcast_i32x4(
        _mm_setr_epi8(1, 2, 1, 1, 1, 1, 1, 1, 1, 1, ':', '{', ',', '}', 1, 1));
    __m512i bytes = _mm512_loadu_si512(at);
    __m512i folded = _mm512_or_si512(bytes, _mm512_set1_epi8(0x20));

    out->quote = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('"'));
    out->backslash = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\\'));
    out->control = _mm512_cmplt_epu8_mask(bytes, _mm512_set1_epi8(0x20));
    out->blank = _mm512_cmpeq_epi8_mask(_mm512_shuffle_epi8(blanks, bytes), bytes);
    out->structural = _mm512_cmpeq_epi8_mask(_mm512_shuffle_epi8(structurals, folded), folded);
    out->high = _mm512_movepi8_mask(bytes);
}
#endif

/* The bytes that a backslash escapes. */
static INLINE uint64_t escaped_bytes(uint64_t backslash, uint64_t *carried)
{
    uint64_t escaped = *carried;

    *carried = 0;
    backslash &= ~escaped;
    while (backslash != 0) {
        uint64_t first = backslash & (0 - backslash);

        escaped |= first << 1;
        *carried = first >> 63;
        backslash &= ~(first | first << 1);
    }
    return escaped;
}

/* Each bit is the parity of all bits up to it. */
static INLINE uint64_t running_parity(uint64_t bits)
{
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    return bits ^ bits << 32;
}

/* Marks the closing quotation marks of the strings that have some of `bytes`: added to the run of
 * ones that a string's inside is, any of them carries out of the run, to where it closes. What
 * carries out of the block is carried into the next. */
static INLINE uint64_t closing_marks(uint64_t inside, uint64_t bytes, uint64_t *carried)
{
    uint64_t sum, more;
    bool over = __builtin_add_overflow(inside, bytes & inside, &sum);
    bool over_again = __builtin_add_overflow(sum, *carried, &more);

    *carried = over | over_again;
    return more & ~inside;
}

/* What is a token in a block; also fills the masks about its strings. */
static INLINE uint64_t tokens_of(struct json_index *index, const struct json_block *block,
                                 uint64_t *out_high, uint64_t *out_escapes)
{
    uint64_t quote = block->quote, inside, other;

    if (__builtin_expect((block->backslash | index->escaped) != 0, 0))
        quote &= ~escaped_bytes(block->backslash, &index->escaped);
    inside = running_parity(quote) ^ index->in_string;
    index->in_string = (uint64_t)((int64_t)inside >> 63);
    index->wrong |= (block->control & inside) != 0;
    *out_high = closing_marks(inside, block->high, &index->high_carried);
    *out_escapes = closing_marks(inside, block->backslash, &index->escape_carried);
    other = ~(inside | quote | block->structural | block->blank);
    inside = (block->structural & ~inside) | quote | (other & ~(other << 1 | index->scalar));
    index->scalar = other >> 63;
    return inside;
}

static INLINE uint32_t *write_each(uint32_t *out, uint64_t tokens, uint32_t base)
{
    for (; tokens != 0; tokens &= tokens - 1)
        *out++ = base + (uint32_t)__builtin_ctzll(tokens);
    return out;
}

#ifdef __SSE2__
/* Eight at a time whether there are as many or not, so that a branch depends on their number only
 * roughly. */
AVX2 static INLINE uint32_t *write_eights(uint32_t *out, uint64_t tokens, uint32_t base)
{
    uint32_t *end = out + __builtin_popcountll(tokens);

    do {
#pragma GCC unroll 8
        for (int i = 0; i < 8; i++) {
            out[i] = base + (uint32_t)_tzcnt_u64(tokens);
            tokens = _blsr_u64(tokens);
        }
        out += 8;
    } while (__builtin_expect(tokens != 0, 0));
    return end;
}

AVX512 static INLINE uint32_t *write_compressed(uint32_t *out, uint64_t tokens, uint32_t base)
{
    static const uint8_t numbers[BLOCK] = {
        0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
        22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
        44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
    __m512i some = _mm512_maskz_compress_epi8(tokens, _mm512_loadu_si512(numbers));
    __m512i first = _mm512_set1_epi32((int)base);
    int count = __builtin_popcountll(tokens);

    _mm512_storeu_si512(
        out, _mm512_add_epi32(first, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(some))));
    if (__builtin_expect(count > 16, 0)) {
        _mm512_storeu_si512(
            out + 16,
            _mm512_add_epi32(first, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(some, 1))));
        _mm512_storeu_si512(
            out + 32,
            _mm512_add_epi32(first, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(some, 2))));
        _mm512_storeu_si512(
            out + 48,
            _mm512_add_epi32(first, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(some, 3))));
    }
    return out + count;
}
#endif

/* The blocks of `bytes` bytes from index->done on; `spare` holds the last one when it is short. */
static INLINE void index_blocks(struct json_index *index, size_t bytes, classifier *classify,
                                writer *write)
{
    const char *at = index->text.at + index->done;
    uint32_t *out = index->at + index->count, base = (uint32_t)index->done;
    char spare[BLOCK];

    for (size_t i = 0; i * BLOCK < bytes; i++, at += BLOCK, base += BLOCK) {
        struct json_block block;

        if (__builtin_expect(bytes - i * BLOCK < BLOCK, 0)) {
            memset(spare, ' ', sizeof spare);
            memcpy(spare, at, bytes - i * BLOCK);
            at = spare;
        }
        classify(at, &block);
        out = write(out, tokens_of(index, &block, &index->high[i], &index->escapes[i]), base);
    }
    index->count = (uint32_t)(out - index->at);
}

static void index_portable(struct json_index *index, size_t bytes)
{
    index_blocks(index, bytes, classify_portable, write_each);
}

#ifdef __SSE2__
static void index_sse2(struct json_index *index, size_t bytes)
{
    index_blocks(index, bytes, classify_sse2, write_each);
}

AVX2 static void index_avx2(struct json_index *index, size_t bytes)
{
    index_blocks(index, bytes, classify_avx2, write_eights);
}

AVX512 static void index_avx512(struct json_index *index, size_t bytes)
{
    index_blocks(index, bytes, classify_avx512, write_compressed);
}
#endif

static void index_piece(struct json_index *index)
{
    size_t left = index->text.len - index->done;
    size_t bytes = left < INDEX_PIECE ? left : INDEX_PIECE;

    index->piece = index->done;
    switch (index->engine) {
#ifdef __SSE2__
    case JSON_AVX512:
        index_avx512(index, bytes);
        break;
    case JSON_AVX2:
        index_avx2(index, bytes);
        break;
    case JSON_SSE2:
        index_sse2(index, bytes);
        break;
#endif
    default:
        index_portable(index, bytes);
    }
    index->done += bytes;
}

enum json_engine json_engine_best(void)
{
#ifdef __SSE2__
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi") ||
        !__builtin_cpu_supports("bmi2"))
        return JSON_SSE2;
    return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi2") ? JSON_AVX512
                                                                                       : JSON_AVX2;
#else
    return JSON_PORTABLE;
#endif
}

void json_index_init(struct json_index *index, struct text text, enum json_engine engine)
{
    index->text = text;
    index->engine = engine;
    index->done = index->piece = 0;
    index->in_string = index->escaped = index->scalar = 0;
    index->high_carried = index->escape_carried = 0;
    index->wrong = index->finished = false;
    index->count = 0;
}

bool json_index_more(struct json_index *index, uint32_t taken)
{
    if (index->finished)
        return false;
    index->count -= taken;
    memmove(index->at, index->at + taken, index->count * sizeof *index->at);
    while (index->count < INDEX_AHEAD && index->done < index->text.len)
        index_piece(index);
    if (index->done == index->text.len) {
        index->finished = true;
        index->wrong |= index->in_string != 0;
        for (uint32_t i = 0; i < INDEX_AHEAD; i++)
            index->at[index->count + i] = (uint32_t)(index->text.len - 1);
    }
    return !index->wrong;
}
