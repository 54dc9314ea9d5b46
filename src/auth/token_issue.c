#include "auth/token_issue.h"

#include "base/id.h"

#include <stdio.h>

static bool order_valid(const struct token_order *order, int64_t now_ms, struct error *err)
{
    char at[32];

    if (order->scope_count == 0)
        return error_set(
            err, ERROR_INVALID_REQUEST, "/scopes",
            "a token needs at least one scope: a slug, or a pattern such as 'support-*'");
    if (order->scope_count > TOKEN_SCOPES_MAX)
        return error_set(err, ERROR_INVALID_REQUEST, "/scopes", "a token has at most %d scopes",
                         TOKEN_SCOPES_MAX);
    for (size_t i = 0; i < order->scope_count; i++) {
        snprintf(at, sizeof at, "/scopes/%zu", i);
        if (!token_scope_valid(order->scopes[i]))
            return error_set(err, ERROR_INVALID_REQUEST, at,
                             "'%.*s' is no scope; expected a slug or a pattern with '*'",
                             TEXT_ARG(text_first(order->scopes[i], 64)));
    }
    if (order->name.len > TOKEN_NAME_BYTES)
        return error_set(err, ERROR_INVALID_REQUEST, "/name", "a name has at most %d bytes",
                         TOKEN_NAME_BYTES);
    if (order->expires_ms != 0 && order->expires_ms <= now_ms)
        return error_set(err, ERROR_INVALID_REQUEST, "/expires_at", "the expiry is in the past");
    return true;
}

static const struct text *copy_scopes(struct arena *arena, const struct text *scopes, size_t count)
{
    struct text *copies = ARENA_ARRAY(arena, struct text, count);

    for (size_t i = 0; i < count; i++)
        copies[i] = arena_copy(arena, scopes[i]);
    return copies;
}

struct store_command *token_issue(const struct token_key *key, const struct token_order *order,
                                  int64_t now_ms, char secret[TOKEN_CHARS], struct error *err)
{
    struct store_command *command;
    struct token_record *record;

    if (!order_valid(order, now_ms, err))
        return NULL;
    command = store_command_new(STORE_TOKEN_PUT);
    record = &command->token;
    *record = (struct token_record){TOKEN_DEFAULTS};
    token_secret_new(order->test, secret);
    token_digest(key, (struct text){secret, TOKEN_CHARS}, record->digest);
    record->id = id_new(&command->arena, "tok_", now_ms);
    record->name = arena_copy(&command->arena, order->name);
    record->hint = arena_copy(&command->arena, (struct text){secret + TOKEN_CHARS - 4, 4});
    record->scopes = copy_scopes(&command->arena, order->scopes, order->scope_count);
    record->scope_count = order->scope_count;
    record->created_ms = now_ms;
    record->expires_ms = order->expires_ms;
    record->test = order->test;
    return command;
}

struct store_command *token_revoke(const struct token_record *record, int64_t now_ms)
{
    struct store_command *command = store_command_new(STORE_TOKEN_PUT);
    struct arena *arena = &command->arena;

    command->token = *record;
    command->token.id = arena_copy(arena, record->id);
    command->token.name = arena_copy(arena, record->name);
    command->token.hint = arena_copy(arena, record->hint);
    command->token.scopes = copy_scopes(arena, record->scopes, record->scope_count);
    command->token.revoked_ms = now_ms;
    return command;
}
