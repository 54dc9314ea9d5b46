/* provider/http_field.h
 * Single header fields of a reply (RFC 9110 section 5): splitting them, and reading the few values
 * that matter. Pure. */
#pragma once
#include "base/text.h"

/* The fields that matter to the transport. */
#define HTTP_FIELDS(X)                                                                             \
    X(CONTENT_LENGTH, "content-length")                                                            \
    X(TRANSFER_ENCODING, "transfer-encoding")                                                      \
    X(CONTENT_ENCODING, "content-encoding")                                                        \
    X(CONTENT_TYPE, "content-type")                                                                \
    X(CONNECTION, "connection")                                                                    \
    X(KEEP_ALIVE, "keep-alive")                                                                    \
    X(SET_COOKIE, "set-cookie")

enum http_field {
    FIELD_OTHER,
#define X(name, word) FIELD_##name,
    HTTP_FIELDS(X)
#undef X
};

enum http_field field_find(struct text name);
/* A token, as RFC 9110 section 5.6.2 has it. */
bool field_name_valid(struct text name);
/* "name: value" into a token and a trimmed value; false for anything else: no or a foreign byte in
 * the name, a blank before the colon, a folded line, a control character in the value. */
bool field_split(struct text line, struct text *out_name, struct text *out_value);
/* No control character but the tab. */
bool field_value_clean(struct text value);
/* Whether a comma-separated list names `token`, in any case. */
bool field_lists(struct text value, struct text token);
/* "text/html; charset=utf-8" as "text/html" with a NUL; the empty string when it does not fit. */
void field_media_type(struct text value, char *out, size_t out_bytes);
/* N of "timeout=N, max=M"; 0 when it does not say. */
uint32_t field_keep_alive_s(struct text value);
/* A decimal number, with or without a fraction, times `unit_ms`, rounded up. False, and *out_ms
 * untouched, when it is anything else. At most a century. */
bool field_seconds(struct text value, uint64_t unit_ms, uint64_t *out_ms);
/* An HTTP date in any of its three forms (RFC 9110 section 5.6.7) in seconds since 1970; 0 when it
 * is none. */
int64_t field_date(struct text value);
