/* auth/token_json.h
 * Tokens as the admin API writes and reads them, here for the server and for the command line. */
#pragma once
#include "auth/token.h"
#include "base/buffer.h"
#include "document/document.h"

/* A token as it is shown: everything but its secret, and that too where it is not empty. */
void token_put_json(struct buffer *out, const struct token_record *token, int64_t used_ms,
                    struct text secret);

/* Its member "limits" alone; null: none. */
void token_put_limits(struct buffer *out, const struct token_record *token);

/* Reads the members of the object at `at` over *token; those that are there are told in *fields
 * (enum token_field). What cannot be changed (project, kind, test, deployment) is read only where
 * `fresh`. Errors: ERROR_INVALID_REQUEST, ERROR_UNKNOWN_FIELD with the member's pointer. The lists
 * come from the arena, texts are borrowed from the document. */
bool token_read_json(const struct document *document, uint32_t at, bool fresh, struct arena *arena,
                     struct token_record *token, unsigned *fields, struct error *err);
/* "12.50" of a dollar in nano-USD, exactly; false when it is anything else, or does not fit. */
bool token_read_usd(struct text text, int64_t *out_nano);
