#include "admin/access.h"

#include "auth/token_grant.h"
#include "gateway/bearer.h"

#include <arpa/inet.h>

static bool from_a_page(struct request *request)
{
    if (http_header(&request->http, TEXT("origin")).len == 0)
        return false;
    error_set(&request->error, ERROR_ORIGIN_DENIED, "origin",
              "the admin listener takes no calls from web pages");
    return true;
}

/* "admin.example:9090", "[::1]:9090": without the port and the brackets. */
static struct text host_of(struct text host)
{
    if (text_starts(host, TEXT("[")))
        return text_first(text_after(host, 1), text_find_byte(text_after(host, 1), ']'));
    return text_first(host, text_find_byte(host, ':'));
}

/* Whoever reaches this listener by an address is not led here by a name that somebody else's server
 * made up. */
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

static bool host_known(struct request *request)
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

bool admin_admit(struct request *request)
{
    if (from_a_page(request) || !host_known(request))
        return false;
    if (request->http.local && bearer_of(&request->http).len == 0 &&
        http_header(&request->http, TEXT("authorization")).len == 0)
        return true;
    return bearer_authenticate(request, TOKEN_ADMIN);
}

bool admin_may(struct request *request, uint32_t verb)
{
    const struct token_record *token = request->token;

    if (token == NULL || token->verbs == ADMIN_ALL || (token->verbs & verb) != 0)
        return true;
    return error_set(&request->error, ERROR_SCOPE_DENIED, NULL,
                     "this credential lacks the verb '%s'",
                     verb == 0 ? "*" : token_verb_name(TOKEN_ADMIN, verb));
}

bool admin_may_grant(struct request *request, const struct token_record *token)
{
    const struct token_record *own = request->token;

    if (own == NULL || token->kind != TOKEN_ADMIN || (token->verbs & ~own->verbs) == 0)
        return true;
    return error_set(&request->error, ERROR_SCOPE_DENIED, NULL,
                     "this credential lacks verbs that the other one has or would have");
}
