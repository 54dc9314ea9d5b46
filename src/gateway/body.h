/* gateway/body.h
 * The body of a call to a slug, in its four forms: {"message"}, {"messages"}, {"input"} (or
 * {"variables"}), and, where the input schema's root is an object, the bare object. Beside them
 * stand control fields and parameters; in the bare object, a name that the input schema declares is
 * input before it is anything else. */
#pragma once
#include "config/config.h"

struct call_body {
    struct document document;     /* as received */
    const struct document *input; /* what the schema checks and the template reads */
    uint32_t input_at;
    const struct document *input_as_text; /* a message that happens to be JSON, taken as a string;
                                             NULL when there is no other reading */
    const struct chat_message *earlier;   /* of `messages`, without the last one */
    size_t earlier_count;
    struct text caller_text; /* the caller's own words */
    struct text session_id;
    bool session_off; /* "session": false */
    bool stream;
    struct chat_params params; /* those the endpoint allows */
};

/* Reads and sorts out a body. Errors: ERROR_INVALID_JSON with the byte, ERROR_INVALID_REQUEST,
 * ERROR_UNKNOWN_FIELD, ERROR_ROLE_NOT_ALLOWED, ERROR_PARAMETER_NOT_ALLOWED with `at` = the field's
 * JSON Pointer. `bytes` must outlive *out. */
bool body_read(struct text bytes, const struct endpoint *endpoint, struct arena *arena,
               struct call_body *out, struct error *err);
