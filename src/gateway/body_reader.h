/* gateway/body_reader.h
 * Private to body*.c: what is handed around while one body is read. */
#pragma once
#include "gateway/body.h"

enum { BODY_DEPTH_MAX = 32 };

struct body_reader {
    const struct endpoint *endpoint;
    struct arena *arena;
    struct call_body *body;
    struct error *err;
};

/* body.c: fails with the JSON Pointer of cell `at` of the body. */
bool body_refuse(struct body_reader *reader, uint32_t at, enum error_code code, const char *what);
/* Whether the input schema's root declares this name. */
bool body_declares(const struct body_reader *reader, struct text name);

/* body_control.c: takes the member whose key is cell `key` if it is a control field, or a parameter
 * this endpoint knows of; *out_taken says whether it was either. */
bool body_take_control(struct body_reader *reader, uint32_t key, bool *out_taken);
bool body_take_param(struct body_reader *reader, uint32_t key, bool *out_taken);
/* Whether callers of the endpoint may set the parameter of that name. */
bool body_allows_param(const struct body_reader *reader, struct text name);

/* body_messages.c: the forms {"message"} and {"messages"}; `at` is the member's value. */
bool body_take_message(struct body_reader *reader, uint32_t at);
bool body_take_messages(struct body_reader *reader, uint32_t at);

/* body_words.c: every string of a subtree, the longest first: one text with the caller's own words.
 */
struct text body_words(const struct document *document, uint32_t at, struct arena *arena);
