/* A call made by an operator as the bearer of one of the tokens: in full, through all that holds
 * for that token, counted, paid for and logged as its own. Who may make tokens could as well make
 * one and call with it; this way it is recorded that it was him. */
#include "admin/access.h"
#include "admin/admin.h"
#include "admin/audit.h"
#include "admin/call_order.h"
#include "gateway/paths.h"
#include "gateway/stages.h"

#include "auth/token_grant.h"

/* It is good now, and may be used from where the operator is. False with request->error. */
static bool may_bear(struct request *request, const struct document *document)
{
    const struct token_record *token = request->token;

    if (document_member(document, 0, TEXT("at")) != CELL_NONE)
        return error_set(&request->error, ERROR_UNKNOWN_FIELD, "/at",
                         "a call is made now, and at no other time");
    if (text_equal(token->id, TEXT(TOKEN_ANYBODY)))
        return error_set(&request->error, ERROR_INVALID_REQUEST, "/token",
                         "'token' must be the id of the token as whose bearer it is called");
    if (!token_table_authenticate_digest(request->worker->gateway->tokens, TOKEN_CALL,
                                         token->digest, request->wall_ms, &request->token,
                                         &request->error)) {
        request->error.code = ERROR_INVALID_REQUEST; /* it is not the operator's own that is bad */
        return false;
    }
    return token_allows_address(token, request->http.peer) ||
           error_set(&request->error, ERROR_SCOPE_DENIED, "/token",
                     "this token may not be used from this address");
}

static void refuse(struct request *request)
{
    call_order_put_back(request, request->aside);
    request_refuse(request);
}

/* From here on it is a caller's request, and nothing of it an admin's. */
static void go_on(struct request *request, struct text object)
{
    const struct call_order *order = request->aside;
    enum verdict verdict;

    (void)object;
    request->http.admin = request->http.local = false;
    request->http.path = arena_printf(&request->arena, "/%.*s", TEXT_ARG(request->slug));
    request->token = order->bearer;
    request->logged_as = "try";
    request->aside = NULL;
    request->waiting = false; /* for the record */
    verdict = authenticate_call(request);
    request->at = verdict == WAIT ? STAGE_AUTHENTICATE : STAGE_LIMIT;
    if (verdict == WAIT)
        request->waiting = true;
    else
        pipeline_run(request);
}

static void record(struct request *request)
{
    struct call_order *order = request->aside;
    struct text object;

    if (request->error.code != ERROR_NONE) {
        refuse(request);
        return;
    }
    object = arena_printf(&request->arena, "%.*s%s as %.*s", TEXT_ARG(request->slug),
                          order->draft.count > 0 ? " (a draft)" : "", TEXT_ARG(order->bearer->id));
    request->token = order->admin; /* who is recorded */
    admin_record(request, AUDIT_CALL_TRY, object, go_on);
}

/* Who may make tokens may call what is in force; what a draft says is for authors to say. */
static bool may_draft(struct request *request, const struct call_order *order)
{
    const struct token_record *bearer = request->token;
    bool may;

    if (order->draft.count == 0)
        return true;
    request->token = order->admin;
    may = admin_may(request, ADMIN_CONFIG);
    request->token = bearer;
    return may;
}

void admin_try(struct request *request, struct text none)
{
    struct call_order *order = ARENA_NEW(&request->arena, struct call_order);
    struct document document;

    (void)none;
    request->aside = order;
    if (!call_order_read(request, &document, order) || !may_draft(request, order) ||
        !may_bear(request, &document)) {
        refuse(request);
        return;
    }
    order->bearer = request->token;
    call_order_begin(request, order, record);
}
