/* document/utf8.h
 * UTF-8 as RFC 3629 has it: no surrogates, nothing overlong, nothing above U+10FFFF. */
#pragma once
#include "base/buffer.h"

/* Bytes of the longest well-formed prefix: text.len when all of it is. */
size_t utf8_valid(struct text text);
bool utf8_is_ascii(struct text text);
/* Bytes of the well-formed sequence at the front of a text that begins beyond ASCII, or 0. */
size_t utf8_sequence(struct text text);
/* Decodes the sequence at the front; returns its length, or 0 when it is ill-formed or missing. */
size_t utf8_decode(struct text text, uint32_t *out_code_point);
/* Writes a code point that is no surrogate; returns the 1 to 4 bytes written. */
size_t utf8_encode(uint32_t code_point, char *out);
/* Adds the text, with U+FFFD for each byte that is in no sequence. */
void utf8_put_clean(struct buffer *out, struct text text);
/* Number of code points; an ill-formed byte counts as one. */
size_t utf8_length(struct text text);
