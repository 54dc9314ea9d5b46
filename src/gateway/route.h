/* gateway/route.h
 * Which target answers a request, and why. */
#pragma once
#include "calendar/period.h"
#include "route/rule.h"

/* What a decision by rules was made of; of a request whose endpoint has rules. */
struct routing {
    int64_t spent[PERIOD_KIND_COUNT]; /* nano-USD, of the endpoint's budget; where rules ask */
    struct route_trace trace;
};
