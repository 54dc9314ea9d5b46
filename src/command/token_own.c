#include "command/token_own.h"

#include "auth/token_issue.h"
#include "auth/token_json.h"
#include "base/clock.h"
#include "command/own_act.h"
#include "document/json_read.h"
#include "document/json_write.h"

/* A store opened by this command itself, with all its tokens. Its key is made only for a store
 * without any: a new one would make every token there worthless. */
struct own {
    struct arena *arena;
    struct store *store;
    struct store_command *list;
    struct token_key key;
    int64_t now_ms;
    struct error *err;
};

static void close_own(struct own *own)
{
    store_command_free(own->list);
    store_close(own->store);
    explicit_bzero(&own->key, sizeof own->key);
}

static bool open_own(const struct command_line *line, const struct settings *settings,
                     struct own *own, struct error *err)
{
    struct text path = arena_printf(line->arena, "%.*s/token.key", TEXT_ARG(settings->store));

    *own = (struct own){.arena = line->arena, .now_ms = clock_wall_ms(), .err = err};
    own->store = store_open_lmdb(settings->store, err);
    if (own->store == NULL)
        return false;
    own->list = store_command_new(STORE_TOKEN_LIST);
    store_wait(own->store, own->list);
    *err = own->list->error;
    if (err->code == ERROR_NONE)
        token_key_load(path.at, own->list->token_count == 0, &own->key, err);
    if (err->code == ERROR_NONE)
        return true;
    close_own(own);
    return false;
}

static const struct token_record *find(struct own *own, struct text id)
{
    for (size_t i = 0; i < own->list->token_count; i++)
        if (text_equal(own->list->tokens[i].id, id))
            return &own->list->tokens[i];
    error_set(own->err, ERROR_TOKEN_NOT_FOUND, NULL, "there is no token '%.*s'",
              TEXT_ARG(text_first(id, 64)));
    return NULL;
}

/* Takes the command; writes what has become of the token. NULL stands for an order refused. */
static bool carry_out(struct own *own, struct store_command *command, enum audit_action action,
                      struct text object, const char *secret, struct buffer *out)
{
    const struct token_record *token;
    struct text shown = {secret, secret != NULL ? TOKEN_CHARS : 0};

    if (command == NULL)
        return false;
    own_record(command, action, object);
    store_wait(own->store, command);
    *own->err = command->error;
    token = command->kind == STORE_TOKEN_PUT ? &command->token : command->tokens;
    if (command->unchanged)
        shown = (struct text){0};
    if (own->err->code == ERROR_NONE && command->kind == STORE_TOKEN_PROVISION) {
        buffer_put(out, TEXT("{\"deployment\":"));
        json_put_string(out, token->deployment);
        json_put_name(out, "is_new");
        buffer_put(out, command->unchanged ? TEXT("false") : TEXT("true"));
        if (shown.len > 0)
            json_put_text(out, "key", shown);
        json_put_name(out, "token");
        token_put_json(out, token, token->last_used_ms, (struct text){0});
        buffer_put_byte(out, '}');
    } else if (own->err->code == ERROR_NONE) {
        token_put_json(out, token, token->last_used_ms, shown);
    }
    store_command_free(command);
    return own->err->code == ERROR_NONE;
}

static bool issue(struct own *own, enum token_deed deed, struct text body, struct buffer *out)
{
    struct token_record order = {TOKEN_DEFAULTS};
    enum audit_action action = AUDIT_TOKEN_CREATE;
    struct store_command *command;
    struct document document;
    char secret[TOKEN_CHARS];
    unsigned fields;
    bool good;

    if (!json_read(body, NULL, own->arena, &document, NULL, own->err) ||
        !token_read_json(&document, 0, true, own->arena, &order, &fields, own->err))
        return false;
    if (deed == DEED_PROVISION)
        action = AUDIT_DEPLOYMENT_CREATE;
    else if (order.kind == TOKEN_ADMIN)
        action = AUDIT_ADMIN_CREATE;
    command = token_issue(&own->key, &order, own->now_ms, secret, own->err);
    good = command != NULL &&
           carry_out(own, command, action,
                     deed == DEED_PROVISION ? order.deployment : command->token.id, secret, out);
    explicit_bzero(secret, sizeof secret);
    return good;
}

static bool update(struct own *own, const struct token_record *token, struct text body,
                   struct buffer *out)
{
    struct token_record to = *token;
    struct document document;
    unsigned fields;

    return json_read(body, NULL, own->arena, &document, NULL, own->err) &&
           token_read_json(&document, 0, false, own->arena, &to, &fields, own->err) &&
           carry_out(own, token_update(&to, fields, own->now_ms, own->err), AUDIT_TOKEN_UPDATE,
                     token->id, NULL, out);
}

static bool rotate(struct own *own, const struct token_record *token, struct text body,
                   struct buffer *out)
{
    int64_t overlap_ms = TOKEN_OVERLAP_MS;
    struct document document;
    char secret[TOKEN_CHARS];
    uint32_t at;
    bool good;

    if (!json_read(body, NULL, own->arena, &document, NULL, own->err))
        return false;
    at = document_member(&document, 0, TEXT("overlap_s"));
    if (at != CELL_NONE)
        overlap_ms = document_cell(&document, at)->integer * 1000;
    good = carry_out(own, token_rotate(&own->key, token, overlap_ms, own->now_ms, secret),
                     AUDIT_TOKEN_ROTATE, token->id, secret, out);
    explicit_bzero(secret, sizeof secret);
    return good;
}

static void list(struct own *own, struct buffer *out)
{
    buffer_put(out, TEXT("{\"object\":\"list\",\"data\":["));
    for (size_t i = 0; i < own->list->token_count; i++) {
        if (i > 0)
            buffer_put_byte(out, ',');
        token_put_json(out, &own->list->tokens[i], own->list->tokens[i].last_used_ms,
                       (struct text){0});
    }
    buffer_put(out, TEXT("],\"has_more\":false}"));
}

static bool about_one(struct own *own, enum token_deed deed, struct text id, struct text body,
                      struct buffer *out)
{
    const struct token_record *token = find(own, id);

    if (token == NULL)
        return false;
    if (deed == DEED_UPDATE)
        return update(own, token, body, out);
    if (deed == DEED_ROTATE)
        return rotate(own, token, body, out);
    if (deed == DEED_REVOKE)
        return carry_out(own, token_revoke(id, (struct text){0}, own->now_ms),
                         token->kind == TOKEN_ADMIN ? AUDIT_ADMIN_REVOKE : AUDIT_TOKEN_REVOKE, id,
                         NULL, out);
    token_put_json(out, token, token->last_used_ms, (struct text){0});
    return true;
}

bool token_own(const struct command_line *line, const struct settings *settings,
               enum token_deed deed, struct text id, struct text body, struct buffer *out,
               struct error *err)
{
    struct own own;
    bool good = true;

    if (!open_own(line, settings, &own, err))
        return false;
    if (deed == DEED_LIST)
        list(&own, out);
    else if (deed == DEED_CREATE || deed == DEED_PROVISION)
        good = issue(&own, deed, body, out);
    else
        good = about_one(&own, deed, id, body, out);
    close_own(&own);
    return good;
}
