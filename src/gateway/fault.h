/* gateway/fault.h
 * A request's error as bytes: the same object on every surface, as that one wraps it, or RFC 9457
 * where the client asks for it. */
#pragma once
#include "gateway/request_state.h"

/* What the surface is told of request->error. */
struct surface_fault fault_said(struct request *request);
/* The status of the response with it. */
int fault_status(const struct request *request);
/* The whole body of an answer with request->error, in the form the client asks for. */
struct text fault_body(struct request *request);
struct text fault_content_type(const struct request *request);
/* Answers with request->error, its body already in request->reply (stage_journal), and the
 * headers it needs. */
void fault_reply(struct request *request);
/* With further headers (borrowed). */
void fault_reply_with(struct request *request, const struct http_header *more, size_t more_count);
