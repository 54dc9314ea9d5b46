/* Where a call would go now, and why. What the call says, and as whom, stands in the body; from
 * there on the request is that call, up to its route and no further. Nothing of it is counted,
 * sent, stored or logged. */
#include "admin/admin.h"
#include "admin/call_order.h"
#include "gateway/paths.h"
#include "gateway/stages.h"

/* --- the answer
 * ---------------------------------------------------------------------------------- */

static void decided(struct request *request)
{
    /* Also where the token may not use what it is routed to, which is told with the target. */
    bool known = request->error.code == ERROR_NONE ||
                 (request->routing != NULL && request->routing->decided);
    struct text body = known ? explain_text(request) : (struct text){0};

    request->decided = NULL;
    call_order_put_back(request, request->aside);
    if (known)
        request_reply(request, 200, TEXT("application/json"), body);
    else
        request_refuse(request);
}

/* Goes on with the reading of the body, at once or when the version that is meant has been made. */
static void start(struct request *request)
{
    enum verdict verdict = authenticate_call(request);

    request->at = verdict == WAIT ? STAGE_READ - 1 : STAGE_READ;
    if (verdict == WAIT)
        request->waiting = true;
    else
        pipeline_run(request);
}

void admin_explain(struct request *request, struct text none)
{
    struct call_order *order = ARENA_NEW(&request->arena, struct call_order);
    struct document document;

    (void)none;
    request->aside = order;
    request->decided = decided;
    request->decided_after = STAGE_ROUTE;
    request->explains = true;
    if (call_order_read(request, &document, order))
        start(request);
    else
        decided(request);
}
