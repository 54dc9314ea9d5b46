/* surface/json_end.h
 * Where JSON that comes in pieces ends: an object or an array is whole when all that it opened is
 * closed. Nothing else is checked. Zeroed it is ready. */
#pragma once
#include "base/text.h"

struct json_end {
    uint32_t depth;
    bool in_string, escaped;
    bool whole; /* nothing but white space can follow */
};
void json_end_take(struct json_end *end, struct text piece);
