/* GET /v1/models, /v1/models/{id}: what a token may call, as clients of OpenAI and Anthropic list
 * it. Never what stands behind a name. */
#include "auth/token_grant.h"
#include "base/clock.h"
#include "config/callable.h"
#include "document/json_write.h"
#include "gateway/bearer.h"
#include "gateway/paths.h"
#include "gateway/query.h"
#include "gateway/stages.h"

#include <stdlib.h>

/* Models have no time of their own here, and one that changed would tell clients of changes that
 * there were not: 2026-11-20, from when the program's table of models is. */
enum { LISTED_AT_S = 1795132800 };

/* Anthropic's clients send the version of its API with every call. */
static bool is_anthropic(const struct request *request)
{
    return http_header(&request->http, TEXT("anthropic-version")).len > 0;
}

/* False with request->error. */
static bool may(struct request *request)
{
    request->logged_as = "models";
    request->surface = is_anthropic(request) ? &surface_messages : &surface_chat;
    if (!bearer_authenticate(request, TOKEN_CALL) || !request_find_project(request))
        return false;
    return (request->token->verbs & VERB_MODELS) != 0 ||
           error_set(&request->error, ERROR_SCOPE_DENIED, NULL,
                     "this token may not list models: it lacks the verb 'models'");
}

static void put_model(struct buffer *out, bool anthropic, struct text id, struct text owner)
{
    char when[CLOCK_RFC3339_BYTES];

    buffer_put_byte(out, '{');
    if (anthropic) {
        json_put_text(out, "type", TEXT("model"));
        json_put_text(out, "id", id);
        json_put_text(out, "display_name", id);
        json_put_text(out, "created_at", clock_rfc3339(INT64_C(1000) * LISTED_AT_S, when));
    } else {
        json_put_text(out, "id", id);
        json_put_text(out, "object", TEXT("model"));
        json_put_count(out, "created", LISTED_AT_S);
        json_put_text(out, "owned_by", owner);
    }
    buffer_put_byte(out, '}');
}

/* --- the list ------------------------------------------------------------------------------------
 */

static int by_name(const void *a, const void *b)
{
    return text_compare(((const struct callable_row *)a)->name,
                        ((const struct callable_row *)b)->name);
}

static struct callable_row *allowed(struct request *request, size_t *out_count)
{
    const struct config *config = request->config;
    struct callable_row *rows =
        ARENA_ARRAY(&request->arena, struct callable_row,
                    config->endpoint_count + config->alias_count + config->model_count + 1);
    size_t place = 0, count = 0;

    while (callable_next(config, &place, &rows[count]))
        count += callable_row_allowed(request->token, &rows[count]);
    qsort(rows, count, sizeof *rows, by_name);
    *out_count = count;
    return rows;
}

/* All at once: who pages through it is at the end. */
static void put_end(struct buffer *out, const struct callable_row *rows, size_t count)
{
    json_put_flag(out, "has_more", false);
    json_put_text_or_null(out, "first_id", count > 0 ? rows[0].name : (struct text){0});
    json_put_text_or_null(out, "last_id", count > 0 ? rows[count - 1].name : (struct text){0});
}

void models_list(struct request *request)
{
    struct buffer out = buffer_in(&request->arena);
    bool anthropic = is_anthropic(request);
    struct callable_row *rows;
    size_t count;

    if (!may(request)) {
        request_refuse(request);
        return;
    }
    rows = allowed(request, &count);
    buffer_put_byte(&out, '{');
    if (!anthropic)
        json_put_text(&out, "object", TEXT("list"));
    json_put_name(&out, "data");
    buffer_put_byte(&out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_put_byte(&out, ',');
        put_model(&out, anthropic, rows[i].name, rows[i].owner);
    }
    buffer_put_byte(&out, ']');
    if (anthropic)
        put_end(&out, rows, count);
    buffer_put_byte(&out, '}');
    request_reply(request, 200, TEXT("application/json"), buffer_text(&out));
}

/* --- one of them ---------------------------------------------------------------------------------
 */

/* Under the name by which it was asked for. */
static bool find(struct request *request, struct text *out_name, struct text *out_owner)
{
    struct text rest = text_after(request->path_rest, strlen("models/"));
    struct callable_wish wish = {.token = request->token};
    struct callable found;
    const struct endpoint *endpoint;

    if (!admin_decode(&request->arena, rest, out_name))
        return callable_refuse(rest, &request->error);
    wish.name = *out_name;
    if (!callable_find(request->config, &wish, &request->arena, &found, &request->error))
        return callable_refuse(*out_name, &request->error);
    endpoint = found.endpoint;
    if (endpoint->target.unlisted || found.version.at != NULL ||
        !callable_in_scope(request->token, endpoint) ||
        !token_allows_model(request->token, endpoint->target.provider->name,
                            endpoint->target.model))
        return callable_refuse(*out_name, &request->error);
    *out_owner =
        endpoint->kind == ENDPOINT_DIRECT ? endpoint->target.provider->name : TEXT("pinion");
    return true;
}

void models_show(struct request *request)
{
    struct buffer out = buffer_in(&request->arena);
    struct text name, owner;

    if (!may(request) || !find(request, &name, &owner)) {
        request_refuse(request);
        return;
    }
    put_model(&out, is_anthropic(request), name, owner);
    request_reply(request, 200, TEXT("application/json"), buffer_text(&out));
}
