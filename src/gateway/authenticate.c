/* Who asks, for which endpoint, and whether it may. */
#include "base/clock.h"
#include "config/callable.h"
#include "gateway/bearer.h"
#include "gateway/deprecation.h"
#include "gateway/old_versions.h"
#include "gateway/pages.h"
#include "gateway/stages.h"
#include "gateway/tagging.h"

static bool is_known(struct text name)
{
    static const struct text known[] = {TEXT_INIT("pinion-session-id"), TEXT_INIT("pinion-explain"),
                                        TEXT_INIT("pinion-endpoint-version"),
                                        TEXT_INIT("pinion-tag")};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (text_equal(name, known[i]))
            return true;
    return false;
}

/* Nothing of ours is silently ignored: a header that a later version will honour is refused. */
static bool headers_known(struct request *request)
{
    for (size_t i = 0; i < request->http.header_count; i++) {
        struct text name = request->http.headers[i].name;

        if (text_starts(name, TEXT("pinion-")) && !is_known(name)) {
            error_set(
                &request->error, ERROR_INVALID_REQUEST, arena_terminated(&request->arena, name),
                "the header '%.*s' is not known to this version", TEXT_ARG(text_first(name, 64)));
            return false;
        }
    }
    return true;
}

/* What of that there is is nearest, and may be called by this token, for a hint. */
static struct text nearest_callable(struct request *request, struct text name, bool models)
{
    const struct config *config = request->config;
    size_t most = config->endpoint_count + config->alias_count + config->model_count;
    struct text *names = ARENA_ARRAY(&request->arena, struct text, most);
    size_t place = 0, count = 0;
    struct callable_row row;

    while ((models || place < config->endpoint_count) && callable_next(config, &place, &row))
        if (callable_row_allowed(request->token, &row))
            names[count++] = row.name;
    return nearest_name(name, names, count);
}

static bool refuse_slug(struct request *request)
{
    struct text nearest = nearest_callable(request, request->slug, false);

    error_set(&request->error, ERROR_ENDPOINT_NOT_FOUND, NULL, "there is no endpoint '%.*s'",
              TEXT_ARG(text_first(request->slug, 64)));
    if (nearest.len > 0)
        error_hint(&request->error, "did you mean '%.*s'?", TEXT_ARG(nearest));
    return false;
}

/* --- the project
 * -----------------------------------------------------------------------------------------------
 */

static bool refuse_project(struct request *request)
{
    struct text own = request->project->name, named = text_first(request->project_named, 64);

    if (config_project(request->config, named) == NULL &&
        config_project_by_id(request->config, named) == NULL)
        error_set(&request->error, ERROR_PROJECT_NOT_FOUND, NULL, "there is no project '%.*s'",
                  TEXT_ARG(named));
    else
        error_set(&request->error, ERROR_SCOPE_DENIED, NULL,
                  "this token does not belong to the project '%.*s'", TEXT_ARG(named));
    error_hint(&request->error, "this token belongs to the project '%.*s'", TEXT_ARG(own));
    return false;
}

bool request_find_project(struct request *request)
{
    struct text named = request->project_named;

    request->project = config_project(request->config, request->token->project);
    if (request->project == NULL)
        return error_set(&request->error, ERROR_SCOPE_DENIED, NULL,
                         "this token's project '%.*s' is no longer configured",
                         TEXT_ARG(request->token->project));
    return named.len == 0 || text_equal(named, request->project->name) ||
           text_equal_nocase(named, request->project->id) || refuse_project(request);
}

/* --- the endpoint
 * ---------------------------------------------------------------------------------------------- */

void request_name_endpoint(struct request *request, struct text name)
{
    size_t at = text_find_byte(name, '@');

    request->slug = text_first(name, at);
    if (at < name.len)
        request->version_named = text_after(name, at + 1);
}

/* What the body calls by `model`: whatever it is, it is an endpoint from here on. */
static bool find_callable(struct request *request, struct text name)
{
    const struct callable_wish wish = {
        .name = name,
        .provider = http_header(&request->http, TEXT("x-ai-provider")),
        .token = request->token,
    };
    struct callable found;
    struct text nearest;

    if (callable_find(request->config, &wish, &request->arena, &found, &request->error)) {
        request->endpoint = found.endpoint;
        request->slug = found.endpoint->slug;
        request->version_named = found.version;
        return true;
    }
    if (request->error.code != ERROR_MODEL_NOT_FOUND)
        return false;
    nearest = nearest_callable(request, name, true);
    if (nearest.len > 0)
        error_hint(&request->error, "did you mean '%.*s'?", TEXT_ARG(nearest));
    return false;
}

static bool find_slug(struct request *request)
{
    request->endpoint = config_endpoint(request->config, request->slug);
    return request->endpoint != NULL || refuse_slug(request);
}

/* A version that the body names beside its endpoint. */
static bool take_named_version(struct request *request, const struct surface_name *named)
{
    if (named->version.len == 0)
        return true;
    if (request->version_named.at != NULL && !text_equal(request->version_named, named->version))
        return error_set(&request->error, ERROR_INVALID_REQUEST, named->param,
                         "the name of the endpoint has another version than the body says");
    request->version_named = named->version;
    return true;
}

/* Where the path does not name it, the body does, which is opened here and read later. It may
 * outlive what its carrier holds (ask.c). */
static bool find_endpoint(struct request *request)
{
    struct surface_name named = {0};

    if (request->surface->name_call == NULL)
        return find_slug(request);
    if (!body_open_for(request->surface, arena_copy(&request->arena, request->http.body),
                       &request->arena, &request->body, &request->error) ||
        !request->surface->name_call(&request->body, &named, &request->error))
        return false;
    if (named.model)
        return find_callable(request, named.name);
    request_name_endpoint(request, named.name);
    request->slug = text_first(request->slug, 64);
    return take_named_version(request, &named) && find_slug(request);
}

static bool in_scope(struct request *request)
{
    const struct endpoint *endpoint = request->endpoint;
    const struct target *target = &endpoint->target;
    struct text provider = target->provider->name;

    if (callable_in_scope(request->token, endpoint))
        return true;
    if (endpoint->kind != ENDPOINT_DIRECT)
        return error_set(&request->error, ERROR_SCOPE_DENIED, NULL,
                         "this token's scope does not include the endpoint '%.*s'",
                         TEXT_ARG(endpoint->slug));
    error_set(&request->error, ERROR_SCOPE_DENIED, NULL,
              "this token's scope does not include the model '%.*s:%.*s'", TEXT_ARG(provider),
              TEXT_ARG(text_first(target->model, 96)));
    error_hint(&request->error, "models need a scope such as %.*s:*", TEXT_ARG(provider));
    return false;
}

/* Pinion-Explain shows what the caller does not see else: rules, models, what was spent. */
static bool may_explain(struct request *request)
{
    struct text value = http_header(&request->http, TEXT("pinion-explain"));

    request->explains = request->worker->explains;
    if (value.len == 0)
        return true;
    if (!text_equal(value, TEXT("1")))
        return error_set(&request->error, ERROR_INVALID_REQUEST, "pinion-explain",
                         "the header 'Pinion-Explain' is 1 or left out");
    request->explains = true;
    if ((request->token->verbs & VERB_EXPLAIN) != 0)
        return true;
    error_set(&request->error, ERROR_SCOPE_DENIED, NULL,
              "this token may not ask why it is routed as it is: it lacks the verb 'explain'");
    error_hint(&request->error, "leave out 'Pinion-Explain', or use a token with that verb");
    return false;
}

/* --- a version of it
 * ------------------------------------------------------------------------------------------- */

/* In the path, or in the body, or in a header, but not twice in different words. */
static bool find_version(struct request *request)
{
    struct text said = http_header(&request->http, TEXT("pinion-endpoint-version"));

    if (said.len == 0)
        return true;
    if (request->version_named.at != NULL && !text_equal(request->version_named, said))
        return error_set(&request->error, ERROR_INVALID_REQUEST, "pinion-endpoint-version",
                         "the header names another version than the endpoint's name does");
    request->version_named = said;
    return true;
}

static bool refuse_version(struct request *request)
{
    error_set(&request->error, ERROR_SCOPE_DENIED, NULL,
              "this token may call endpoint '%.*s' only as it is in force",
              TEXT_ARG(request->slug));
    error_hint(&request->error, "versions need a scope such as %.*s@* or %.*s@7",
               TEXT_ARG(request->slug), TEXT_ARG(request->slug));
    return false;
}

/* Once it is known which one it is. */
static void check_version(struct request *request)
{
    if (!token_scope_allows_version(request->token, request->slug, *request->endpoint->number))
        refuse_version(request);
    else
        deprecation_check(request);
}

static bool is_in_force(const struct endpoint *endpoint, const struct version_name *name)
{
    return name->number > 0 ? *endpoint->number == name->number
                            : text_starts(endpoint->version, name->hash);
}

static enum verdict take_version(struct request *request)
{
    struct version_name name = {.slug = request->slug};

    if (request->endpoint->kind != ENDPOINT_SLUG) {
        error_set(&request->error, ERROR_VERSION_NOT_FOUND, NULL,
                  "'%.*s' has no versions: only endpoints have", TEXT_ARG(request->slug));
        return FAIL;
    }
    if (!version_read(request->version_named, &name)) {
        error_set(&request->error, ERROR_VERSION_NOT_FOUND, NULL, "'%.*s' names no version",
                  TEXT_ARG(text_first(request->version_named, 64)));
        error_hint(&request->error, "a version is a number, or 12 or more digits of its hash");
        return FAIL;
    }
    if (!token_scope_allows_version(request->token, request->slug, name.number)) {
        refuse_version(request);
        return FAIL;
    }
    if (!is_in_force(request->endpoint, &name))
        return old_version_take(request, &name, check_version);
    check_version(request);
    return request->error.code == ERROR_NONE ? NEXT : FAIL;
}

/* --- the whole
 * ------------------------------------------------------------------------------------------------
 */

static bool has_verb(struct request *request)
{
    if (request->surface->embeds)
        return (request->token->verbs & VERB_EMBEDDINGS) != 0 ||
               error_set(&request->error, ERROR_SCOPE_DENIED, NULL,
                         "this token may not have texts embedded: it lacks the verb 'embeddings'");
    return (request->token->verbs & VERB_CALL) != 0 ||
           error_set(&request->error, ERROR_SCOPE_DENIED, NULL,
                     "this token may not call endpoints: it lacks the verb 'call'");
}

/* Whether the token may call any endpoint, and which one is meant. */
static bool find_call(struct request *request)
{
    if (!request_find_project(request))
        return false;
    return has_verb(request) && find_endpoint(request);
}

enum verdict authenticate_call(struct request *request)
{
    if (!tagging_take(request) || !find_call(request) || !find_version(request))
        return FAIL;
    if (request->page_by_endpoint)
        pages_ask(request, &request->endpoint->origins);
    deprecation_note(request);
    if (request->version_named.at != NULL)
        return take_version(request);
    return in_scope(request) && deprecation_check(request) ? NEXT : FAIL;
}

static enum verdict admit(struct request *request)
{
    if (!headers_known(request) || !bearer_authenticate(request, TOKEN_CALL) ||
        !may_explain(request))
        return FAIL;
    return authenticate_call(request);
}

enum verdict stage_authenticate(struct request *request)
{
    uint64_t start_us = clock_monotonic_us();
    enum verdict verdict;

    if (atomic_load_explicit(&request->worker->gateway->draining, memory_order_relaxed)) {
        error_set(&request->error, ERROR_SHUTTING_DOWN, NULL, "the gateway is shutting down");
        request->error.retry_after_s = 1;
        return FAIL;
    }
    if (request->shadow != NULL) /* it comes with what its call was admitted with */
        return NEXT;
    verdict = admit(request);
    request->times.auth_us = clock_monotonic_us() - start_us + 1; /* 0: it has not been there */
    return verdict;
}
