/* gateway/deprecation.h
 * What callers are told of an endpoint that is better not called any more: Deprecation (RFC 9745),
 * Sunset (RFC 8594), and links to what takes its place (RFC 5829) and to what people should read;
 * and that it is gone, behind its day. It is said of an endpoint as it is in force, whichever of
 * its versions is called. */
#pragma once
#include "gateway/headers.h"
#include "gateway/request_state.h"

/* Notes what there is to say of the request's endpoint, whose token is known. */
void deprecation_note(struct request *request);
/* False with request->error where the endpoint is gone. To be asked once it is known that the token
 * may call it; from then on the answer's head says what was noted. */
bool deprecation_check(struct request *request);
void deprecation_add(const struct request *request, struct headers *headers);
