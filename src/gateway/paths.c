/* One table of paths, tried in order; what none of them takes is a slug. */
#include "gateway/paths.h"

#include "base/check.h"
#include "gateway/audit_trail.h"
#include "gateway/fault.h"
#include "gateway/stages.h"

struct path_row {
    const char *path;
    const char *methods; /* as written in Allow */
    bool prefix;
    bool admin_only;
    void (*serve)(struct request *request);
};

/* What stands below each place where surfaces are mounted: /v1, and /api/{project}/v1. */
struct mounted_row {
    const char *path;
    const char *methods;
    bool prefix;
    const struct surface *surface;          /* whose calls are made there; NULL: */
    void (*serve)(struct request *request); /* it is no call */
};

/* The room below this one, which the gateway was given. */
static void serve_admin(struct request *request)
{
    request->worker->gateway->admin(request);
}

static const struct path_row rows[] = {
    {"/livez", "GET, HEAD", false, false, operations_live},
    {"/readyz", "GET, HEAD", false, false, operations_ready},
    {"/healthz", "GET, HEAD", false, false, operations_ready},
    {"/metrics", "GET, HEAD", false, false, operations_metrics},
    {"/schema/", "GET, HEAD", true, false, file_schemas_serve},
    {"/v1/sessions", "GET", false, false, own_sessions_list},
    {"/v1/sessions/", "GET, DELETE", true, false, own_session},
    {"/v1/usage", "GET", false, false, own_usage_serve},
    {"/admin/v1/", "GET, POST, PUT, PATCH, DELETE", true, true, serve_admin},
};

static const struct mounted_row mounted_rows[] = {
    {"chat/completions", "POST", false, &surface_chat, NULL},
};

static void reply(struct request *request, int status, struct text content_type, struct text cache,
                  struct text etag, struct text body)
{
    struct http_header *headers = ARENA_ARRAY(&request->arena, struct http_header, 4);
    struct http_reply whole = {.status = status, .headers = headers, .header_count = 3};

    headers[0] = (struct http_header){TEXT("content-type"), content_type};
    headers[1] = (struct http_header){TEXT("cache-control"), cache};
    headers[2] = (struct http_header){TEXT("x-request-id"), request->id};
    if (etag.len > 0)
        headers[whole.header_count++] = (struct http_header){TEXT("etag"), etag};
    whole.body = body;
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
    reply(request, status, content_type, TEXT("no-store"), (struct text){0}, body);
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

void request_reply_tagged(struct request *request, struct text content_type, struct text etag,
                          struct text body)
{
    bool known = has_tag(request, etag);

    reply(request, known ? 304 : 200, content_type, TEXT("no-cache"), etag,
          known ? (struct text){0} : body);
}

void request_refuse(struct request *request)
{
    CHECK(request->error.code != ERROR_NONE);
    request->finished = true;
    request->waiting = false;
    stage_journal(request);
    fault_reply(request);
}

static bool method_allowed(struct text method, struct text methods)
{
    while (methods.len > 0)
        if (text_equal(text_trim(text_split(&methods, ',')), method))
            return true;
    return false;
}

static void refuse_method(struct request *request, const char *methods)
{
    struct http_header allow = {TEXT("allow"), text_of(methods)};

    error_set(&request->error, ERROR_METHOD_NOT_ALLOWED, NULL, "this path takes %s only", methods);
    request->finished = true;
    stage_journal(request);
    fault_reply_with(request, &allow, 1);
}

static void refuse_path(struct request *request)
{
    error_set(&request->error, ERROR_ROUTE_NOT_FOUND, NULL, "there is nothing at this path");
    request_refuse(request);
}

/* "/summarize", in a project "/api/PROJECT/summarize", or there "chat/completions", where the body
 * names the endpoint. */
static bool names_endpoint(struct request *request)
{
    struct text path = request->http.path;

    if (text_starts(path, TEXT("/api/"))) {
        path = text_after(path, strlen("/api/"));
        request->project_named = text_split(&path, '/');
        if (text_equal(path, TEXT("chat/completions")))
            request->surface = &surface_named;
        if (request->project_named.len == 0 || request->surface != &surface_slug)
            return request->project_named.len > 0;
    } else {
        path = text_after(path, 1);
    }
    request_name_endpoint(request, path);
    return slug_valid(request->slug);
}

/* --- where surfaces are mounted
 * ---------------------------------------------------------------------------------- */

/* Whether the path is below such a place; the rest of it is noted, and whose project it names. */
static bool is_mounted(struct request *request)
{
    struct text path = request->http.path, project = {0};

    if (text_starts(path, TEXT("/api/"))) {
        path = text_after(path, strlen("/api/"));
        project = text_split(&path, '/');
        if (project.len == 0)
            return false;
    } else {
        path = text_after(path, 1);
    }
    if (!text_equal(text_split(&path, '/'), TEXT("v1")) || path.len == 0)
        return false;
    request->path_rest = path;
    request->project_named = project;
    return true;
}

static const struct mounted_row *find_mounted(struct request *request)
{
    if (request->http.admin || !is_mounted(request))
        return NULL;
    for (size_t i = 0; i < sizeof mounted_rows / sizeof *mounted_rows; i++) {
        const struct mounted_row *row = &mounted_rows[i];
        struct text path = text_of(row->path);

        if (row->prefix ? text_starts(request->path_rest, path)
                        : text_equal(request->path_rest, path))
            return row;
    }
    return NULL;
}

static void serve_mounted(struct request *request, const struct mounted_row *row)
{
    if (row->surface != NULL)
        request->surface = row->surface;
    if (!method_allowed(request->http.method, text_of(row->methods)))
        refuse_method(request, row->methods);
    else if (row->surface != NULL)
        pipeline_run(request);
    else
        row->serve(request);
}

static bool matches(const struct path_row *row, const struct request *request)
{
    struct text path = request->http.path;

    if (row->admin_only && !request->http.admin)
        return false;
    return row->prefix ? text_starts(path, text_of(row->path))
                       : text_equal(path, text_of(row->path));
}

void paths_serve(struct request *request)
{
    const struct mounted_row *mounted;

    if (request->http.admin)
        request->logged_as = "admin";
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!matches(&rows[i], request))
            continue;
        if (!method_allowed(request->http.method, text_of(rows[i].methods)))
            refuse_method(request, rows[i].methods);
        else
            rows[i].serve(request);
        return;
    }
    mounted = find_mounted(request);
    if (mounted != NULL) {
        serve_mounted(request, mounted);
        return;
    }
    if (request->http.admin || !names_endpoint(request)) {
        request->slug = (struct text){0};
        refuse_path(request);
        return;
    }
    if (!text_equal(request->http.method, TEXT("POST"))) {
        refuse_method(request, "POST");
        return;
    }
    pipeline_run(request);
}
