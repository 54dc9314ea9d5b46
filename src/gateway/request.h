/* gateway/request.h
 * One request, from the moment its bytes are complete until the carrier lets go of it. */
#pragma once
#include "gateway/http.h"

struct request;
struct worker;

/* Takes up a request and runs its pipeline as far as it gets; the answer goes to `client` now or
 * later. `http` is copied, its texts and `client` are kept until request_free. Never NULL. Neither
 * calls request_free itself. */
struct request *request_start(struct worker *worker, const struct http_request *http,
                              struct http_client *client);
/* What was written has been sent, and less than HTTP_LOW_WATER waits. */
void request_drained(struct request *request);
/* The client has gone (or is being thrown out): the provider call is cancelled at once, nothing is
 * answered any more, the journal says 499. request_free follows. May come at any time, more than
 * once. */
void request_gone(struct request *request);
/* Ends whatever still goes on and frees everything. The carrier calls it exactly once, when it
 * holds none of the answer's bytes any more. NULL does nothing. */
void request_free(struct request *request);
