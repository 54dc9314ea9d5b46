/* provider/reply_json.h
 * Reading what a provider sent, for the dialects: members we do not know are passed over, one that
 * is null counts as missing, and a number of tokens is believed only where it can be true. */
#pragma once
#include "document/document.h"
#include "provider/failure.h"

/* More than any model takes; beyond it a count is a mistake. */
enum { REPLY_TOKENS_MAX = 1000000000 };

/* Reads a text whose root must be an object. False with FAILURE_ANSWER. */
bool reply_read(struct text text, struct arena *arena, struct document *out,
                struct failure *failure);
/* A member that is there and not null, else CELL_NONE; also when `object` is CELL_NONE or none. */
uint32_t reply_member(const struct document *document, uint32_t object, const char *name);
/* A string member; empty when it is missing, null or something else. */
struct text reply_string(const struct document *document, uint32_t object, const char *name);
/* A list member's first item, CELL_NONE when there is none; *out_end is one past the list. Go on
 * with document_next while it is below. */
uint32_t reply_items(const struct document *document, uint32_t object, const char *name,
                     uint32_t *out_end);
/* Whether a member is true. */
bool reply_true(const struct document *document, uint32_t object, const char *name);
/* A whole number between 0 and REPLY_TOKENS_MAX; false when it is missing or cannot be true. */
bool reply_count(const struct document *document, uint32_t object, const char *name, int64_t *out);
/* A part of `whole`; 0 when it is not said or cannot be true, so that nothing is billed cheaper on
 * the word of a wrong number. */
int64_t reply_part(const struct document *document, uint32_t object, const char *name,
                   int64_t whole);
/* The cell as compact JSON, in the arena; empty for CELL_NONE. */
struct text reply_json(const struct document *document, uint32_t at, struct arena *arena);
