/* gateway/query.h
 * What stands behind the '?' of an admin call. */
#pragma once
#include "gateway/request_state.h"

/* A name that the call knows; of `text` and `number` one is not NULL and gets what was given, or
 * stays as it was. A number is between `least` and `greatest`. */
struct query_param {
    const char *name;
    struct text *text;
    uint64_t *number, least, greatest;
};
/* Percent-decodes one part of a path or a query; false where a percent sign begins nothing. */
bool admin_decode(struct arena *arena, struct text part, struct text *out);
/* Reads "name=value&...", percent-decoded (a '+' is itself); texts are the request's. False with
 * request->error for a name that is not known or is given twice, and a value that does not fit. */
bool query_read(struct request *request, const struct query_param *params, size_t count);
