/* document/json_token.h
 * Private to document: the two kinds of JSON tokens that take more than a comparison. */
#pragma once
#include "document/json_problem.h"

enum { DIGITS_DEFAULT = 1000 };

/* Reads the string whose opening quote is just before `at`; bytes go no further than `end`. One
 * with escapes is decoded into the arena. Fills *out and returns the byte behind the closing quote;
 * NULL with *out_problem filled, about the first byte that is wrong. */
const char *json_read_string(const char *at, const char *end, struct arena *arena, struct cell *out,
                             struct json_problem *out_problem);
/* Decodes a string with escapes, [start, stop) between its quotes, into the arena; `ascii` tells
 * whether its bytes are. They are well-formed UTF-8 without control characters. False when an
 * escape is wrong. */
bool json_decode_string(const char *start, const char *stop, bool ascii, struct arena *arena,
                        struct cell *out);
/* As json_read_string, for a number (RFC 8259 section 6) of at most `digits` digits, those of the
 * exponent included. Whatever follows it is left alone. */
const char *json_read_number(const char *at, const char *end, uint32_t digits, struct cell *out,
                             struct json_problem *out_problem);
/* Bytes before the first quotation mark, backslash or control character. *high is made non-zero
 * when one of them is not ASCII. */
size_t json_plain_bytes(const char *at, const char *end, unsigned *high);
