/* catalog/payload.h
 * Private to the catalog: under which name the input stands in a body where something stands beside
 * it, as surface/slug_read.c reads it. Pure. */
#pragma once
#include "config/config.h"

/* Whether the input itself has a member of that name, which then is no word of ours. */
bool payload_declares(const struct endpoint *endpoint, struct text name);
/* "input"; where the input itself has a member of that name "variables"; with both NULL: then the
 * body is the input. */
const char *payload_name(const struct endpoint *endpoint);
