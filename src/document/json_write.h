/* document/json_write.h
 * Writing JSON piece by piece into a buffer. Where a report is built out of order, json-c does it
 * instead. */
#pragma once
#include "base/buffer.h"
#include "document/document.h"

/* The string with its quotes. `text` must be UTF-8; escapes are the shortest: \" \\ \b \f \n \r \t,
 * \u00XX for other control characters, and DEL as is. */
void json_put_string(struct buffer *buffer, struct text text);
/* As json_put_string without the quotes. */
void json_put_escaped(struct buffer *buffer, struct text text);
/* A subtree as compact JSON, numbers as they were written. */
void json_put_cell(struct buffer *buffer, const struct document *document, uint32_t at);
/* "name": with a comma before it unless it is the first thing in an object (the last byte is '{').
 * The first is for the program's own words, written as they are: printable ASCII without quotes and
 * backslashes. The second is for names of others: UTF-8, escaped. */
void json_put_own_name(struct buffer *buffer, struct text name);
static inline void json_put_name(struct buffer *buffer, const char *name)
{
    json_put_own_name(buffer, text_of(name));
}
void json_put_foreign_name(struct buffer *buffer, struct text name);
/* Members, by json_put_name. The first is a string in UTF-8; the second one, too, and null where it
 * is empty. */
void json_put_text(struct buffer *buffer, const char *name, struct text value);
void json_put_text_or_null(struct buffer *buffer, const char *name, struct text value);
void json_put_count(struct buffer *buffer, const char *name, uint64_t count);
void json_put_flag(struct buffer *buffer, const char *name, bool flag);
/* A finite number of single precision, with as few digits as there can be that read back as the
 * same. At most JSON_FLOAT_BYTES. */
enum { JSON_FLOAT_BYTES = 16 };
void json_put_float(struct buffer *buffer, float value);
/* Nano-units as a decimal with 9 places: 1234 -> 0.000001234, without quotes. */
void json_put_nano(struct buffer *buffer, int64_t nano);
/* A member that is an amount of money: `"cost_usd":"0.000001234"`; null where it is negative, which
 * is what an amount that is not known, or has no bound, is. */
void json_put_usd(struct buffer *buffer, const char *name, int64_t nano);
