#include "auth/token_issue.h"

#include "auth/tags.h"
#include "auth/token_grant.h"
#include "base/id.h"

#include <stdio.h>

/* "/scopes/1": "'Sum!' is no scope ..." */
static bool refuse_item(struct error *err, const char *member, size_t i, struct text item,
                        const char *what)
{
    char at[40];

    snprintf(at, sizeof at, "/%s/%zu", member, i);
    return error_set(err, ERROR_INVALID_REQUEST, at, "'%.*s' %s", TEXT_ARG(text_first(item, 64)),
                     what);
}

static bool refuse(struct error *err, const char *at, const char *what)
{
    return error_set(err, ERROR_INVALID_REQUEST, at, "%s", what);
}

static bool scopes_valid(const struct token_record *token, struct error *err)
{
    if (token->kind == TOKEN_ADMIN)
        return token->scope_count == 0 ||
               refuse(err, "/scopes", "an admin credential has verbs and no scopes");
    if (token->scope_count == 0)
        return refuse(err, "/scopes",
                      "a token needs at least one scope: a slug, or a pattern such as "
                      "'support-*'");
    if (token->scope_count > TOKEN_SCOPES_MAX)
        return refuse(err, "/scopes", "a token has at most 64 scopes");
    for (size_t i = 0; i < token->scope_count; i++)
        if (!token_scope_valid(token->scopes[i]))
            return refuse_item(err, "scopes", i, token->scopes[i],
                               "is no scope; expected a slug, a pattern with '*', or "
                               "'provider:model'");
    return true;
}

static bool models_valid(const struct token_record *token, struct error *err)
{
    if (token->model_count > TOKEN_MODELS_MAX)
        return refuse(err, "/models", "a token names at most 64 models");
    for (size_t i = 0; i < token->model_count; i++)
        if (!token_model_valid(token->models[i]))
            return refuse_item(err, "models", i, token->models[i],
                               "is no model; expected a name, provider:name or a pattern with '*'");
    return true;
}

static bool tags_valid(const struct token_record *token, struct error *err)
{
    if (token->tag_count > TOKEN_TAGS_MAX)
        return refuse(err, "/tags", "a token has at most 8 tags");
    for (size_t i = 0; i < token->tag_count; i++) {
        if (!tag_name_valid(token->tags[i].name))
            return refuse_item(err, "tags", i, token->tags[i].name,
                               "is no name of a tag; expected 1 to 64 letters, digits, '-', '_' or "
                               "'.'");
        if (token->tags[i].value.len > TAG_VALUE_BYTES_MAX)
            return refuse_item(err, "tags", i, token->tags[i].name,
                               "is a tag of more than 128 bytes");
    }
    return true;
}

static bool verbs_valid(const struct token_record *token, struct error *err)
{
    return token->verbs != 0 ||
           refuse(err, "/verbs",
                  token->kind == TOKEN_ADMIN ? "an admin credential needs at least one verb, or '*'"
                                             : "a token needs at least one verb, such as 'call'");
}

bool token_check(const struct token_record *token, unsigned fields, int64_t now_ms,
                 struct error *err)
{
    if ((fields & TOKEN_SET_NAME) != 0 && token->name.len > TOKEN_NAME_BYTES)
        return error_set(err, ERROR_INVALID_REQUEST, "/name", "a name has at most %d bytes",
                         TOKEN_NAME_BYTES);
    if ((fields & TOKEN_SET_EXPIRY) != 0 && token->expires_ms != 0 && token->expires_ms <= now_ms)
        return error_set(err, ERROR_INVALID_REQUEST, "/expires_at", "the expiry is in the past");
    if ((fields & TOKEN_SET_ADDRESSES) != 0 && token->address_count > TOKEN_ADDRESSES_MAX)
        return error_set(err, ERROR_INVALID_REQUEST, "/addresses",
                         "a token names at most %d addresses", TOKEN_ADDRESSES_MAX);
    return ((fields & TOKEN_SET_SCOPES) == 0 || scopes_valid(token, err)) &&
           ((fields & TOKEN_SET_VERBS) == 0 || verbs_valid(token, err)) &&
           ((fields & TOKEN_SET_MODELS) == 0 || models_valid(token, err)) &&
           ((fields & TOKEN_SET_TAGS) == 0 || tags_valid(token, err));
}

static void draw(const struct token_key *key, struct token_record *token, struct arena *arena,
                 char secret[TOKEN_CHARS])
{
    token_secret_new(token->kind, token->test, secret);
    token_digest(key, (struct text){secret, TOKEN_CHARS}, token->digest);
    token->hint = arena_copy(arena, (struct text){secret + TOKEN_CHARS - 4, 4});
}

struct store_command *token_issue(const struct token_key *key, const struct token_record *order,
                                  int64_t now_ms, char secret[TOKEN_CHARS], struct error *err)
{
    struct store_command *command;
    struct token_record *token;

    if (!token_check(order, ~0u, now_ms, err))
        return NULL;
    command =
        store_command_new(order->deployment.len > 0 ? STORE_TOKEN_PROVISION : STORE_TOKEN_PUT);
    command->now_ms = now_ms;
    token = &command->token;
    *token = *token_record_copy(&command->arena, order);
    memset(token->previous_digest, 0, sizeof token->previous_digest);
    token->previous_until_ms = token->revoked_ms = token->last_used_ms = 0;
    token->revision = 0;
    token->created_ms = now_ms;
    token->id = id_new(&command->arena, order->kind == TOKEN_ADMIN ? "adm_" : "tok_", now_ms);
    draw(key, token, &command->arena, secret);
    return command;
}

struct store_command *token_update(const struct token_record *to, unsigned fields, int64_t now_ms,
                                   struct error *err)
{
    struct store_command *command;

    if (!token_check(to, fields, now_ms, err))
        return NULL;
    command = store_command_new(STORE_TOKEN_CHANGE);
    command->token = *token_record_copy(&command->arena, to);
    command->token.revoked_ms = 0;
    command->token_fields = fields & ~(unsigned)(TOKEN_SET_SECRET | TOKEN_SET_REVOKED);
    return command;
}

struct store_command *token_rotate(const struct token_key *key, const struct token_record *token,
                                   int64_t overlap_ms, int64_t now_ms, char secret[TOKEN_CHARS])
{
    struct store_command *command = store_command_new(STORE_TOKEN_CHANGE);

    command->token = (struct token_record){.id = arena_copy(&command->arena, token->id),
                                           .kind = token->kind,
                                           .test = token->test,
                                           .previous_until_ms = now_ms + overlap_ms};
    draw(key, &command->token, &command->arena, secret);
    command->token_fields = TOKEN_SET_SECRET;
    return command;
}

struct store_command *token_revoke(struct text id, struct text deployment, int64_t now_ms)
{
    struct store_command *command = store_command_new(STORE_TOKEN_CHANGE);

    command->token = (struct token_record){.id = arena_copy(&command->arena, id),
                                           .deployment = arena_copy(&command->arena, deployment),
                                           .revoked_ms = now_ms};
    command->token_fields = TOKEN_SET_REVOKED;
    return command;
}
