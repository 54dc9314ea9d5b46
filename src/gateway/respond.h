/* gateway/respond.h
 * Parts of an answer that whole and streamed replies share. */
#pragma once
#include "gateway/request_state.h"

enum { VERSION_SHOWN = 12 }; /* digits of an endpoint's version that people are shown */

/* Fills status-independent headers of a call's answer: id, endpoint, route, provider, limits,
 * timing. Sets reply->headers and header_count. */
void respond_headers(struct request *request, struct text content_type, struct http_reply *reply);
/* The head of the answer as it is: status and headers. */
struct http_reply respond_head(struct request *request);
/* Builds the body of a whole answer into request->reply, so that the journal knows its length. */
void respond_prepare(struct request *request);
/* What the surface is told while the answer is under way, and when it is complete: then with what
 * the gateway did. */
struct surface_said respond_said(struct request *request);
struct surface_said respond_said_whole(struct request *request);
/* {"request_id": ..., "endpoint": ...} */
void respond_put_meta(const struct request *request, struct buffer *out);
