/* gateway/rendered.h
 * What a call would send, and to whom, for those who want to see it: a request that rests, or is
 * decided, behind its rendering. Credentials are starred. Texts are in the request's arena. */
#pragma once
#include "gateway/request_state.h"

/* The request as the target's own API would get it. */
struct wire_request rendered_wire(struct request *request);
struct text rendered_url(struct request *request, const struct wire_request *wire);
/* As one JSON document: endpoint, version, route, target, params, an estimate and the messages;
 * with the provider's request where it is wanted. */
struct text rendered_json(struct request *request, bool provider_body);
