/* What callers can read about the endpoints that they may call. What depends on the configuration
 * is made for each request, of the snapshot it holds and for the token it carries; what is in the
 * program only, the docs page, is the same for everybody and needs no token. */
#include "base/check.h"
#include "catalog/catalog.h"
#include "catalog/docs_files.h"
#include "gateway/bearer.h"
#include "gateway/browser.h"
#include "gateway/paths.h"
#include "gateway/shared_config.h"
#include "gateway/stages.h"
#include "gateway/static_file.h"

#include <ctype.h>
#include <pthread.h>

/* --- what a token may call
 * ---------------------------------------------------------------------------------- */

/* An operator who is logged in and may see the configuration sees all of it. */
static bool operator_may_read(struct request *request)
{
    return browser_authenticate(request, TOKEN_ADMIN, NULL) &&
           ((request->token->verbs & ADMIN_CONFIG) != 0 ||
            error_set(&request->error, ERROR_SCOPE_DENIED, NULL,
                      "this credential lacks the verb 'config'"));
}

/* False with request->error. */
static bool may_read(struct request *request)
{
    if (browser_bears(&request->http) && browser_kind(request) == TOKEN_ADMIN)
        return operator_may_read(request);
    return bearer_authenticate_reader(request, TOKEN_CALL) && request_find_project(request) &&
           ((request->token->verbs & (VERB_CALL | VERB_MODELS)) != 0 ||
            error_set(&request->error, ERROR_SCOPE_DENIED, NULL,
                      "this token may not see endpoints: it lacks the verbs 'call' and 'models'"));
}

static bool is_host(struct text host)
{
    for (size_t i = 0; i < host.len; i++)
        if (!isalnum((unsigned char)host.at[i]) && memchr(".-_:[]", host.at[i], 6) == NULL)
            return false;
    return host.len > 0 && host.len <= 255;
}

/* How callers reach the gateway: as the operator says, else as this one did. */
static struct text origin_of(struct request *request)
{
    const struct settings *settings = &request->config->settings;
    struct text host = http_header(&request->http, TEXT("host"));

    if (settings->public_url.len > 0)
        return settings->public_url;
    return arena_printf(&request->arena, "%s://%.*s",
                        settings->certificate.len > 0 ? "https" : "http",
                        TEXT_ARG(is_host(host) ? host : TEXT("localhost")));
}

static struct catalog catalog_of(struct request *request)
{
    return (struct catalog){.config = request->config,
                            .token = request->token != NULL && request->token->kind == TOKEN_CALL
                                         ? request->token
                                         : NULL,
                            .origin = origin_of(request)};
}

/* A document for this token at this address; others get other ones. */
static void reply_own(struct request *request, struct text type, struct text etag, struct text body)
{
    const struct http_header more[] = {
        {TEXT("vary"), TEXT("authorization, x-api-key, host")},
        {TEXT("link"), TEXT("</llms.txt>; rel=\"describedby\"")},
        {TEXT("x-content-type-options"), TEXT("nosniff")},
    };

    const struct tagged document = {.type = type, .etag = etag, .body = body};

    request_reply_tagged_with(request, &document, more, sizeof more / sizeof *more);
}

void catalog_openapi(struct request *request)
{
    const struct openapi_pieces *pieces = &request->lease->shared->openapi;
    struct buffer out = buffer_in(&request->arena);
    struct catalog catalog;

    if (!may_read(request)) {
        request_refuse(request);
        return;
    }
    catalog = catalog_of(request);
    catalog_put_openapi(&catalog, pieces->items, &request->arena, &out);
    reply_own(request, TEXT("application/json"),
              openapi_pieces_etag(pieces, &catalog, &request->arena), buffer_text(&out));
}

void catalog_llms(struct request *request)
{
    struct buffer out = buffer_in(&request->arena);
    bool general = bearer_of(&request->http).len == 0;
    struct catalog catalog;

    if (!general && !may_read(request)) {
        request_refuse(request);
        return;
    }
    catalog = catalog_of(request);
    catalog_put_llms(&catalog, general, &out);
    reply_own(request, TEXT("text/markdown; charset=utf-8"),
              etag_of(&request->arena, buffer_text(&out)), buffer_text(&out));
}

/* An endpoint that the token may not call is one that is not there. */
static void serve_page(struct request *request, struct text slug)
{
    struct buffer out = buffer_in(&request->arena);
    const struct endpoint *endpoint;
    struct catalog catalog;

    if (!may_read(request)) {
        request_refuse(request);
        return;
    }
    catalog = catalog_of(request);
    endpoint = config_endpoint(request->config, slug);
    if (endpoint == NULL || !catalog_shows(&catalog, endpoint)) {
        error_set(&request->error, ERROR_ENDPOINT_NOT_FOUND, NULL, "there is no endpoint '%.*s'",
                  TEXT_ARG(text_first(slug, 64)));
        request_refuse(request);
        return;
    }
    catalog_put_page(&catalog, endpoint, &request->arena, &out);
    reply_own(request, TEXT("text/markdown; charset=utf-8"),
              etag_of(&request->arena, buffer_text(&out)), buffer_text(&out));
}

/* --- the docs page
 * ---------------------------------------------------------------------------------- */

enum { FILES_MAX = 8 };
static struct {
    struct docs_file files[FILES_MAX];
    struct text etags[FILES_MAX];
    size_t count;
} docs;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void add(struct arena *arena, const struct docs_file *file)
{
    CHECK(docs.count < FILES_MAX);
    docs.files[docs.count] = *file;
    docs.etags[docs.count++] = etag_of(arena, file->body);
}

static void make_all(void)
{
    static struct arena arena; /* for as long as the process lives */
    struct buffer errors = buffer_in(&arena);
    struct docs_file page = {TEXT("/docs/errors"), TEXT("text/html; charset=utf-8"), {0}};

    catalog_put_errors(&errors);
    page.body = buffer_text(&errors);
    add(&arena, &page);
    for (unsigned i = 0; docs_file_at(i, &page); i++)
        add(&arena, &page);
}

static void serve_file(struct request *request, size_t i)
{
    const struct static_file file = {
        .type = docs.files[i].type, .body = docs.files[i].body, .etag = docs.etags[i]};

    static_file_reply(request, &file);
}

void catalog_docs(struct request *request)
{
    struct text path = request->http.path, rest = text_after(path, strlen("/docs/"));

    if (text_equal(path, TEXT("/docs")))
        path = TEXT("/docs/");
    CHECK(pthread_once(&once, make_all) == 0);
    for (size_t i = 0; i < docs.count; i++)
        if (text_equal(path, docs.files[i].path)) {
            serve_file(request, i);
            return;
        }
    if (text_ends(rest, TEXT(".md"))) {
        serve_page(request, text_first(rest, rest.len - 3));
        return;
    }
    error_set(&request->error, ERROR_ROUTE_NOT_FOUND, NULL, "there is nothing at this path");
    error_hint(&request->error, "there are /docs/, /docs/errors and /docs/SLUG.md");
    request_refuse(request);
}
