/* gateway/under_way.h
 * Calls as they come and go: pinion_inflight_requests and pinion_open_streams, and which calls
 * repeat another. A copy of a call, and one of which only the decision is wanted, are none. */
#pragma once
struct request;

/* It is known whose call it is, and that it may be made: once a request. */
void under_way_begin(struct request *request);
/* A stream has begun towards the client. */
void under_way_stream(struct request *request);
/* It is over, and its answer sent. What did not begin does nothing. */
void under_way_end(struct request *request);
