/* Tokens, on the admin listener. */
#include "auth/token_issue.h"
#include "base/clock.h"
#include "document/json_read.h"
#include "gateway/admin.h"
#include "gateway/admin_audit.h"
#include "gateway/admin_job.h"
#include "gateway/admin_json.h"
#include "gateway/durable.h"
#include "gateway/surface.h"

static struct json_object *token_json(const struct token_record *record, int64_t revoked_ms)
{
    struct json_object *object = json_object_new_object(), *scopes = json_object_new_array();

    admin_set(object, "id", record->id);
    admin_set(object, "name", record->name);
    admin_set(object, "hint", record->hint);
    for (size_t i = 0; i < record->scope_count; i++)
        json_object_array_add(
            scopes, json_object_new_string_len(record->scopes[i].at, (int)record->scopes[i].len));
    json_object_object_add(object, "scopes", scopes);
    json_object_object_add(object, "test", json_object_new_boolean(record->test));
    admin_set_time(object, "created_at", record->created_ms);
    admin_set_time(object, "expires_at", record->expires_ms);
    admin_set_time(object, "revoked_at", revoked_ms);
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
            admin_set(body, "token", (struct text){change->secret, TOKEN_CHARS});
        admin_reply(request, change->secret[0] != '\0' ? 201 : 200, body);
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

void admin_create_token(struct request *request, struct text none)
{
    struct change *change = ARENA_NEW(&request->arena, struct change);
    struct token_order order = {0};
    struct document document;
    struct store_command *command = NULL;

    (void)none;
    if (json_read(request->http.body, NULL, &request->arena, &document, NULL, &request->error) &&
        order_of(request, &document, &order))
        command = token_issue(&request->worker->gateway->token_key, &order, request->wall_ms,
                              change->secret, &request->error);
    if (command == NULL) {
        surface_refuse(request);
        return;
    }
    admin_audit(request, command, AUDIT_TOKEN_CREATE, command->token.id);
    submit(request, command, change);
}

/* --- GET /admin/v1/tokens
 * ----------------------------------------------------------------------------- */

static void add_token(const struct token_entry *entry, void *context)
{
    json_object_array_add(context, token_json(&entry->record, atomic_load(&entry->revoked_ms)));
}

void admin_list_tokens(struct request *request, struct text none)
{
    struct json_object *body = json_object_new_object(), *data = json_object_new_array();

    (void)none;
    token_table_each(request->worker->gateway->tokens, add_token, data);
    json_object_object_add(body, "object", json_object_new_string("list"));
    json_object_object_add(body, "data", data);
    json_object_object_add(body, "has_more", json_object_new_boolean(false));
    admin_reply(request, 200, body);
}

/* --- POST /admin/v1/tokens/{id}/revoke
 * ---------------------------------------------------------------- */

void admin_revoke_token(struct request *request, struct text id)
{
    const struct token_entry *entry = token_table_find(request->worker->gateway->tokens, id);
    int64_t revoked_ms = entry != NULL ? atomic_load(&entry->revoked_ms) : 0;

    if (entry == NULL) {
        error_set(&request->error, ERROR_TOKEN_NOT_FOUND, NULL, "there is no token '%.*s'",
                  TEXT_ARG(text_first(id, 64)));
        surface_refuse(request);
    } else if (revoked_ms != 0) {
        admin_reply(request, 200, token_json(&entry->record, revoked_ms));
    } else {
        struct change *change = ARENA_NEW(&request->arena, struct change);
        struct store_command *command;

        change->revoked = entry->record;
        change->revoked.revoked_ms = request->wall_ms;
        command = token_revoke(&entry->record, request->wall_ms);
        admin_audit(request, command, AUDIT_TOKEN_REVOKE, entry->record.id);
        submit(request, command, change);
        arena_defer(&request->arena, revoke_unheard, change);
    }
}
