/* gateway/limit_headers.h
 * What a call's answer, error or stream says of the limits that hold for it. */
#pragma once
#include "gateway/headers.h"
#include "gateway/request_state.h"

/* `RateLimit-Policy` and `RateLimit` of all policies of calls
 * (draft-ietf-httpapi-ratelimit-headers), and in the words of its surface what is left of the
 * narrowest one, of calls and of tokens. Nothing where there are no such limits. */
void limit_headers_add(struct request *request, struct headers *headers);
