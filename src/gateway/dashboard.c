/* /dashboard/: its files, which are the same for everybody, and the login that stands for a token
 * in a browser. Everything that the pages show they ask of the admin API, or of what callers may
 * ask on any listener; nothing here has it.
 *
 * Whatever is below /dashboard/ and is no file is a page of it: the page's script knows which. */
#include "dashboard/files.h"

#include "auth/token_grant.h"
#include "document/json_read.h"
#include "document/json_write.h"
#include "document/member.h"
#include "gateway/audit_trail.h"
#include "gateway/bearer.h"
#include "gateway/browser.h"
#include "gateway/paths.h"
#include "gateway/request_act.h"
#include "gateway/static_file.h"

#define ASSETS "/dashboard/assets/"

/* --- files
 * ---------------------------------------------------------------------------------- */

void dashboard_serve(struct request *request)
{
    const struct dashboard_file *file = dashboard_file_find(request->http.path);
    bool below_assets = text_starts(request->http.path, TEXT(ASSETS));
    struct static_file shown;

    if (file == NULL && !below_assets)
        file = dashboard_file_at(0);
    if (file == NULL) {
        error_set(&request->error, ERROR_ROUTE_NOT_FOUND, NULL,
                  below_assets ? "there is no such file of the dashboard"
                               : "this program was built without its dashboard");
        request_refuse(request);
        return;
    }
    shown = (struct static_file){.type = file->type,
                                 .body = file->body,
                                 .gzip = file->gzip,
                                 .etag = file->etag,
                                 .constant = below_assets};
    static_file_reply(request, &shown);
}

/* --- who is logged in
 * ---------------------------------------------------------------------------------- */

static void put_verbs(struct buffer *out, const struct token_record *token)
{
    uint32_t bit;
    const char *name;
    size_t shown = 0;

    json_put_name(out, "verbs");
    buffer_put_byte(out, '[');
    for (size_t i = 0; (name = token_verb_at(token->kind, i, &bit)) != NULL; i++) {
        if ((token->verbs & bit) == 0)
            continue;
        if (shown++ > 0)
            buffer_put_byte(out, ',');
        json_put_string(out, text_of(name));
    }
    buffer_put_byte(out, ']');
}

static struct text say_login(struct request *request, struct text secret, const struct login *login)
{
    const struct token_record *token = request->token;
    struct buffer out = buffer_in(&request->arena);
    uint64_t now_ms = loop_now_ms(request->worker->loop);
    char proof[LOGIN_PROOF_CHARS];

    login_proof(secret, proof);
    buffer_put(&out, TEXT("{\"object\":\"login\""));
    json_put_text(&out, "kind", token->kind == TOKEN_ADMIN ? TEXT("admin") : TEXT("caller"));
    json_put_text(&out, "id", token->id);
    json_put_text(&out, "name", token->name);
    json_put_text(&out, "project", token->project);
    put_verbs(&out, token);
    json_put_text(&out, "proof", (struct text){proof, sizeof proof});
    buffer_printf(&out, ",\"ends_in_s\":%llu,\"ends_at_latest_in_s\":%llu",
                  (unsigned long long)(login->ends_ms - now_ms) / 1000,
                  (unsigned long long)(login->ends_at_latest_ms - now_ms) / 1000);
    buffer_printf(&out, ",\"dev\":%s}",
                  request->worker->gateway->config_options.dev ? "true" : "false");
    return buffer_text(&out);
}

static void show_login(struct request *request)
{
    struct login login;

    if ((request->http.admin && !browser_host_known(request))) {
        request_refuse(request);
        return;
    }
    if (browser_secret(&request->http).len == 0) {
        request_reply(request, 200, TEXT("application/json"),
                      TEXT("{\"object\":\"login\",\"kind\":null}"));
        return;
    }
    if (!browser_authenticate(request, browser_kind(request), &login)) {
        if (request->error.code == ERROR_ORIGIN_DENIED)
            request_refuse(request);
        else
            request_reply(request, 200, TEXT("application/json"),
                          TEXT("{\"object\":\"login\",\"kind\":null}"));
        return;
    }
    request_reply(request, 200, TEXT("application/json"),
                  say_login(request, browser_secret(&request->http), &login));
}

/* --- in and out
 * ---------------------------------------------------------------------------------- */

static void record(struct request *request, enum audit_action action)
{
    struct audit_event act = request_act(request, action, request->token->id);

    if (request->token->kind == TOKEN_CALL)
        act.actor = AUDIT_BY_TOKEN;
    audit_trail_post(request->worker->gateway, &act);
}

static void reply_with_cookie(struct request *request, struct text body, struct text cookie)
{
    const struct http_header more[] = {{TEXT("set-cookie"), cookie}};

    request_reply_with(request, 200, TEXT("application/json"), body, more, 1);
}

/* The token in the body; false with request->error. */
static bool read_token(struct request *request, struct text *out)
{
    struct document document;

    if (!json_read(request->http.body, NULL, &request->arena, &document, NULL, &request->error))
        return false;
    *out = member_text(&document, 0, "token");
    if (out->len == 0)
        return error_set(&request->error, ERROR_INVALID_REQUEST, "/token",
                         "the body must be an object with the string 'token'");
    *out = text_trim(*out);
    return true;
}

static enum token_kind kind_of_secret(struct text secret)
{
    return text_starts(secret, TEXT("pin_admin_")) ? TOKEN_ADMIN : TOKEN_CALL;
}

/* Whether the token may be turned into a login here; false with request->error. */
static bool admit(struct request *request, struct text *out_token)
{
    enum token_kind kind;

    if (!browser_same_origin(request) || (request->http.admin && !browser_host_known(request)) ||
        !read_token(request, out_token))
        return false;
    kind = kind_of_secret(*out_token);
    if (kind == TOKEN_ADMIN && !request->http.admin) {
        error_set(&request->error, ERROR_SCOPE_DENIED, "/token",
                  "operators log in on the admin listener only");
        error_hint(&request->error, "open the dashboard at the address that 'admin:' of "
                                    "pinion.yaml or 'pinion serve --admin' names");
        return false;
    }
    return bearer_authenticate_secret(request, kind, *out_token);
}

static void log_in(struct request *request)
{
    struct gateway *gateway = request->worker->gateway;
    unsigned char digest[STORE_DIGEST_BYTES];
    char *secret = arena_alloc(&request->arena, LOGIN_SECRET_CHARS);
    struct text shown = {secret, LOGIN_SECRET_CHARS}, token;
    uint64_t now_ms = loop_now_ms(request->worker->loop);
    struct login login = {.ends_ms = now_ms + LOGIN_IDLE_MS,
                          .ends_at_latest_ms = now_ms + LOGIN_LIFE_MS};

    if (!admit(request, &token)) {
        request_refuse(request);
        return;
    }
    token_digest(&gateway->token_key, token, digest);
    logins_end(gateway->logins, browser_secret(&request->http)); /* the one before, if any */
    logins_begin(gateway->logins, request->token->kind, digest, now_ms, secret);
    record(request, AUDIT_DASHBOARD_LOGIN);
    reply_with_cookie(request, say_login(request, shown, &login),
                      arena_printf(&request->arena,
                                   BROWSER_COOKIE
                                   "=%.*s; Path=/; Secure; HttpOnly; SameSite=Strict",
                                   TEXT_ARG(shown)));
}

static void log_out(struct request *request)
{
    struct text secret = browser_secret(&request->http);

    if (!browser_authenticate(request, browser_kind(request), NULL)) {
        request_refuse(request);
        return;
    }
    logins_end(request->worker->gateway->logins, secret);
    record(request, AUDIT_DASHBOARD_LOGOUT);
    reply_with_cookie(
        request, TEXT("{\"object\":\"login\",\"kind\":null}"),
        TEXT(BROWSER_COOKIE "=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict"));
}

void dashboard_login(struct request *request)
{
    if (text_equal(request->http.method, TEXT("POST")))
        log_in(request);
    else
        show_login(request);
}

void dashboard_logout(struct request *request)
{
    log_out(request);
}
