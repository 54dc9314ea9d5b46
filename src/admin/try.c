/* A call made by an operator as the bearer of one of the tokens: in full, through all that holds
 * for that token, counted, paid for and logged as its own. Who may make tokens could as well make
 * one and call with it; this way it is recorded that it was him. */
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

/* From here on it is a caller's request, and nothing of it an admin's. */
static void go_on(struct request *request, struct text object)
{
    const struct call_order *order = request->aside;
    enum verdict verdict;

    (void)object;
    request->http.admin = request->http.local = false;
    request->http.path = arena_printf(&request->arena, "/%.*s", TEXT_ARG(request->slug));
    request->token = order->bearer;
    request->logged_as = NULL;
    request->aside = NULL;
    request->waiting = false; /* for the record */
    verdict = authenticate_call(request);
    request->at = verdict == WAIT ? STAGE_AUTHENTICATE : STAGE_LIMIT;
    if (verdict == WAIT)
        request->waiting = true;
    else
        pipeline_run(request);
}

void admin_try(struct request *request, struct text none)
{
    struct call_order *order = ARENA_NEW(&request->arena, struct call_order);
    struct document document;
    struct text object;

    (void)none;
    if (!call_order_read(request, &document, order) || !may_bear(request, &document)) {
        call_order_put_back(request, order);
        request_refuse(request);
        return;
    }
    object = arena_printf(&request->arena, "%.*s as %.*s", TEXT_ARG(request->slug),
                          TEXT_ARG(request->token->id));
    order->bearer = request->token;
    request->token = order->admin; /* who is recorded */
    request->aside = order;
    admin_record(request, AUDIT_CALL_TRY, object, go_on);
}
