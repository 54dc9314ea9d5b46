/* One table of paths, tried in order; what none of them takes is a slug. */
#include "gateway/paths.h"

#include "base/check.h"
#include "gateway/audit_trail.h"
#include "gateway/fault.h"
#include "gateway/headers.h"
#include "gateway/methods.h"
#include "gateway/pages.h"
#include "gateway/path_form.h"
#include "gateway/stages.h"

/* By which listener a request came. */
enum { BY_CALLERS = 1, BY_ADMIN = 2, BY_METRICS = 4, BY_BOTH = BY_CALLERS | BY_ADMIN, BY_ANY = 7 };

struct path_row {
    const char *path;
    const char *methods; /* "GET, DELETE": methods.h; NULL: who serves it sees to that */
    bool prefix;
    unsigned by;
    void (*serve)(struct request *request);
};

/* What stands below each place where surfaces are mounted: /v1, /api/{project}/v1, and the mount
 * points of the configuration. */
struct mounted_row {
    const char *path;
    const char *methods;
    bool prefix;
    const struct surface *surface;          /* whose words are spoken there; NULL: no surface's */
    void (*serve)(struct request *request); /* NULL: it is a call */
};

/* The room below this one, which the gateway was given. */
static void serve_admin(struct request *request)
{
    request->worker->gateway->admin(request);
}

static const struct path_row rows[] = {
    {"/livez", "GET", false, BY_ANY, operations_live},
    {"/readyz", "GET", false, BY_ANY, operations_ready},
    {"/healthz", "GET", false, BY_ANY, operations_ready},
    {"/metrics", "GET", false, BY_ANY, operations_metrics},
    {"/schema/", "GET", true, BY_BOTH, file_schemas_serve},
    {"/openapi.json", "GET", false, BY_BOTH, catalog_openapi},
    {"/llms.txt", "GET", false, BY_BOTH, catalog_llms},
    {"/docs", "GET", false, BY_BOTH, catalog_docs},
    {"/docs/", "GET", true, BY_BOTH, catalog_docs},
    {"/dashboard/login", "GET, POST", false, BY_BOTH, dashboard_login},
    {"/dashboard/logout", "POST", false, BY_BOTH, dashboard_logout},
    {"/dashboard", "GET", false, BY_BOTH, dashboard_serve},
    {"/dashboard/", "GET", true, BY_BOTH, dashboard_serve},
    {"/v1/sessions", "GET", false, BY_BOTH, own_sessions_list},
    {"/v1/sessions/", "GET, DELETE", true, BY_BOTH, own_session},
    {"/v1/usage", "GET", false, BY_BOTH, own_usage_serve},
    {"/admin/v1/", NULL, true, BY_ADMIN, serve_admin},
};

static const struct mounted_row mounted_rows[] = {
    {"models", "GET", false, NULL, models_list},
    {"models/", "GET", true, NULL, models_show},
    {"chat/completions", "POST", false, &surface_chat, NULL},
    {"responses", "POST", false, &surface_responses, NULL},
    {"responses/", "GET, DELETE", true, NULL, own_response},
    {"embeddings", "POST", false, &surface_embeddings, NULL},
    {"messages", "POST", false, &surface_messages, NULL},
    {"messages/count_tokens", "POST", false, &surface_count, count_tokens_serve},
};

static struct headers *headers_of(struct request *request, struct text content_type,
                                  struct text cache)
{
    struct headers *headers = ARENA_NEW(&request->arena, struct headers);

    headers_add(headers, "content-type", content_type);
    headers_add(headers, "cache-control", cache);
    headers_add(headers, "x-request-id", request->id);
    return headers;
}

static void reply(struct request *request, int status, struct headers *headers, struct text body)
{
    struct http_reply whole = {.status = status, .headers = headers->items, .body = body};

    pages_add(request, headers);
    whole.header_count = headers->count;
    if (request->http.admin && request->token != NULL)
        audit_trail_use(request->worker->gateway, request->token->id, request->http.peer,
                        request->wall_ms);
    request->finished = true;
    request->waiting = false;
    if (!request->gone)
        request->client->ops->reply(request->client, &whole);
}

void request_reply(struct request *request, int status, struct text content_type, struct text body)
{
    reply(request, status, headers_of(request, content_type, TEXT("no-store")), body);
}

void request_reply_with(struct request *request, int status, struct text content_type,
                        struct text body, const struct http_header *more, size_t more_count)
{
    struct headers *headers = headers_of(request, content_type, TEXT("no-store"));

    headers_add_all(headers, more, more_count);
    reply(request, status, headers, body);
}

/* RFC 9110, section 13.1.2: a list of tags, compared weakly, or any. */
static bool has_tag(const struct request *request, struct text etag)
{
    struct text known = http_header(&request->http, TEXT("if-none-match"));

    while (known.len > 0) {
        struct text one = text_trim(text_split(&known, ','));

        if (text_starts(one, TEXT("W/")))
            one = text_after(one, 2);
        if (text_equal(one, TEXT("*")) || text_equal(one, etag))
            return true;
    }
    return false;
}

void request_reply_tagged_with(struct request *request, const struct tagged *document,
                               const struct http_header *more, size_t more_count)
{
    struct headers *headers = headers_of(
        request, document->type, document->cache.len > 0 ? document->cache : TEXT("no-cache"));
    bool known = has_tag(request, document->etag);

    headers_add(headers, "etag", document->etag);
    headers_add_all(headers, more, more_count);
    reply(request, known ? 304 : 200, headers, known ? (struct text){0} : document->body);
}

void request_reply_tagged(struct request *request, struct text content_type, struct text etag,
                          struct text body)
{
    const struct tagged document = {.type = content_type, .etag = etag, .body = body};

    request_reply_tagged_with(request, &document, NULL, 0);
}

void request_refuse(struct request *request)
{
    CHECK(request->error.code != ERROR_NONE);
    request->finished = true;
    request->waiting = false;
    stage_journal(request);
    fault_reply(request);
}

/* --- which way a path leads
 * ---------------------------------------------------------------------------------- */

/* One way: what is found out about a path, whoever asks. */
struct way {
    const char *methods;                    /* NULL: who serves it sees to that */
    const struct surface *surface;          /* whose words are spoken there; NULL: no surface's */
    void (*serve)(struct request *request); /* NULL: it is a call */
    struct text project, slug, rest;        /* what it names; what stands below a mount */
    const struct origins *origins; /* of pages that may read what comes of it; NULL: none may */
    bool by_endpoint;              /* once that is known, it says which */
};

static unsigned listener_of(const struct request *request)
{
    if (request->http.metrics)
        return BY_METRICS;
    return request->http.admin ? BY_ADMIN : BY_CALLERS;
}

static bool leads_to_row(struct text path, unsigned by, struct way *out)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct path_row *row = &rows[i];

        if ((row->by & by) == 0)
            continue;
        if (row->prefix ? !text_starts(path, text_of(row->path))
                        : !text_equal(path, text_of(row->path)))
            continue;
        *out = (struct way){.methods = row->methods, .serve = row->serve};
        return true;
    }
    return false;
}

/* "/api/PROJECT/v1/models" is "/v1/models" in that project. Gives the rest of the path, empty where
 * no project is named. */
static struct text split_project(struct text path, struct text *out_project)
{
    if (!text_starts(path, TEXT("/api/")))
        return text_after(path, 1);
    path = text_after(path, strlen("/api/"));
    *out_project = text_split(&path, '/');
    return out_project->len > 0 ? path : (struct text){0};
}

/* What is served below a place where surfaces are mounted. */
static bool leads_below(const struct request *request, struct text rest, struct text project,
                        struct way *out)
{
    for (size_t i = 0; i < sizeof mounted_rows / sizeof *mounted_rows; i++) {
        const struct mounted_row *row = &mounted_rows[i];

        if (row->prefix ? !text_starts(rest, text_of(row->path))
                        : !text_equal(rest, text_of(row->path)))
            continue;
        *out = (struct way){
            .methods = row->methods,
            .surface = row->surface,
            .serve = row->serve,
            .project = project,
            .rest = rest,
            .origins = &request->config->origins,
            .by_endpoint = true,
        };
        return true;
    }
    return false;
}

/* A mount point may lie below another, or where something else is served: it has only what is
 * found below it. */
static bool leads_below_mount(const struct request *request, struct text path, struct way *out)
{
    const struct settings *settings = &request->config->settings;

    for (size_t i = 0; i < settings->mount_count; i++) {
        struct text mount = settings->mounts[i];

        if (path.len > mount.len && text_starts(path, mount) && path.at[mount.len] == '/' &&
            leads_below(request, text_after(path, mount.len + 1), (struct text){0}, out))
            return true;
    }
    return false;
}

/* A base URL is easily written without its /v1: what is not an endpoint's is served there too. */
static bool leads_to_mounted(const struct request *request, struct text path, struct way *out)
{
    struct text project = {0}, rest = split_project(path, &project), below = rest;

    if (leads_below_mount(request, path, out))
        return true;
    if (text_equal(text_split(&below, '/'), TEXT("v1")))
        return leads_below(request, below, project, out);
    return project.len == 0 && config_endpoint(request->config, rest) == NULL &&
           leads_below(request, rest, project, out);
}

/* "/mcp", and in a project "/api/PROJECT/mcp". */
static bool leads_to_mcp(const struct request *request, struct text path, struct way *out)
{
    struct text project = {0}, rest = split_project(path, &project);

    *out = (struct way){.methods = "POST",
                        .serve = mcp_serve,
                        .project = project,
                        .origins = &request->config->settings.mcp_origins};
    return text_equal(rest, TEXT("mcp"));
}

/* "/summarize", in a project "/api/PROJECT/summarize", or there "chat/completions", where the body
 * names the endpoint. */
static bool leads_to_endpoint(const struct request *request, struct text path, struct way *out)
{
    struct text project = {0}, rest = split_project(path, &project);
    struct text slug = text_first(rest, text_find_byte(rest, '@'));
    const struct endpoint *endpoint;

    *out = (struct way){.methods = "POST",
                        .surface = &surface_named,
                        .project = project,
                        .origins = &request->config->origins,
                        .by_endpoint = true};
    if (project.len > 0 && text_equal(rest, TEXT("chat/completions")))
        return true;
    endpoint = config_endpoint(request->config, slug);
    out->origins = endpoint != NULL ? &endpoint->origins : NULL;
    out->surface = &surface_slug;
    out->slug = rest;
    return slug_valid(slug);
}

static bool find_way(const struct request *request, struct text path, struct way *out)
{
    unsigned by = listener_of(request);

    if (by == BY_CALLERS && request->worker->gateway->metrics_apart &&
        text_equal(path, TEXT("/metrics")))
        return false;
    if (leads_to_row(path, by, out))
        return true;
    return by == BY_CALLERS &&
           (leads_to_mounted(request, path, out) || leads_to_mcp(request, path, out) ||
            leads_to_endpoint(request, path, out));
}

/* --- there is none, or not that way
 * ---------------------------------------------------------------------------------- */

/* One path has one form; whoever writes another is told it. */
static void hint_path(struct request *request)
{
    const struct text plain = path_plain(&request->arena, request->http.path);
    const struct text tries[] = {
        plain, path_lower(&request->arena, plain),
        arena_printf(&request->arena, "/v1%.*s", TEXT_ARG(plain)), /* often forgotten */
    };
    struct way way;

    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++)
        if (find_way(request, tries[i], &way)) {
            error_hint(&request->error, "did you mean '%.*s'?", TEXT_ARG(tries[i]));
            return;
        }
}

static void refuse_path(struct request *request)
{
    error_set(&request->error, ERROR_ROUTE_NOT_FOUND, NULL, "there is nothing at this path");
    hint_path(request);
    request_refuse(request);
}

void request_refuse_method(struct request *request, const char *methods)
{
    struct http_header allow = {TEXT("allow"), methods_allow(&request->arena, text_of(methods))};

    error_set(&request->error, ERROR_METHOD_NOT_ALLOWED, NULL, "this path takes %s only", methods);
    request->finished = true;
    stage_journal(request);
    fault_reply_with(request, &allow, 1);
}

void request_tell_methods(struct request *request, const char *methods)
{
    struct headers *headers = ARENA_NEW(&request->arena, struct headers);
    struct http_reply reply = {.status = 204, .headers = headers->items};

    headers_add(headers, "allow", methods_allow(&request->arena, text_of(methods)));
    headers_add(headers, "cache-control", TEXT("no-store"));
    headers_add(headers, "x-request-id", request->id);
    pages_add_preflight(request, methods, headers);
    reply.header_count = headers->count;
    request->finished = true;
    request->client->ops->reply(request->client, &reply);
}

static void go(struct request *request, const struct way *way)
{
    struct text method = request->http.method;

    request->project_named = way->project;
    request->path_rest = way->rest;
    request->page_by_endpoint = way->by_endpoint;
    if (way->origins != NULL)
        pages_ask(request, way->origins);
    if (way->surface != NULL)
        request->surface = way->surface;
    if (way->slug.len > 0)
        request_name_endpoint(request, way->slug);
    if (way->methods != NULL && text_equal(method, TEXT("OPTIONS")))
        request_tell_methods(request, way->methods);
    else if (way->methods != NULL && !methods_take(text_of(way->methods), method))
        request_refuse_method(request, way->methods);
    else if (way->serve != NULL)
        way->serve(request);
    else
        pipeline_run(request);
}

void paths_serve(struct request *request)
{
    struct way way;

    if (request->http.admin || request->http.metrics)
        request->logged_as = request->http.admin ? "admin" : "metrics";
    if (find_way(request, request->http.path, &way))
        go(request, &way);
    else
        refuse_path(request);
}
