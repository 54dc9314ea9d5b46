/* config/origins.h
 * Which web pages may call: the origins (RFC 6454, section 6.2) that a browser names in `Origin`. A
 * list may leave the port open, for pages that are served locally, and may be open to all. */
#pragma once
#include "base/text.h"

enum { ORIGINS_MAX = 100, ORIGIN_BYTES_MAX = 255 };

struct origins {
    const struct text *items; /* "https://app.example.com", "http://localhost:*", "*" */
    size_t count;
};

/* Whether it is an origin as a list may have it. */
bool origin_valid(struct text origin);
/* Whether what a browser sends is one of the list; `null` never is. */
bool origin_allowed(const struct origins *origins, struct text sent);
