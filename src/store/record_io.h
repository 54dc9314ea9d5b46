/* store/record_io.h
 * How a stored value is written and read, byte by byte: version (1) kind (1) CRC-32 (4) payload.
 * Numbers are little-endian, a text is its length (4) and its bytes, times are two's complement.
 * The CRC runs over key, version, kind and payload. Only for store/record_*.c. */
#pragma once
#include "store/record.h"

/* Appends the head of a value; gives where it began. */
size_t record_begin(struct buffer *out, enum record_kind kind);
/* Seals the value that began there. */
void record_finish(struct buffer *out, size_t at, struct text key);
void record_put_number(struct buffer *out, uint64_t value, size_t bytes);
void record_put_text(struct buffer *out, struct text text);

/* What is left of a payload. Reading past its end yields zeros and marks it short. */
struct payload {
    const unsigned char *at;
    size_t left;
    bool is_short;
};
/* Checks the head of a value; false with ERROR_RECORD_DAMAGED. */
bool payload_open(enum record_kind kind, struct text key, struct text value, struct payload *out,
                  struct error *err);
/* NULL when there is too little left. */
const unsigned char *payload_take(struct payload *payload, size_t bytes);
uint64_t payload_number(struct payload *payload, size_t bytes);
/* Borrows from the value. */
struct text payload_text(struct payload *payload);
/* Beyond the checksum: a writer of ours never leaves bytes over or too few. */
bool payload_close(const struct payload *payload, enum record_kind kind, struct text key,
                   struct error *err);
/* Fills *err (unless NULL) and returns false. */
bool record_damaged(enum record_kind kind, struct text key, const char *why, struct error *err);

/* Big-endian numbers of keys, so that they sort. */
void record_key_number(unsigned char out[8], uint64_t value);
uint64_t record_key_read(const unsigned char at[8]);
