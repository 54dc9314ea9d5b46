#include "gateway/browser.h"

#include "auth/token_grant.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>

/* --- the cookie
 * ---------------------------------------------------------------------------------- */

/* RFC 6265, section 5.4: `name=value` pairs between semicolons. */
struct text browser_secret(const struct http_request *http)
{
    struct text rest = http_header(http, TEXT("cookie"));

    while (rest.len > 0) {
        struct text value = text_trim(text_split(&rest, ';'));
        struct text name = text_split(&value, '=');

        if (text_equal(name, TEXT(BROWSER_COOKIE)))
            return value;
    }
    return (struct text){0};
}

bool browser_bears(const struct http_request *http)
{
    return http_header(http, TEXT("authorization")).len == 0 &&
           http_header(http, TEXT("x-api-key")).len == 0 && browser_secret(http).len > 0;
}

/* --- where from
 * ---------------------------------------------------------------------------------- */

static bool of_host(struct text origin, struct text host)
{
    if (text_starts(origin, TEXT("https://")))
        return text_equal_nocase(text_after(origin, strlen("https://")), host);
    return text_starts(origin, TEXT("http://")) &&
           text_equal_nocase(text_after(origin, strlen("http://")), host);
}

bool browser_same_origin(struct request *request)
{
    struct text origin = http_header(&request->http, TEXT("origin"));
    struct text site = http_header(&request->http, TEXT("sec-fetch-site"));

    if ((origin.len == 0 || of_host(origin, http_header(&request->http, TEXT("host")))) &&
        (site.len == 0 || text_equal(site, TEXT("same-origin")) || text_equal(site, TEXT("none"))))
        return true;
    return error_set(&request->error, ERROR_ORIGIN_DENIED, "origin",
                     "pages of other origins may not ask this");
}

/* "admin.example:9090", "[::1]:9090": without the port and the brackets. */
static struct text host_of(struct text host)
{
    if (text_starts(host, TEXT("[")))
        return text_first(text_after(host, 1), text_find_byte(text_after(host, 1), ']'));
    return text_first(host, text_find_byte(host, ':'));
}

static bool is_address(struct text host)
{
    char terminated[INET6_ADDRSTRLEN];
    unsigned char address[16];

    if (host.len == 0 || host.len >= sizeof terminated)
        return false;
    memcpy(terminated, host.at, host.len);
    terminated[host.len] = '\0';
    return inet_pton(AF_INET, terminated, address) == 1 ||
           inet_pton(AF_INET6, terminated, address) == 1;
}

bool browser_host_known(struct request *request)
{
    const struct settings *settings = &request->config->settings;
    struct text host = host_of(http_header(&request->http, TEXT("host")));

    if (request->http.local || is_address(host) || text_equal_nocase(host, TEXT("localhost")))
        return true;
    for (size_t i = 0; i < settings->admin_host_count; i++)
        if (text_equal_nocase(host, settings->admin_hosts[i]))
            return true;
    error_set(&request->error, ERROR_ORIGIN_DENIED, "host",
              "the admin listener does not answer to this host name");
    error_hint(&request->error, "call it by its address, or name it in 'admin_hosts' of "
                                "pinion.yaml");
    return false;
}

/* --- who
 * ---------------------------------------------------------------------------------- */

enum token_kind browser_kind(const struct request *request)
{
    struct login login;

    if (request->http.admin &&
        logins_use(request->worker->gateway->logins, browser_secret(&request->http),
                   loop_now_ms(request->worker->loop), &login))
        return login.kind;
    return TOKEN_CALL;
}

static bool proven(struct request *request, struct text secret)
{
    struct text method = request->http.method;
    struct text proof = http_header(&request->http, TEXT(BROWSER_PROOF));
    char expected[LOGIN_PROOF_CHARS];

    if (text_equal(method, TEXT("GET")) || text_equal(method, TEXT("HEAD")))
        return true;
    login_proof(secret, expected);
    if (proof.len == sizeof expected && CRYPTO_memcmp(proof.at, expected, sizeof expected) == 0)
        return true;
    error_set(&request->error, ERROR_ORIGIN_DENIED, BROWSER_PROOF,
              "a change by a login needs its proof in the header 'Pinion-Csrf'");
    error_hint(&request->error, "GET /dashboard/login gives it to pages of this origin");
    return false;
}

static bool refuse_ended(struct request *request)
{
    error_set(&request->error, ERROR_EXPIRED_TOKEN, NULL, "the login has ended");
    error_hint(&request->error, "log in again");
    return false;
}

bool browser_authenticate(struct request *request, enum token_kind kind, struct login *out)
{
    struct gateway *gateway = request->worker->gateway;
    struct text secret = browser_secret(&request->http);
    struct login login;

    if (!browser_same_origin(request) || !proven(request, secret))
        return false;
    if (!logins_use(gateway->logins, secret, loop_now_ms(request->worker->loop), &login))
        return refuse_ended(request);
    if (login.kind != kind)
        return error_set(&request->error, ERROR_SCOPE_DENIED, NULL,
                         kind == TOKEN_ADMIN ? "this login is a caller's, not an operator's"
                                             : "this login is an operator's, not a caller's");
    if (!token_table_authenticate_digest(gateway->tokens, kind, login.digest, request->wall_ms,
                                         &request->token, &request->error)) {
        logins_end(gateway->logins, secret);
        return false;
    }
    if (out != NULL)
        *out = login;
    return token_allows_address(request->token, request->http.peer) ||
           error_set(&request->error, ERROR_SCOPE_DENIED, NULL,
                     "this token may not be used from this address");
}
