/* gateway/route.h
 * Which target answers a request, and why. */
#pragma once
#include "calendar/period.h"
#include "route/rule.h"

struct request;

/* What a decision by rules was made of; of a request whose endpoint has rules, or that explains. */
struct routing {
    int64_t spent[PERIOD_KIND_COUNT]; /* nano-USD, of the endpoint's budget; where rules ask */
    struct route_trace trace;
    bool decided;
    const struct route_reason *reasons; /* where the request explains itself */
    size_t reason_count;
};

/* Puts {"route":...,"rules":[...],"chain":[...]} of a request that is decided: the rules with their
 * conditions, and the targets in the order in which they are tried. */
void explain_put(const struct request *request, struct buffer *out);
/* The same as a member `explain` of the object that is being written, where the request explains
 * itself and is decided; else nothing. */
void explain_put_member(const struct request *request, struct buffer *out);
