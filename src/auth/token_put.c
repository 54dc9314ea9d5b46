/* Tokens as JSON. */
#include "auth/token_grant.h"
#include "auth/token_json.h"
#include "base/clock.h"
#include "document/json_write.h"

static void put_time(struct buffer *out, const char *name, int64_t wall_ms)
{
    char when[CLOCK_RFC3339_BYTES];

    json_put_text_or_null(out, name,
                          wall_ms != 0 ? clock_rfc3339(wall_ms, when) : (struct text){0});
}

static void put_texts(struct buffer *out, const char *name, const struct text *texts, size_t count)
{
    json_put_name(out, name);
    buffer_put_byte(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_put_byte(out, ',');
        json_put_string(out, texts[i]);
    }
    buffer_put_byte(out, ']');
}

static void put_verbs(struct buffer *out, const struct token_record *token)
{
    struct text names[32] = {TEXT("*")};
    bool all = token->kind == TOKEN_ADMIN && token->verbs == ADMIN_ALL;
    size_t count = all ? 1 : 0;
    const char *name;
    uint32_t bit;

    for (size_t i = 0; !all && (name = token_verb_at(token->kind, i, &bit)) != NULL; i++)
        if ((token->verbs & bit) != 0)
            names[count++] = text_of(name);
    put_texts(out, "verbs", names, count);
}

static void put_addresses(struct buffer *out, const struct token_record *token)
{
    struct text texts[TOKEN_ADDRESSES_MAX];
    struct arena arena = {0};

    for (size_t i = 0; i < token->address_count; i++)
        texts[i] = token_address_text(&arena, &token->addresses[i]);
    put_texts(out, "addresses", texts, token->address_count);
    arena_release(&arena);
}

static void put_tags(struct buffer *out, const struct token_record *token)
{
    json_put_name(out, "tags");
    buffer_put_byte(out, '{');
    for (size_t i = 0; i < token->tag_count; i++) {
        if (i > 0)
            buffer_put_byte(out, ',');
        json_put_string(out, token->tags[i].name);
        buffer_put_byte(out, ':');
        json_put_string(out, token->tags[i].value);
    }
    buffer_put_byte(out, '}');
}

static void put_limit(struct buffer *out, const char *name, uint32_t limit)
{
    json_put_name(out, name);
    if (limit > 0)
        buffer_printf(out, "%u", limit);
    else
        buffer_put(out, TEXT("null"));
}

void token_put_limits(struct buffer *out, const struct token_record *token)
{
    json_put_name(out, "limits");
    buffer_put_byte(out, '{');
    put_limit(out, "per_minute", token->limits.per_minute);
    put_limit(out, "per_hour", token->limits.per_hour);
    put_limit(out, "tokens_per_minute", token->limits.tokens_per_minute);
    put_limit(out, "concurrent", token->limits.concurrent);
    buffer_put_byte(out, '}');
}

static void put_budget(struct buffer *out, const struct token_record *token)
{
    json_put_name(out, "budget");
    buffer_put_byte(out, '{');
    json_put_usd(out, "monthly_usd", token->budget.monthly_nano);
    json_put_usd(out, "daily_usd", token->budget.daily_nano);
    buffer_put_byte(out, '}');
}

/* As they were written; null: none. */
static void put_guardrails(struct buffer *out, const struct token_record *token)
{
    json_put_name(out, "guardrails");
    buffer_put(out, token->guardrails.len > 0 ? token->guardrails : TEXT("null"));
}

static void put_history(struct buffer *out, const struct token_record *token, int64_t used_ms)
{
    static const struct text on_revoke[] = {{0}, TEXT_INIT("finish"), TEXT_INIT("cut")};

    json_put_text_or_null(out, "on_revoke", on_revoke[token->on_revoke]);
    json_put_flag(out, "test", token->test);
    put_time(out, "created_at", token->created_ms);
    put_time(out, "expires_at", token->expires_ms);
    put_time(out, "revoked_at", token->revoked_ms);
    put_time(out, "last_used_at", used_ms);
    put_time(out, "previous_until", token->previous_until_ms);
}

static void put_members(struct buffer *out, const struct token_record *token, int64_t used_ms,
                        struct text secret)
{
    json_put_text(out, "id", token->id);
    json_put_text(out, "kind", token->kind == TOKEN_ADMIN ? TEXT("admin") : TEXT("call"));
    json_put_text(out, "name", token->name);
    json_put_text(out, "hint", token->hint);
    if (token->kind == TOKEN_CALL) {
        json_put_text(out, "project", token->project.len > 0 ? token->project : TEXT("default"));
        json_put_text_or_null(out, "deployment", token->deployment);
        put_texts(out, "scopes", token->scopes, token->scope_count);
    }
    put_verbs(out, token);
    if (token->kind == TOKEN_CALL) {
        put_texts(out, "models", token->models, token->model_count);
        put_tags(out, token);
        token_put_limits(out, token);
    put_budget(out, token);
        put_guardrails(out, token);
    }
    put_addresses(out, token);
    put_history(out, token, used_ms);
    if (secret.len > 0)
        json_put_text(out, "token", secret);
}

void token_put_json(struct buffer *out, const struct token_record *token, int64_t used_ms,
                    struct text secret)
{
    buffer_put_byte(out, '{');
    put_members(out, token, used_ms, secret);
    buffer_put_byte(out, '}');
}
