#include "gateway/deprecation.h"

#include <time.h>

/* In the request's memory: the configuration may be let go of for that of an older version. */
struct deprecation_notice {
    bool told; /* the caller may know of it */
    bool over;
    struct text since, sunset, links, successor;
};

/* RFC 9110, section 5.6.7: "Sun, 31 Jan 2027 00:00:00 GMT". The program stays in the C locale. */
static struct text http_date(struct arena *arena, int64_t wall_ms)
{
    char date[40];
    time_t seconds = wall_ms / 1000;
    struct tm tm;
    size_t len;

    if (gmtime_r(&seconds, &tm) == NULL)
        return (struct text){0};
    len = strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &tm);
    return arena_copy(arena, (struct text){date, len});
}

/* Other slugs are the business of those who may call them. */
static struct text successor_of(const struct request *request, const struct deprecation *rule)
{
    const struct endpoint *next = config_endpoint(request->config, rule->successor);

    return next != NULL && token_scope_allows(request->token, next->slug) ? next->slug
                                                                          : (struct text){0};
}

static struct text links_of(struct request *request, const struct deprecation *rule,
                            struct text successor)
{
    struct buffer out = buffer_in(&request->arena);

    if (successor.len > 0)
        buffer_printf(&out, "</%.*s>; rel=\"successor-version\"", TEXT_ARG(successor));
    if (rule->link.len > 0)
        buffer_printf(&out, "%s<%.*s>; rel=\"deprecation\"", out.len > 0 ? ", " : "",
                      TEXT_ARG(rule->link));
    return buffer_text(&out);
}

void deprecation_note(struct request *request)
{
    const struct deprecation *rule = &request->endpoint->deprecated;
    struct deprecation_notice *notice;
    struct text successor;

    if (!rule->said)
        return;
    notice = ARENA_NEW(&request->arena, struct deprecation_notice);
    successor = successor_of(request, rule);
    notice->over = request->wall_ms >= rule->sunset_ms;
    notice->since = arena_printf(&request->arena, "@%lld", (long long)(rule->since_ms / 1000));
    if (rule->sunset_ms != INT64_MAX)
        notice->sunset = http_date(&request->arena, rule->sunset_ms);
    notice->links = links_of(request, rule, successor);
    notice->successor = arena_copy(&request->arena, successor);
    request->deprecation = notice;
}

bool deprecation_check(struct request *request)
{
    struct deprecation_notice *notice = request->deprecation;

    if (notice == NULL)
        return true;
    notice->told = true;
    if (!notice->over)
        return true;
    error_set(&request->error, ERROR_ENDPOINT_SUNSET, NULL,
              "the endpoint '%.*s' is no longer served; it could be called until %.*s",
              TEXT_ARG(request->endpoint->slug), TEXT_ARG(notice->sunset));
    if (notice->successor.len > 0)
        error_hint(&request->error, "call '%.*s' instead", TEXT_ARG(notice->successor));
    return false;
}

void deprecation_add(const struct request *request, struct headers *headers)
{
    const struct deprecation_notice *notice = request->deprecation;

    if (notice == NULL || !notice->told)
        return;
    headers_add(headers, "deprecation", notice->since);
    headers_add(headers, "sunset", notice->sunset);
    headers_add(headers, "link", notice->links);
}
