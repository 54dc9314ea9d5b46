/* The admin listener's calls: tokens, reload and, in a file of their own, secrets. What a person
 * may do with it is decided by who may open its socket (mode 0600). json-c builds the answers:
 * clarity beats speed here. */
#include "auth/token_issue.h"
#include "base/clock.h"
#include "document/json_read.h"
#include "gateway/admin_job.h"
#include "gateway/admin_secrets.h"
#include "gateway/durable.h"
#include "gateway/surface.h"

#include <json-c/json.h>

static void reply_json(struct request *request, int status, struct json_object *body)
{
    const char *json = json_object_to_json_string_ext(body, JSON_C_TO_STRING_NOSLASHESCAPE);

    surface_reply(request, status, TEXT("application/json"),
                  arena_copy(&request->arena, text_of(json)));
    json_object_put(body);
}

static void set(struct json_object *object, const char *name, struct text value)
{
    json_object_object_add(object, name, json_object_new_string_len(value.at, (int)value.len));
}

static void set_time(struct json_object *object, const char *name, int64_t wall_ms)
{
    char when[CLOCK_RFC3339_BYTES];

    if (wall_ms != 0)
        set(object, name, clock_rfc3339(wall_ms, when));
    else
        json_object_object_add(object, name, NULL);
}

static struct json_object *token_json(const struct token_record *record, int64_t revoked_ms)
{
    struct json_object *object = json_object_new_object(), *scopes = json_object_new_array();

    set(object, "id", record->id);
    set(object, "name", record->name);
    set(object, "hint", record->hint);
    for (size_t i = 0; i < record->scope_count; i++)
        json_object_array_add(
            scopes, json_object_new_string_len(record->scopes[i].at, (int)record->scopes[i].len));
    json_object_object_add(object, "scopes", scopes);
    json_object_object_add(object, "test", json_object_new_boolean(record->test));
    set_time(object, "created_at", record->created_ms);
    set_time(object, "expires_at", record->expires_ms);
    set_time(object, "revoked_at", revoked_ms);
    return object;
}

/* --- writing to the store ------------------------------------------------------------------------
 */

struct change {
    struct request *request;
    struct token_record revoked; /* of a revocation; else without an id */
    bool answered;
    char secret[TOKEN_CHARS]; /* of a new token; else all zero */
};

static void changed(struct request *request, struct store_command *command)
{
    struct change *change = request->change;
    struct json_object *body;

    change->answered = true;
    if (command->error.code != ERROR_NONE) {
        request->error = command->error;
        surface_refuse(request);
    } else {
        token_table_put(request->worker->gateway->tokens, &command->token);
        body = token_json(&command->token, command->token.revoked_ms);
        if (change->secret[0] != '\0')
            set(body, "token", (struct text){change->secret, TOKEN_CHARS});
        reply_json(request, change->secret[0] != '\0' ? 201 : 200, body);
    }
    explicit_bzero(change->secret, sizeof change->secret);
    store_command_free(command);
}

/* Who asks for a revocation may leave before the store has answered; the store writes it all the
 * same, so it must be in force too. */
static void revoke_unheard(void *thing)
{
    struct change *change = thing;

    if (!change->answered)
        token_table_put(change->request->worker->gateway->tokens, &change->revoked);
}

static void submit(struct request *request, struct store_command *command, struct change *change)
{
    change->request = request;
    request->change = change;
    admin_park(request);
    durable_submit(request, command, changed);
}

/* --- POST /admin/v1/tokens
 * -------------------------------------------------------------------------- */

static bool order_of(struct request *request, const struct document *document,
                     struct token_order *out)
{
    uint32_t name = document_member(document, 0, TEXT("name"));
    uint32_t scopes = document_member(document, 0, TEXT("scopes"));
    uint32_t expires = document_member(document, 0, TEXT("expires_at"));
    uint32_t test = document_member(document, 0, TEXT("test"));
    struct text *list;

    if (name != CELL_NONE && document->cells[name].type != CELL_STRING)
        return error_set(&request->error, ERROR_INVALID_REQUEST, "/name",
                         "'name' must be a string");
    if (test != CELL_NONE && document->cells[test].type != CELL_BOOLEAN)
        return error_set(&request->error, ERROR_INVALID_REQUEST, "/test",
                         "'test' must be true or false");
    out->name = name != CELL_NONE ? document_text(document, name) : TEXT("");
    out->test = test != CELL_NONE && document->cells[test].boolean;
    if (expires != CELL_NONE && document->cells[expires].type != CELL_NULL &&
        (document->cells[expires].type != CELL_STRING ||
         !clock_parse_rfc3339(document_text(document, expires), &out->expires_ms)))
        return error_set(&request->error, ERROR_INVALID_REQUEST, "/expires_at",
                         "'expires_at' must be a date or an RFC 3339 time");
    if (scopes == CELL_NONE || document->cells[scopes].type != CELL_ARRAY)
        return error_set(&request->error, ERROR_INVALID_REQUEST, "/scopes",
                         "'scopes' must be a list of slugs or patterns");
    list = ARENA_ARRAY(&request->arena, struct text, document->cells[scopes].size);
    for (uint32_t i = scopes + 1; i < document->cells[scopes].end; i = document_next(document, i)) {
        if (document->cells[i].type != CELL_STRING)
            return error_set(&request->error, ERROR_INVALID_REQUEST, "/scopes",
                             "every scope must be a string");
        list[out->scope_count++] = document_text(document, i);
    }
    out->scopes = list;
    return true;
}

static void create_token(struct request *request)
{
    struct change *change = ARENA_NEW(&request->arena, struct change);
    struct token_order order = {0};
    struct document document;
    struct store_command *command = NULL;

    if (json_read(request->http.body, NULL, &request->arena, &document, NULL, &request->error) &&
        order_of(request, &document, &order))
        command = token_issue(&request->worker->gateway->token_key, &order, request->wall_ms,
                              change->secret, &request->error);
    if (command == NULL)
        surface_refuse(request);
    else
        submit(request, command, change);
}

/* --- GET /admin/v1/tokens
 * ----------------------------------------------------------------------------- */

static void add_token(const struct token_entry *entry, void *context)
{
    json_object_array_add(context, token_json(&entry->record, atomic_load(&entry->revoked_ms)));
}

static void list_tokens(struct request *request)
{
    struct json_object *body = json_object_new_object(), *data = json_object_new_array();

    token_table_each(request->worker->gateway->tokens, add_token, data);
    json_object_object_add(body, "object", json_object_new_string("list"));
    json_object_object_add(body, "data", data);
    json_object_object_add(body, "has_more", json_object_new_boolean(false));
    reply_json(request, 200, body);
}

/* --- POST /admin/v1/tokens/{id}/revoke
 * ---------------------------------------------------------------- */

static void revoke_token(struct request *request, struct text id)
{
    const struct token_entry *entry = token_table_find(request->worker->gateway->tokens, id);
    int64_t revoked_ms = entry != NULL ? atomic_load(&entry->revoked_ms) : 0;

    if (entry == NULL) {
        error_set(&request->error, ERROR_TOKEN_NOT_FOUND, NULL, "there is no token '%.*s'",
                  TEXT_ARG(text_first(id, 64)));
        surface_refuse(request);
    } else if (revoked_ms != 0) {
        reply_json(request, 200, token_json(&entry->record, revoked_ms));
    } else {
        struct change *change = ARENA_NEW(&request->arena, struct change);

        change->revoked = entry->record;
        change->revoked.revoked_ms = request->wall_ms;
        submit(request, token_revoke(&entry->record, request->wall_ms), change);
        arena_defer(&request->arena, revoke_unheard, change);
    }
}

/* --- POST /admin/v1/reload
 * ---------------------------------------------------------------------------- */

static void run_reload(struct admin_job *job)
{
    struct buffer out = buffer_in(&job->arena);

    job->status = admin_job_reload(job, &out) ? 200 : 422;
    job->body = buffer_text(&out);
}

static void reload_config(struct request *request)
{
    admin_job_start(admin_job_new(request, run_reload));
}

/* --- the table
 * ------------------------------------------------------------------------------------------ */

static bool is(const struct request *request, const char *method, const char *path)
{
    return text_equal(request->http.method, text_of(method)) &&
           text_equal(request->http.path, text_of(path));
}

/* "/admin/v1/tokens/{id}/revoke" */
static bool is_revoke(const struct request *request, struct text *out_id)
{
    static const struct text before = TEXT_INIT("/admin/v1/tokens/"), after = TEXT_INIT("/revoke");
    struct text path = request->http.path;

    if (!text_equal(request->http.method, TEXT("POST")) || !text_starts(path, before) ||
        !text_ends(path, after) || path.len <= before.len + after.len)
        return false;
    *out_id = text_first(text_after(path, before.len), path.len - before.len - after.len);
    return true;
}

/* Browsers name their page's origin with every POST (Fetch, section 3.2): no page, wherever it is
 * from, may reach an admin listener that stands on a port. */
static bool from_a_page(struct request *request)
{
    if (http_header(&request->http, TEXT("origin")).len == 0)
        return false;
    error_set(&request->error, ERROR_SCOPE_DENIED, "origin",
              "the admin listener takes no calls from web pages");
    return true;
}

void admin_serve(struct request *request)
{
    struct text id;

    if (from_a_page(request)) {
        surface_refuse(request);
    } else if (is(request, "POST", "/admin/v1/tokens")) {
        create_token(request);
    } else if (is(request, "GET", "/admin/v1/tokens")) {
        list_tokens(request);
    } else if (is_revoke(request, &id)) {
        revoke_token(request, id);
    } else if (is(request, "POST", "/admin/v1/reload")) {
        reload_config(request);
    } else if (!admin_secrets_serve(request)) {
        error_set(&request->error, ERROR_ROUTE_NOT_FOUND, NULL, "there is no such admin call");
        surface_refuse(request);
    }
}
