/* Who asks and whether it may. Answers to a bad token are alike, and each one
 * counts against the address it came from, so that guessing stays slow. */
#include "gateway/audit_trail.h"
#include "gateway/stages.h"

enum { MINUTE_MS = 60000, FAILURES_A_MINUTE = 10 };

static struct text bearer_of(const struct http_request *http)
{
    struct text value = http_header(http, TEXT("authorization"));

    if (value.len > 7 && text_equal_nocase(text_first(value, 7), TEXT("bearer ")))
        return text_trim(text_after(value, 7));
    return http_header(http, TEXT("x-api-key"));
}

static enum verdict refuse_bearer(struct request *request)
{
    struct rate_verdict verdict = rate_take(
        request->worker->gateway->rates, limit_key("failures", request->http.peer, TEXT("")),
        FAILURES_A_MINUTE, MINUTE_MS, loop_now_ms(request->worker->loop));

    if (!verdict.allowed) {
        audit_trail_failure(request->worker->gateway, request->http.peer, request->error.code,
                            request->wall_ms); /* the journal will not see that it was one */
        error_set(&request->error, ERROR_RATE_LIMITED, NULL,
                  "too many requests with a bad token from this address");
        request->error.retry_after_s = verdict.retry_after_s;
    }
    return FAIL;
}

/* Nothing of ours is silently ignored: a header that a later version will honour is refused. */
static bool headers_known(struct request *request)
{
    for (size_t i = 0; i < request->http.header_count; i++) {
        struct text name = request->http.headers[i].name;
        bool ours = text_starts(name, TEXT("pinion-"));

        if ((ours && !text_equal(name, TEXT("pinion-session-id"))) ||
            text_equal(name, TEXT("idempotency-key"))) {
            error_set(
                &request->error, ERROR_INVALID_REQUEST, arena_terminated(&request->arena, name),
                "the header '%.*s' is not known to this version", TEXT_ARG(text_first(name, 64)));
            return false;
        }
    }
    return true;
}

/* The nearest slug that this token may call, for a hint. */
static struct text nearest_slug(struct request *request)
{
    const struct config *config = request->config;
    struct text *names = ARENA_ARRAY(&request->arena, struct text, config->endpoint_count);
    size_t count = 0;

    for (size_t i = 0; i < config->endpoint_count; i++)
        if (token_scope_allows(request->token, config->endpoints[i].slug))
            names[count++] = config->endpoints[i].slug;
    return nearest_name(request->slug, names, count);
}

static enum verdict refuse_slug(struct request *request)
{
    struct text nearest = nearest_slug(request);

    error_set(&request->error, ERROR_ENDPOINT_NOT_FOUND, NULL, "there is no endpoint '%.*s'",
              TEXT_ARG(request->slug));
    if (nearest.len > 0)
        error_hint(&request->error, "did you mean '%.*s'?", TEXT_ARG(nearest));
    return FAIL;
}

enum verdict stage_authenticate(struct request *request)
{
    struct gateway *gateway = request->worker->gateway;
    struct text bearer = bearer_of(&request->http);

    if (atomic_load_explicit(&gateway->draining, memory_order_relaxed)) {
        error_set(&request->error, ERROR_SHUTTING_DOWN, NULL, "the gateway is shutting down");
        request->error.retry_after_s = 1;
        return FAIL;
    }
    if (!headers_known(request))
        return FAIL;
    if (!token_table_authenticate(gateway->tokens, bearer, request->wall_ms, &request->token,
                                  &request->error))
        return refuse_bearer(request);
    request->project = config_project(request->config, request->token->project);
    if (request->project == NULL) {
        error_set(&request->error, ERROR_SCOPE_DENIED, NULL,
                  "this token's project '%.*s' is no longer configured",
                  TEXT_ARG(request->token->project));
        return FAIL;
    }
    request->endpoint = config_endpoint(request->config, request->slug);
    if (request->endpoint == NULL)
        return refuse_slug(request);
    if (!token_scope_allows(request->token, request->slug)) {
        error_set(&request->error, ERROR_SCOPE_DENIED, NULL,
                  "this token's scope does not include the endpoint '%.*s'",
                  TEXT_ARG(request->slug));
        return FAIL;
    }
    return NEXT;
}
