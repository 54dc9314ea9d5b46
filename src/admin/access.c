#include "admin/access.h"

#include "auth/token_grant.h"
#include "gateway/bearer.h"
#include "gateway/browser.h"

static bool from_a_page(struct request *request)
{
    if (http_header(&request->http, TEXT("origin")).len == 0)
        return false;
    error_set(&request->error, ERROR_ORIGIN_DENIED, "origin",
              "the admin listener takes no calls from web pages but its own dashboard's");
    return true;
}

bool admin_admit(struct request *request)
{
    if (browser_bears(&request->http))
        return browser_host_known(request) && browser_authenticate(request, TOKEN_ADMIN, NULL);
    if (from_a_page(request) || !browser_host_known(request))
        return false;
    if (request->http.local && bearer_of(&request->http).len == 0 &&
        http_header(&request->http, TEXT("authorization")).len == 0)
        return true;
    return bearer_authenticate(request, TOKEN_ADMIN);
}

bool admin_has(const struct request *request, uint32_t verb)
{
    const struct token_record *token = request->token;

    return token == NULL || token->verbs == ADMIN_ALL || (token->verbs & verb) != 0;
}

bool admin_may(struct request *request, uint32_t verb)
{
    if (admin_has(request, verb))
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
