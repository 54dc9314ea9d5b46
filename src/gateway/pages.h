/* gateway/pages.h
 * Which web pages may read an answer in a browser (Fetch Standard, section 3.3: the CORS protocol).
 * Without lists of origins nothing is ever said of it, and browsers let no page read anything.
 * Callers bear a token; cookies and the like are none here, so they are never allowed. */
#pragma once
#include "gateway/headers.h"
#include "gateway/request_state.h"

/* Notes whether the page that asks, if it is one, may read the answer. Asked again when more is
 * known of what is called; the last one holds. Borrows. */
void pages_ask(struct request *request, const struct origins *origins);
/* What an answer says of it. */
void pages_add(struct request *request, struct headers *headers);
/* What the answer to a preflight says besides: a page that may read the answers may send those
 * methods, with whatever headers clients of ours send. */
void pages_add_preflight(struct request *request, const char *methods, struct headers *headers);
