/* base/error_text.h
 * What each error means, at length: for `explain-code` and the documentation. */
#pragma once
#include "base/error.h"

struct error_text {
    const char *means;
    const char *remedy; /* what to do */
};
/* Of every code but ERROR_NONE. */
const struct error_text *error_text_of(enum error_code code);
