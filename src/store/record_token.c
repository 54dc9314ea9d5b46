/* Tokens as bytes. */
#include "store/record_io.h"

#include "base/check.h"

enum { TOKEN_TEST = 1 };

void record_put_token(struct buffer *out, struct text key, const struct token_record *token)
{
    size_t at = record_begin(out, RECORD_TOKEN);

    CHECK(token->scope_count <= RECORD_SCOPES_MAX);
    record_put_number(out, token->test ? TOKEN_TEST : 0, 1);
    buffer_put(out, (struct text){(const char *)token->digest, sizeof token->digest});
    record_put_number(out, (uint64_t)token->created_ms, 8);
    record_put_number(out, (uint64_t)token->expires_ms, 8);
    record_put_number(out, (uint64_t)token->revoked_ms, 8);
    record_put_text(out, token->name);
    record_put_text(out, token->hint);
    record_put_number(out, token->scope_count, 4);
    for (size_t i = 0; i < token->scope_count; i++)
        record_put_text(out, token->scopes[i]);
    record_finish(out, at, key);
}

bool record_get_token(struct text key, struct text value, struct arena *arena,
                      struct token_record *out, struct error *err)
{
    struct payload payload;
    struct text *scopes;
    const unsigned char *digest;
    size_t count;

    if (!payload_open(RECORD_TOKEN, key, value, &payload, err))
        return false;
    *out = (struct token_record){.id = key};
    out->test = (payload_number(&payload, 1) & TOKEN_TEST) != 0;
    digest = payload_take(&payload, sizeof out->digest);
    if (digest != NULL)
        memcpy(out->digest, digest, sizeof out->digest);
    out->created_ms = (int64_t)payload_number(&payload, 8);
    out->expires_ms = (int64_t)payload_number(&payload, 8);
    out->revoked_ms = (int64_t)payload_number(&payload, 8);
    out->name = payload_text(&payload);
    out->hint = payload_text(&payload);
    count = (size_t)payload_number(&payload, 4);
    if (count > RECORD_SCOPES_MAX || count > payload.left / 4)
        return record_damaged(RECORD_TOKEN, key, "it counts more scopes than it holds", err);
    scopes = ARENA_ARRAY(arena, struct text, count);
    for (size_t i = 0; i < count; i++)
        scopes[i] = payload_text(&payload);
    out->scopes = scopes;
    out->scope_count = count;
    return payload_close(&payload, RECORD_TOKEN, key, err);
}
