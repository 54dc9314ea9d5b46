/* gateway/route.h
 * Which target answers a request, and why. */
#pragma once
#include "calendar/period.h"
#include "route/rule.h"

struct request;

/* What a decision by rules was made of; of a request whose endpoint has rules, or that explains. */
struct routing {
    int64_t spent[PERIOD_KIND_COUNT]; /* nano-USD, of the endpoint's budget; where rules ask */
    struct route_look looks[ROUTE_LOOKS_MAX]; /* the trace's, unless the request explains itself */
    struct route_trace trace;
    bool decided;
    const struct route_reason *reasons; /* where the request explains itself */
    size_t reason_count;
};

/* Puts a member `explain` into the object that is being written, where the request explains itself
 * and is decided, else nothing: {"route":...,"rules":[...],"chain":[...]}, the rules with their
 * conditions, and the targets in the order in which they are tried. */
void explain_put_member(const struct request *request, struct buffer *out);
/* The same object as it is kept of any request that rules have decided; empty of others. Rules that
 * did not decide are told as far as there is room, and how many are not is said. What a caller
 * wrote itself is in it only where `told`. In the request's arena. */
struct text explain_kept(struct request *request, bool told);
/* The whole of what somebody is told who asked where a call would go: an object of the endpoint,
 * its version, the time of which it is true, and that member. In the request's arena. */
struct text explain_text(struct request *request);
