/* audit/record_text.h
 * The audit log in the words of the admin API and of exports. */
#pragma once
#include "audit/record.h"
#include "base/buffer.h"

/* {"sequence", "at", "actor", "actor_id", "peer", "action", "object", "outcome", "details",
 * "request_id", "hash", "seal"}: details are an object or null, hashes are hexadecimal. */
void audit_put_record(struct buffer *out, const struct audit_record *record);
/* {"object": "list", "data": [...], "first_id", "last_id", "has_more"}; last_id is where to go on,
 * also after a page on which nothing was wanted. */
void audit_put_page(struct buffer *out, const struct audit_page *page);
/* {"head": "SEQUENCE:HASH", "first": the number of the oldest record that is kept} */
void audit_put_ends(struct buffer *out, const struct audit_head *ends);

/* "SEQUENCE:HASH", what is kept of a chain elsewhere. */
enum { AUDIT_LINK_CHARS = 20 + 1 + 2 * AUDIT_HASH_BYTES };
struct text audit_link_write(const struct audit_link *link, char out[AUDIT_LINK_CHARS]);
bool audit_link_read(struct text text, struct audit_link *out);

/* The columns of an export, in order; the same names as in JSON. */
extern const char *const audit_columns[];
enum { AUDIT_COLUMNS = 12 };
