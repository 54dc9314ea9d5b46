/* document/json_push_block.h
 * Private to the push reader: sixteen bytes of a string looked at together, where the processor
 * can.
 */
#pragma once
#ifdef __SSE2__
#include <emmintrin.h>
#include <stdint.h>

/* A bit for each byte of sixteen: those that end a run, are beyond ASCII, continue a sequence. */
struct block {
    uint64_t stops, high, continuing;
};

static inline struct block look_at(const char *at)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
    __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
    __m128i special = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                   _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
    __m128i continuing = _mm_cmplt_epi8(bytes, _mm_set1_epi8((char)0xC0));

    return (struct block){
        .stops = (unsigned)_mm_movemask_epi8(_mm_or_si128(control, special)),
        .high = (unsigned)_mm_movemask_epi8(bytes),
        .continuing = (unsigned)_mm_movemask_epi8(continuing),
    };
}

static inline unsigned count_ones(uint64_t low_32)
{
    uint32_t bits = (uint32_t)low_32;

    bits -= bits >> 1 & 0x55555555;
    bits = (bits & 0x33333333) + (bits >> 2 & 0x33333333);
    return ((bits + (bits >> 4)) & 0x0F0F0F0F) * 0x01010101 >> 24;
}

/* A bit for each byte of sixteen that begins a sequence of two or three bytes of which the others
 * may be any that continue one: all but E0 and ED (Unicode, table 3-7). */
struct leads {
    uint64_t two, three;
};

static inline struct leads look_at_leads(const char *at)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
    __m128i surrogates = _mm_cmpeq_epi8(bytes, _mm_set1_epi8((char)0xED));
    __m128i not_two = _mm_or_si128(_mm_cmplt_epi8(bytes, _mm_set1_epi8((char)0xC2)),
                                   _mm_cmpgt_epi8(bytes, _mm_set1_epi8((char)0xDF)));
    __m128i not_three = _mm_or_si128(_mm_cmplt_epi8(bytes, _mm_set1_epi8((char)0xE1)),
                                     _mm_cmpgt_epi8(bytes, _mm_set1_epi8((char)0xEF)));

    return (struct leads){
        .two = (unsigned)_mm_movemask_epi8(not_two) ^ 0xFFFFu,
        .three = (unsigned)_mm_movemask_epi8(_mm_or_si128(not_three, surrogates)) ^ 0xFFFFu,
    };
}
#endif
