/* gateway/tracing.h
 * The trace that a request is part of: as its caller says, and as its providers are told. */
#pragma once
#include "gateway/request_state.h"

/* Reads the caller's headers, or begins a trace. */
void tracing_begin(struct request *request);
/* What a message inside the body says, which stands nearer to its sender than the headers; both are
 * kept. False, and nothing changes, where `parent` is no traceparent. */
bool tracing_join(struct request *request, struct text parent, struct text state);
/* Header lines for a provider, in the request's arena; none where pinion.yaml keeps them back. Its parent is the attempt where that has a
 * span, else the caller's span, which is one that somebody has; and where nobody said one the
 * request's own, which is that of its log line. */
struct text tracing_headers(const struct attempt *attempt);
/* The spans of a request that is over: its own, and one for each attempt. */
void tracing_tell(const struct request *request, uint64_t duration_us);
