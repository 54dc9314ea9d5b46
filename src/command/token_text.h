/* command/token_text.h
 * Tokens as JSON, in the admin API's words, and as a line for people. Private to the token
 * commands. */
#pragma once
#include "auth/token_issue.h"
#include "base/buffer.h"
#include "document/document.h"

/* A token; with its secret when that is not empty. */
void token_put_record(struct buffer *out, const struct token_record *record, struct text secret);
/* What is asked of the server for a new one. */
void token_put_order(struct buffer *out, const struct token_order *order);
/* A string member of a token's JSON, or an empty text. */
struct text token_member(const struct document *document, uint32_t object, const char *name);
/* One line on standard output. */
void token_print_row(const struct document *document, uint32_t token);
