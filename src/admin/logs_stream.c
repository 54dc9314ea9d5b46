/* The request log as it is written: GET /admin/v1/logs/stream. */
#include "admin/access.h"
#include "admin/admin.h"
#include "auth/token_grant.h"
#include "gateway/log_tail.h"
#include "gateway/log_wanted.h"
#include "gateway/paths.h"

static bool may_follow(struct request *request)
{
    return admin_admit(request) && admin_may(request, ADMIN_LOGS);
}

/* A client that comes back says where it was (WHATWG HTML section 9.2.4), whatever it had asked for
 * at first. */
static bool read_last(struct request *request, struct log_query *query)
{
    struct text last = http_header(&request->http, TEXT("last-event-id"));

    if (last.len == 0)
        return true;
    query->has_after = log_place_read(last, &query->after);
    return query->has_after ||
           error_set(&request->error, ERROR_INVALID_REQUEST, "last-event-id",
                     "'last-event-id' must be the id of an event of this stream");
}

void admin_follow_logs(struct request *request, struct text none)
{
    struct log_query query;

    (void)none;
    if (log_wanted_follow(request, &query) && read_last(request, &query))
        log_tail(request, &query, may_follow);
    else
        request_refuse(request);
}
