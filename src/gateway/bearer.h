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
/* Likewise by a token that came some other way, as in a form. */
bool bearer_authenticate_secret(struct request *request, enum token_kind kind, struct text secret);
/* As bearer_authenticate, for what is only read: a browser of a caller that is logged in may, too
 * (browser.h). */
bool bearer_authenticate_reader(struct request *request, enum token_kind kind);
