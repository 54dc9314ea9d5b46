#include "gateway/bearer.h"

#include "auth/token_grant.h"
#include "gateway/audit_trail.h"
#include "gateway/browser.h"
#include "gateway/stages.h"

enum { MINUTE_MS = 60000, FAILURES_A_MINUTE = 10 };

struct text bearer_of(const struct http_request *http)
{
    struct text value = http_header(http, TEXT("authorization"));

    if (value.len > 7 && text_equal_nocase(text_first(value, 7), TEXT("bearer ")))
        return text_trim(text_after(value, 7));
    return http_header(http, TEXT("x-api-key"));
}

static void count_failure(struct request *request)
{
    struct rate_verdict verdict = rate_take(
        request->worker->gateway->rates, limit_key("failures", request->http.peer, TEXT("")),
        FAILURES_A_MINUTE, MINUTE_MS, loop_now_ms(request->worker->loop));

    if (verdict.allowed)
        return;
    audit_trail_failure(request->worker->gateway, request->http.peer, request->error.code,
                        request->wall_ms); /* the journal will not see that it was one */
    error_set(&request->error, ERROR_RATE_LIMITED, NULL,
              "too many requests with a bad token from this address");
    request->error.retry_after_s = verdict.retry_after_s;
}

bool bearer_authenticate_secret(struct request *request, enum token_kind kind, struct text secret)
{
    const struct token_record *token;

    if (!token_table_authenticate(request->worker->gateway->tokens, kind, secret, request->wall_ms,
                                  &token, &request->error)) {
        count_failure(request);
        return false;
    }
    request->token = token;
    if (token_allows_address(token, request->http.peer))
        return true;
    return error_set(&request->error, ERROR_SCOPE_DENIED, NULL,
                     "this token may not be used from this address");
}

bool bearer_authenticate(struct request *request, enum token_kind kind)
{
    return bearer_authenticate_secret(request, kind, bearer_of(&request->http));
}

bool bearer_authenticate_reader(struct request *request, enum token_kind kind)
{
    return browser_bears(&request->http) ? browser_authenticate(request, kind, NULL)
                                         : bearer_authenticate(request, kind);
}
