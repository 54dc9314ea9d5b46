/* document/json_read.h
 * The strict JSON reader every foreign byte goes through: RFC 8259 and nothing else. One value, the
 * whole text consumed. Refused: BOM, comments, trailing commas, single quotes, bare words, NaN,
 * Infinity, leading zeros or plus signs, control characters in strings, unknown escapes, lone
 * surrogates (escaped or encoded), overlong or out-of-range UTF-8, duplicate member names, trailing
 * bytes, and what exceeds the limits. Linear in time and memory. */
#pragma once
#include "base/error.h"
#include "document/document.h"

struct json_limits {
    uint32_t depth;  /* nesting; 0: 128. At most 1,000 */
    uint32_t nodes;  /* cells; 0: 10,000 + bytes / 32 as reliability asks; JSON_UNLIMITED */
    uint32_t digits; /* of one number; 0: 1,000 */
    bool allow_duplicate_names; /* keep all; document_member finds the first */
};
#define JSON_UNLIMITED UINT32_MAX

/* Reads `text` (kept: it must outlive the document) into *out, which lives in the arena. `limits`
 * may be NULL. On failure returns false, with ERROR_INVALID_JSON, a message that says what was
 * expected and `at` = "byte N (line L, column C)": N is the offset of the offending byte, from 0,
 * and goes into *out_offset too, unless that is NULL; L and C (in code points) count from 1. */
bool json_read(struct text text, const struct json_limits *limits, struct arena *arena,
               struct document *out, size_t *out_offset, struct error *err);

/* As json_read, but only the value at the front of `text` is read, after white space; whatever
 * follows it is left alone, and the time it takes is that of the bytes read. The document's source
 * ends with the value. A number at the front ends before the first byte that cannot belong to it.
 */
bool json_read_prefix(struct text text, const struct json_limits *limits, struct arena *arena,
                      struct document *out, size_t *out_offset, struct error *err);
