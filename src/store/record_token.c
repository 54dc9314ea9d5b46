/* Tokens, and what names the token of a deployment, as bytes. What older versions wrote ends behind
 * the scopes, and such a token may do what every token could then. */
#include "store/record_io.h"

#include "base/check.h"

enum { FLAG_TEST = 1, FLAG_ADMIN = 2, FLAG_FINISH = 4, FLAG_CUT = 8 };
enum { ADDRESS_BYTES = 17 };

static uint64_t flags_of(const struct token_record *token)
{
    return (token->test ? FLAG_TEST : 0u) | (token->kind == TOKEN_ADMIN ? FLAG_ADMIN : 0u) |
           (token->on_revoke == REVOKE_FINISH ? FLAG_FINISH : 0u) |
           (token->on_revoke == REVOKE_CUT ? FLAG_CUT : 0u);
}

static void put_texts(struct buffer *out, const struct text *texts, size_t count)
{
    record_put_number(out, count, 4);
    for (size_t i = 0; i < count; i++)
        record_put_text(out, texts[i]);
}

static void put_lists(struct buffer *out, const struct token_record *token)
{
    put_texts(out, token->models, token->model_count);
    record_put_number(out, token->address_count, 4);
    for (size_t i = 0; i < token->address_count; i++) {
        buffer_put(out, (struct text){(const char *)token->addresses[i].bytes, ADDRESS_BYTES - 1});
        record_put_number(out, token->addresses[i].prefix, 1);
    }
    record_put_number(out, token->tag_count, 4);
    for (size_t i = 0; i < token->tag_count; i++) {
        record_put_text(out, token->tags[i].name);
        record_put_text(out, token->tags[i].value);
    }
}

void record_put_token(struct buffer *out, struct text key, const struct token_record *token)
{
    size_t at = record_begin(out, RECORD_TOKEN);

    CHECK(token->scope_count <= RECORD_SCOPES_MAX);
    record_put_number(out, flags_of(token), 1);
    buffer_put(out, (struct text){(const char *)token->digest, sizeof token->digest});
    record_put_number(out, (uint64_t)token->created_ms, 8);
    record_put_number(out, (uint64_t)token->expires_ms, 8);
    record_put_number(out, (uint64_t)token->revoked_ms, 8);
    record_put_text(out, token->name);
    record_put_text(out, token->hint);
    put_texts(out, token->scopes, token->scope_count);
    buffer_put(out,
               (struct text){(const char *)token->previous_digest, sizeof token->previous_digest});
    record_put_number(out, (uint64_t)token->previous_until_ms, 8);
    record_put_number(out, (uint64_t)token->last_used_ms, 8);
    record_put_number(out, token->revision, 8);
    record_put_number(out, token->verbs, 4);
    record_put_number(out, token->limits.per_minute, 4);
    record_put_number(out, token->limits.per_hour, 4);
    record_put_number(out, token->limits.tokens_per_minute, 4);
    record_put_number(out, token->limits.concurrent, 4);
    record_put_number(out, (uint64_t)token->budget.monthly_nano, 8);
    record_put_number(out, (uint64_t)token->budget.daily_nano, 8);
    record_put_text(out, token->project);
    record_put_text(out, token->deployment);
    put_lists(out, token);
    record_put_text(out, token->guardrails);
    record_finish(out, at, key);
}

/* How many of at least `bytes` each follow; false when what is left cannot hold them. */
static bool get_count(struct payload *payload, size_t most, size_t bytes, size_t *out)
{
    *out = (size_t)payload_number(payload, 4);
    return *out <= most && *out <= payload->left / bytes;
}

/* None takes no memory. */
#define ARRAY_OR_NULL(arena, type, count) ((count) > 0 ? ARENA_ARRAY(arena, type, count) : NULL)

static bool get_texts(struct payload *payload, struct arena *arena, size_t most,
                      const struct text **out, size_t *out_count)
{
    struct text *texts;

    if (!get_count(payload, most, 4, out_count))
        return false;
    texts = ARRAY_OR_NULL(arena, struct text, *out_count);
    for (size_t i = 0; i < *out_count; i++)
        texts[i] = payload_text(payload);
    *out = texts;
    return true;
}

static bool get_addresses(struct payload *payload, struct arena *arena, struct token_record *out)
{
    struct token_address *addresses;

    if (!get_count(payload, TOKEN_ADDRESSES_MAX, ADDRESS_BYTES, &out->address_count))
        return false;
    addresses = ARRAY_OR_NULL(arena, struct token_address, out->address_count);
    for (size_t i = 0; i < out->address_count; i++) {
        memcpy(addresses[i].bytes, payload_take(payload, ADDRESS_BYTES - 1), ADDRESS_BYTES - 1);
        addresses[i].prefix = (uint8_t)payload_number(payload, 1);
        if (addresses[i].prefix > 128)
            return false;
    }
    out->addresses = addresses;
    return true;
}

static bool get_tags(struct payload *payload, struct arena *arena, struct token_record *out)
{
    struct token_tag *tags;

    if (!get_count(payload, TOKEN_TAGS_MAX, 8, &out->tag_count))
        return false;
    tags = ARRAY_OR_NULL(arena, struct token_tag, out->tag_count);
    for (size_t i = 0; i < out->tag_count; i++) {
        tags[i].name = payload_text(payload);
        tags[i].value = payload_text(payload);
    }
    out->tags = tags;
    return true;
}

static void get_flags(uint64_t flags, struct token_record *out)
{
    out->test = (flags & FLAG_TEST) != 0;
    out->kind = (flags & FLAG_ADMIN) != 0 ? TOKEN_ADMIN : TOKEN_CALL;
    out->on_revoke = (flags & FLAG_CUT) != 0      ? REVOKE_CUT
                     : (flags & FLAG_FINISH) != 0 ? REVOKE_FINISH
                                                  : REVOKE_DEFAULT;
}

static void get_digest(struct payload *payload, unsigned char out[STORE_DIGEST_BYTES])
{
    const unsigned char *digest = payload_take(payload, STORE_DIGEST_BYTES);

    if (digest != NULL)
        memcpy(out, digest, STORE_DIGEST_BYTES);
}

/* What follows the scopes since tokens have more than those. */
static bool get_more(struct payload *payload, struct arena *arena, struct token_record *out)
{
    get_digest(payload, out->previous_digest);
    out->previous_until_ms = (int64_t)payload_number(payload, 8);
    out->last_used_ms = (int64_t)payload_number(payload, 8);
    out->revision = payload_number(payload, 8);
    out->verbs = (uint32_t)payload_number(payload, 4);
    out->limits.per_minute = (uint32_t)payload_number(payload, 4);
    out->limits.per_hour = (uint32_t)payload_number(payload, 4);
    out->limits.tokens_per_minute = (uint32_t)payload_number(payload, 4);
    out->limits.concurrent = (uint32_t)payload_number(payload, 4);
    out->budget.monthly_nano = (int64_t)payload_number(payload, 8);
    out->budget.daily_nano = (int64_t)payload_number(payload, 8);
    out->project = payload_text(payload);
    out->deployment = payload_text(payload);
    if (!get_texts(payload, arena, TOKEN_MODELS_MAX, &out->models, &out->model_count) ||
        !get_addresses(payload, arena, out) || !get_tags(payload, arena, out))
        return false;
    if (payload->left > 0) /* written since tokens have guardrails */
        out->guardrails = payload_text(payload);
    return true;
}

bool record_get_token(struct text key, struct text value, struct arena *arena,
                      struct token_record *out, struct error *err)
{
    struct payload payload;

    if (!payload_open(RECORD_TOKEN, key, value, &payload, err))
        return false;
    *out = (struct token_record){.id = key, TOKEN_DEFAULTS};
    get_flags(payload_number(&payload, 1), out);
    get_digest(&payload, out->digest);
    out->created_ms = (int64_t)payload_number(&payload, 8);
    out->expires_ms = (int64_t)payload_number(&payload, 8);
    out->revoked_ms = (int64_t)payload_number(&payload, 8);
    out->name = payload_text(&payload);
    out->hint = payload_text(&payload);
    if (!get_texts(&payload, arena, RECORD_SCOPES_MAX, &out->scopes, &out->scope_count))
        return record_damaged(RECORD_TOKEN, key, "it counts more scopes than it holds", err);
    if (payload.left > 0 && !get_more(&payload, arena, out))
        return record_damaged(RECORD_TOKEN, key, "it counts more than it holds", err);
    return payload_close(&payload, RECORD_TOKEN, key, err);
}

void record_put_deployment(struct buffer *out, struct text key, struct text token_id)
{
    size_t at = record_begin(out, RECORD_DEPLOYMENT);

    record_put_text(out, token_id);
    record_finish(out, at, key);
}

bool record_get_deployment(struct text key, struct text value, struct text *out_token_id,
                           struct error *err)
{
    struct payload payload;

    if (!payload_open(RECORD_DEPLOYMENT, key, value, &payload, err))
        return false;
    *out_token_id = payload_text(&payload);
    return payload_close(&payload, RECORD_DEPLOYMENT, key, err);
}
