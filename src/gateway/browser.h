/* gateway/browser.h
 * Requests of our own web pages: a cookie says who asks where there is no bearer token. A browser
 * sends it with whatever any page has it send, so it counts only where the browser says that a page
 * of the same origin asks (Fetch, sections 3.2 and 3.5), and with what changes anything only beside
 * a proof that no other page can know (auth/logins.h). */
#pragma once
#include "gateway/request_state.h"

#define BROWSER_COOKIE "__Host-pinion" /* draft-ietf-httpbis-rfc6265bis-20, section 4.1.3.2 */
#define BROWSER_PROOF  "pinion-csrf"   /* the header that carries the proof */

/* Whether the request is to be authenticated so: it has the cookie, and no token. */
bool browser_bears(const struct http_request *http);
/* The secret in the cookie; empty: there is none. */
struct text browser_secret(const struct http_request *http);
/* Whether no page asks, or one of the origin that it asks; else 403 in request->error. */
bool browser_same_origin(struct request *request);
/* Whose login it is: on the listener for callers an operator's is none. TOKEN_CALL where there is
 * no login. */
enum token_kind browser_kind(const struct request *request);
/* Sets request->token, and *out where that is not NULL; or fails with request->error: 401 where the
 * login or what it stands for has ended, 403 where the origin, the proof, the kind of token or its
 * address are not as they must be. */
bool browser_authenticate(struct request *request, enum token_kind kind, struct login *out);

/* The admin listener on a port answers to addresses and to the names that it was given, so that no
 * page is led to it by a name that somebody else made up; else 403 in request->error. */
bool browser_host_known(struct request *request);
