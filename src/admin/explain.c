/* Where a call would go now, and why; and what would be sent there. What the call says, and as
 * whom, stands in the body; from there on the request is that call, up to its route or its
 * rendering and no further. Nothing of it is counted, sent, stored or logged. */
#include "admin/admin.h"
#include "admin/call_order.h"
#include "gateway/paths.h"
#include "gateway/rendered.h"
#include "gateway/stages.h"

/* --- the answer
 * ---------------------------------------------------------------------------------- */

static void answer(struct request *request, bool known, struct text body)
{
    request->decided = NULL;
    call_order_put_back(request, request->aside);
    if (known)
        request_reply(request, 200, TEXT("application/json"), body);
    else
        request_refuse(request);
}

static void routed(struct request *request)
{
    /* Also where the token may not use what it is routed to, which is told with the target. */
    bool known = request->error.code == ERROR_NONE ||
                 (request->routing != NULL && request->routing->decided);

    answer(request, known, known ? explain_text(request) : (struct text){0});
}

static void rendered(struct request *request)
{
    bool known = request->error.code == ERROR_NONE;

    answer(request, known, known ? rendered_json(request, true) : (struct text){0});
}

/* Goes on with the reading of the body, at once or when the version that is meant has been made. */
static void start(struct request *request)
{
    enum verdict verdict;

    if (request->error.code != ERROR_NONE) {
        request->decided(request);
        return;
    }
    verdict = authenticate_call(request);

    request->at = verdict == WAIT ? STAGE_READ - 1 : STAGE_READ;
    if (verdict == WAIT)
        request->waiting = true;
    else
        pipeline_run(request);
}

static void decide(struct request *request, enum stage_id after,
                   void (*decided)(struct request *request))
{
    struct call_order *order = ARENA_NEW(&request->arena, struct call_order);
    struct document document;
    bool good = call_order_read(request, &document, order);

    request->aside = order;
    request->decided = decided;
    request->decided_after = after;
    if (good)
        call_order_begin(request, order, start);
    else
        decided(request);
}

void admin_explain(struct request *request, struct text none)
{
    (void)none;
    request->explains = true;
    decide(request, STAGE_ROUTE, routed);
}

void admin_render(struct request *request, struct text none)
{
    (void)none;
    decide(request, STAGE_RENDER, rendered);
}
