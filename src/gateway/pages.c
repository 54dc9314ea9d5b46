#include "gateway/pages.h"

#include "base/check.h"

/* Browsers keep it no longer. */
#define KEPT_S "7200"

/* What pages may send besides what every page may. A `*` would not cover Authorization, so they are
 * listed: ours, and those of the SDKs. */
// clang-format off
#define TAKEN                                                                                      \
    "authorization, content-type, x-api-key, user-agent, x-request-id, traceparent, tracestate, "  \
    "idempotency-key, x-cache-ttl, x-ai-provider, "                                                \
    "pinion-session-id, pinion-endpoint-version, pinion-explain, pinion-tag, "                     \
    "openai-organization, openai-project, openai-beta, "                                           \
    "anthropic-version, anthropic-beta, anthropic-dangerous-direct-browser-access, "               \
    "mcp-protocol-version, mcp-method, mcp-name, mcp-session-id, last-event-id, "                  \
    "x-stainless-lang, x-stainless-package-version, x-stainless-os, x-stainless-arch, "            \
    "x-stainless-runtime, x-stainless-runtime-version, x-stainless-retry-count, "                  \
    "x-stainless-timeout, x-stainless-read-timeout, x-stainless-async, "                           \
    "x-stainless-raw-response, x-stainless-helper, x-stainless-helper-method, "                    \
    "x-stainless-poll-helper, x-stainless-custom-poll-interval"

/* What of an answer's head they may read. */
#define SHOWN                                                                                      \
    "x-request-id, request-id, server-timing, retry-after, retry-after-ms, x-should-retry, "       \
    "ratelimit, ratelimit-policy, "                                                                \
    "x-ratelimit-limit-requests, x-ratelimit-remaining-requests, x-ratelimit-reset-requests, "     \
    "x-ratelimit-limit-tokens, x-ratelimit-remaining-tokens, x-ratelimit-reset-tokens, "           \
    "anthropic-ratelimit-requests-limit, anthropic-ratelimit-requests-remaining, "                 \
    "anthropic-ratelimit-requests-reset, anthropic-ratelimit-tokens-limit, "                       \
    "anthropic-ratelimit-tokens-remaining, anthropic-ratelimit-tokens-reset, "                     \
    "openai-processing-ms, pinion-endpoint, pinion-version, pinion-route, pinion-provider, "       \
    "pinion-model, pinion-attempts, pinion-cost-usd, pinion-session-id, x-cache, x-ai-provider, "  \
    "idempotency-replayed, www-authenticate, allow, deprecation, sunset, link"
// clang-format on

void pages_ask(struct request *request, const struct origins *origins)
{
    struct text origin;

    request->page = PAGE_UNSAID;
    if (origins->count == 0)
        return;
    origin = http_header(&request->http, TEXT("origin"));
    request->page = origin.len > 0 && origin_allowed(origins, origin) ? PAGE_ALLOWED : PAGE_STRANGE;
}

void pages_add(struct request *request, struct headers *headers)
{
    if (request->page == PAGE_UNSAID)
        return;
    headers_add(headers, "vary",
                TEXT("Origin")); /* also for those that may not: caches keep both */
    if (request->page == PAGE_STRANGE)
        return;
    headers_add(headers, "access-control-allow-origin",
                http_header(&request->http, TEXT("origin")));
    headers_add(headers, "access-control-expose-headers", TEXT(SHOWN));
}

/* An operator who routes by a header has it sent. */
static struct text taken(struct request *request)
{
    const struct settings *settings = &request->config->settings;
    struct buffer out = buffer_in(&request->arena);

    buffer_put(&out, TEXT(TAKEN));
    for (size_t i = 0; i < settings->routing_header_count; i++) {
        buffer_put(&out, TEXT(", "));
        buffer_put(&out, settings->routing_headers[i]);
    }
    return buffer_text(&out);
}

void pages_add_preflight(struct request *request, const char *methods, struct headers *headers)
{
    bool preflight = http_header(&request->http, TEXT("access-control-request-method")).len > 0;

    pages_add(request, headers);
    if (!preflight || request->page != PAGE_ALLOWED)
        return;
    headers_add(headers, "access-control-allow-methods", text_of(methods));
    headers_add(headers, "access-control-allow-headers", taken(request));
    headers_add(headers, "access-control-max-age", TEXT(KEPT_S));
}
