#include "store/token_record.h"

#include <string.h>

static const struct text *copy_texts(struct arena *arena, const struct text *texts, size_t count)
{
    struct text *copies = count > 0 ? ARENA_ARRAY(arena, struct text, count) : NULL;

    for (size_t i = 0; i < count; i++)
        copies[i] = arena_copy(arena, texts[i]);
    return copies;
}

const struct token_tag *token_tags_copy(struct arena *arena, const struct token_tag *tags,
                                        size_t count)
{
    struct token_tag *copies = count > 0 ? ARENA_ARRAY(arena, struct token_tag, count) : NULL;

    for (size_t i = 0; i < count; i++)
        copies[i] =
            (struct token_tag){arena_copy(arena, tags[i].name), arena_copy(arena, tags[i].value)};
    return copies;
}

static const struct token_address *
copy_addresses(struct arena *arena, const struct token_address *addresses, size_t count)
{
    struct token_address *copies =
        count > 0 ? ARENA_ARRAY(arena, struct token_address, count) : NULL;

    for (size_t i = 0; i < count; i++)
        copies[i] = addresses[i];
    return copies;
}

const struct token_record *token_record_copy(struct arena *arena, const struct token_record *record)
{
    struct token_record *copy = ARENA_NEW(arena, struct token_record);

    *copy = *record;
    copy->id = arena_copy(arena, record->id);
    copy->name = arena_copy(arena, record->name);
    copy->hint = arena_copy(arena, record->hint);
    copy->project = arena_copy(arena, record->project);
    copy->deployment = arena_copy(arena, record->deployment);
    copy->scopes = copy_texts(arena, record->scopes, record->scope_count);
    copy->guardrails = arena_copy(arena, record->guardrails);
    copy->models = copy_texts(arena, record->models, record->model_count);
    copy->addresses = copy_addresses(arena, record->addresses, record->address_count);
    copy->tags = token_tags_copy(arena, record->tags, record->tag_count);
    return copy;
}

static void set_secret(struct token_record *record, const struct token_record *to)
{
    memcpy(record->previous_digest, record->digest, sizeof record->digest);
    record->previous_until_ms = to->previous_until_ms;
    memcpy(record->digest, to->digest, sizeof record->digest);
    record->hint = to->hint;
}

static void set_lists(struct token_record *record, const struct token_record *to, unsigned fields)
{
    if ((fields & TOKEN_SET_SCOPES) != 0) {
        record->scopes = to->scopes;
        record->scope_count = to->scope_count;
    }
    if ((fields & TOKEN_SET_MODELS) != 0) {
        record->models = to->models;
        record->model_count = to->model_count;
    }
    if ((fields & TOKEN_SET_ADDRESSES) != 0) {
        record->addresses = to->addresses;
        record->address_count = to->address_count;
    }
    if ((fields & TOKEN_SET_TAGS) != 0) {
        record->tags = to->tags;
        record->tag_count = to->tag_count;
    }
}

void token_record_set(struct token_record *record, const struct token_record *to, unsigned fields)
{
    set_lists(record, to, fields);
    if ((fields & TOKEN_SET_NAME) != 0)
        record->name = to->name;
    if ((fields & TOKEN_SET_VERBS) != 0)
        record->verbs = to->verbs;
    if ((fields & TOKEN_SET_LIMITS) != 0)
        record->limits = to->limits;
    if ((fields & TOKEN_SET_BUDGET) != 0)
        record->budget = to->budget;
    if ((fields & TOKEN_SET_GUARDRAILS) != 0)
        record->guardrails = to->guardrails;
    if ((fields & TOKEN_SET_EXPIRY) != 0)
        record->expires_ms = to->expires_ms;
    if ((fields & TOKEN_SET_ON_REVOKE) != 0)
        record->on_revoke = to->on_revoke;
    if ((fields & TOKEN_SET_SECRET) != 0)
        set_secret(record, to);
    if ((fields & TOKEN_SET_REVOKED) != 0)
        record->revoked_ms = to->revoked_ms;
}
