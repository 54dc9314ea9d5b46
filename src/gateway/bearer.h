/* gateway/bearer.h
 * Who asks, by the token that the request carries. Answers to bad tokens are alike, and each one
 * counts against the address it came from, so that guessing stays slow, on either listener. */
#pragma once
#include "gateway/request_state.h"

/* What `Authorization: Bearer` or `X-Api-Key` says; empty: no token was sent. */
struct text bearer_of(const struct http_request *http);
/* Sets request->token, or fails with request->error: 401, 403 where the token may not be used from
 * the request's address, 429 after ten failures a minute from there. */
bool bearer_authenticate(struct request *request, enum token_kind kind);
