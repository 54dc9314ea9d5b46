/* An order for a token, or a change of one, from JSON: one row per member. */
#include "auth/token_grant.h"
#include "auth/token_json.h"
#include "base/clock.h"
#include "document/json_write.h"
#include "guard/policy.h"

#include <stdio.h>

struct reader {
    const struct document *document;
    struct arena *arena;
    struct token_record *token;
    struct error *err;
};

static bool refuse(struct reader *reader, uint32_t at, const char *what)
{
    struct text pointer = document_pointer(reader->document, at, reader->arena);

    return error_set(reader->err, ERROR_INVALID_REQUEST, arena_terminated(reader->arena, pointer),
                     "%s", what);
}

static enum cell_type type_of(const struct reader *reader, uint32_t at)
{
    return (enum cell_type)document_cell(reader->document, at)->type;
}

static bool read_text(struct reader *reader, uint32_t at, const char *what, struct text *out)
{
    if (type_of(reader, at) != CELL_STRING)
        return refuse(reader, at, what);
    *out = document_text(reader->document, at);
    return true;
}

static bool read_texts(struct reader *reader, uint32_t at, const char *what,
                       const struct text **out, size_t *out_count)
{
    struct text *texts;

    if (type_of(reader, at) != CELL_ARRAY)
        return refuse(reader, at, what);
    texts = ARENA_ARRAY(reader->arena, struct text, document_cell(reader->document, at)->size);
    *out_count = 0;
    *out = texts;
    for (uint32_t i = at + 1; i < document_next(reader->document, at);
         i = document_next(reader->document, i))
        if (!read_text(reader, i, what, &texts[(*out_count)++]))
            return false;
    return true;
}

/* --- one function per member --------------------------------------------------------------------
 */

static bool read_name(struct reader *reader, uint32_t at)
{
    return read_text(reader, at, "'name' must be a string", &reader->token->name);
}

static bool read_project(struct reader *reader, uint32_t at)
{
    return read_text(reader, at, "'project' must be the name of a project",
                     &reader->token->project);
}

static bool read_deployment(struct reader *reader, uint32_t at)
{
    if (!read_text(reader, at, "'deployment' must be a string", &reader->token->deployment))
        return false;
    return (reader->token->deployment.len > 0 && reader->token->deployment.len <= 128) ||
           refuse(reader, at, "the name of a deployment has 1 to 128 bytes");
}

static bool read_kind(struct reader *reader, uint32_t at)
{
    struct text kind = {0};

    if (!read_text(reader, at, "'kind' must be \"call\" or \"admin\"", &kind))
        return false;
    if (text_equal(kind, TEXT("admin")) && reader->token->kind != TOKEN_ADMIN) {
        reader->token->kind = TOKEN_ADMIN;
        reader->token->verbs = 0;
        return true;
    }
    return text_equal(kind, TEXT("call")) || text_equal(kind, TEXT("admin")) ||
           refuse(reader, at, "'kind' must be \"call\" or \"admin\"");
}

static bool read_scopes(struct reader *reader, uint32_t at)
{
    return read_texts(reader, at, "'scopes' must be a list of slugs or patterns",
                      &reader->token->scopes, &reader->token->scope_count);
}

static bool read_models(struct reader *reader, uint32_t at)
{
    return read_texts(reader, at, "'models' must be a list of names or patterns",
                      &reader->token->models, &reader->token->model_count);
}

static bool read_verbs(struct reader *reader, uint32_t at)
{
    enum token_kind kind = reader->token->kind;
    const struct text *names;
    size_t count;
    uint32_t bits;

    if (!read_texts(reader, at, "'verbs' must be a list of verbs", &names, &count))
        return false;
    reader->token->verbs = 0;
    for (size_t i = 0; i < count; i++) {
        if (!token_verb_find(kind, names[i], &bits))
            return refuse(reader, at + 1 + (uint32_t)i,
                          kind == TOKEN_ADMIN
                              ? "an admin verb is one of tokens:read, tokens:write, sessions, "
                                "usage, logs, audit, secrets, config, backup, or *"
                              : "a verb is one of call, models, embeddings, mcp, sessions, usage, "
                                "or *");
        reader->token->verbs |= bits;
    }
    return true;
}

static bool read_addresses(struct reader *reader, uint32_t at)
{
    struct token_address *addresses;
    const struct text *texts;
    size_t count;

    if (!read_texts(reader, at, "'addresses' must be a list of addresses", &texts, &count))
        return false;
    if (count > TOKEN_ADDRESSES_MAX)
        return refuse(reader, at, "a token names at most 32 addresses");
    addresses = ARENA_ARRAY(reader->arena, struct token_address, count);
    for (size_t i = 0; i < count; i++)
        if (!token_address_parse(texts[i], &addresses[i]))
            return refuse(reader, at + 1 + (uint32_t)i,
                          "expected an address such as 192.0.2.7 or a network such as 10.0.0.0/8 "
                          "or 2001:db8::/32, without bits behind its prefix");
    reader->token->addresses = addresses;
    reader->token->address_count = count;
    return true;
}

static bool read_tags(struct reader *reader, uint32_t at)
{
    uint32_t count = document_cell(reader->document, at)->size;
    struct token_tag *tags;

    if (type_of(reader, at) != CELL_OBJECT)
        return refuse(reader, at, "'tags' must be an object of strings");
    if (count > TOKEN_TAGS_MAX)
        return refuse(reader, at, "a token has at most 8 tags");
    tags = ARENA_ARRAY(reader->arena, struct token_tag, count);
    reader->token->tags = tags;
    reader->token->tag_count = count;
    for (uint32_t i = at + 1; i < document_next(reader->document, at);
         i = document_next(reader->document, i + 1), tags++) {
        tags->name = document_text(reader->document, i);
        if (!read_text(reader, i + 1, "a tag must be a string", &tags->value))
            return false;
    }
    return true;
}

static bool read_limit(struct reader *reader, uint32_t at, uint32_t *out)
{
    const struct cell *cell = document_cell(reader->document, at);

    *out = 0;
    if (cell->type == CELL_NULL)
        return true;
    if (cell->type != CELL_INTEGER || cell->integer < 1 || cell->integer > CALL_LIMIT_MAX)
        return refuse(reader, at, "a limit is a whole number of at least 1, or null");
    *out = (uint32_t)cell->integer;
    return true;
}

/* The place of a member among those that an object may have; refuses any other. */
static bool find_member(struct reader *reader, uint32_t key, const char *const *names, size_t count,
                        size_t *out)
{
    struct text name = document_text(reader->document, key);

    for (*out = 0; *out < count; ++*out)
        if (text_equal(name, text_of(names[*out])))
            return true;
    return error_set(
        reader->err, ERROR_UNKNOWN_FIELD,
        arena_terminated(reader->arena, document_pointer(reader->document, key, reader->arena)),
        "the field '%.*s' is not known here", TEXT_ARG(text_first(name, 64)));
}

static bool read_limits(struct reader *reader, uint32_t at)
{
    static const char *const names[] = {"per_minute", "per_hour", "tokens_per_minute",
                                        "concurrent"};
    struct call_limits *limits = &reader->token->limits;
    uint32_t *const places[] = {&limits->per_minute, &limits->per_hour, &limits->tokens_per_minute,
                                &limits->concurrent};
    size_t i;

    *limits = (struct call_limits){0};
    if (type_of(reader, at) == CELL_NULL)
        return true;
    if (type_of(reader, at) != CELL_OBJECT)
        return refuse(reader, at, "'limits' must be an object such as {\"per_minute\": 60}");
    for (uint32_t key = at + 1; key < document_next(reader->document, at);
         key = document_next(reader->document, key + 1))
        if (!find_member(reader, key, names, 4, &i) || !read_limit(reader, key + 1, places[i]))
            return false;
    return true;
}

bool token_read_usd(struct text text, int64_t *out_nano)
{
    size_t dot = text_find_byte(text, '.');
    struct text places = dot < text.len ? text_after(text, dot + 1) : (struct text){0};
    uint64_t dollars, nano = 0;

    if (!text_to_u64(text_first(text, dot), &dollars) || dollars > 9000000000)
        return false;
    if (dot < text.len && (places.len > 9 || !text_to_u64(places, &nano)))
        return false;
    for (size_t i = places.len; i < 9; i++)
        nano *= 10;
    *out_nano = (int64_t)(dollars * 1000000000 + nano);
    return true;
}

static bool read_money(struct reader *reader, uint32_t at, int64_t *out)
{
    const struct cell *cell = document_cell(reader->document, at);

    *out = TOKEN_UNLIMITED;
    if (cell->type == CELL_NULL)
        return true;
    if (cell->type == CELL_INTEGER && cell->integer >= 0 && cell->integer <= 9000000000) {
        *out = cell->integer * 1000000000;
        return true;
    }
    return ((cell->type == CELL_STRING || cell->type == CELL_NUMBER) &&
            token_read_usd(cell_text(cell), out)) ||
           refuse(reader, at,
                  "money is an amount of US dollars with at most 9 places, such as \"12.50\", or "
                  "null");
}

static bool read_budget(struct reader *reader, uint32_t at)
{
    static const char *const names[] = {"monthly_usd", "daily_usd"};
    struct token_budget *budget = &reader->token->budget;
    int64_t *const places[] = {&budget->monthly_nano, &budget->daily_nano};
    size_t i;

    *budget = (struct token_budget){TOKEN_UNLIMITED, TOKEN_UNLIMITED};
    if (type_of(reader, at) == CELL_NULL)
        return true;
    if (type_of(reader, at) != CELL_OBJECT)
        return refuse(reader, at, "'budget' must be an object such as {\"monthly_usd\": 50}");
    for (uint32_t key = at + 1; key < document_next(reader->document, at);
         key = document_next(reader->document, key + 1))
        if (!find_member(reader, key, names, 2, &i) || !read_money(reader, key + 1, places[i]))
            return false;
    return true;
}

enum { GUARDRAILS_BYTES_MAX = 8192 };

/* The first of what is wrong is told. */
static void refuse_guardrail(void *context, uint32_t cell, enum diagnostic_code code,
                             const char *message, const char *hint)
{
    struct reader *reader = context;

    (void)code;
    if (reader->err == NULL || reader->err->code != ERROR_NONE)
        return;
    refuse(reader, cell, message);
    error_hint(reader->err, "%s", hint);
}

static bool read_guardrails(struct reader *reader, uint32_t at)
{
    struct buffer json = buffer_in(reader->arena);
    struct guard_policy policy;

    reader->token->guardrails = (struct text){0};
    if (type_of(reader, at) == CELL_NULL)
        return true;
    if (reader->err != NULL)
        *reader->err = (struct error){0};
    if (!guard_policy_read(reader->document, at, reader->arena, refuse_guardrail, reader, &policy))
        return false;
    json_put_cell(&json, reader->document, at);
    reader->token->guardrails = buffer_text(&json);
    return json.len <= GUARDRAILS_BYTES_MAX ||
           refuse(reader, at, "the guardrails of a token have at most 8192 bytes");
}

static bool read_expiry(struct reader *reader, uint32_t at)
{
    reader->token->expires_ms = 0;
    return type_of(reader, at) == CELL_NULL ||
           (type_of(reader, at) == CELL_STRING &&
            clock_parse_rfc3339(document_text(reader->document, at), &reader->token->expires_ms)) ||
           refuse(reader, at, "'expires_at' must be a date, an RFC 3339 time, or null");
}

static bool read_on_revoke(struct reader *reader, uint32_t at)
{
    struct text word = {0};

    reader->token->on_revoke = REVOKE_DEFAULT;
    if (type_of(reader, at) == CELL_NULL)
        return true;
    if (!read_text(reader, at, "'on_revoke' must be \"finish\" or \"cut\"", &word))
        return false;
    reader->token->on_revoke = text_equal(word, TEXT("cut")) ? REVOKE_CUT : REVOKE_FINISH;
    return text_equal(word, TEXT("cut")) || text_equal(word, TEXT("finish")) ||
           refuse(reader, at, "'on_revoke' must be \"finish\" or \"cut\"");
}

static bool read_test(struct reader *reader, uint32_t at)
{
    if (type_of(reader, at) != CELL_BOOLEAN)
        return refuse(reader, at, "'test' must be true or false");
    reader->token->test = document_cell(reader->document, at)->boolean;
    return true;
}

/* --- all of them --------------------------------------------------------------------------------
 */

struct member {
    const char *name;
    bool (*read)(struct reader *reader, uint32_t at);
    unsigned field; /* 0: only of a new token */
};

/* The kind first: it decides what verbs there are. */
static const struct member members[] = {
    {"kind", read_kind, 0},
    {"name", read_name, TOKEN_SET_NAME},
    {"project", read_project, 0},
    {"deployment", read_deployment, 0},
    {"test", read_test, 0},
    {"scopes", read_scopes, TOKEN_SET_SCOPES},
    {"verbs", read_verbs, TOKEN_SET_VERBS},
    {"models", read_models, TOKEN_SET_MODELS},
    {"addresses", read_addresses, TOKEN_SET_ADDRESSES},
    {"tags", read_tags, TOKEN_SET_TAGS},
    {"limits", read_limits, TOKEN_SET_LIMITS},
    {"budget", read_budget, TOKEN_SET_BUDGET},
    {"guardrails", read_guardrails, TOKEN_SET_GUARDRAILS},
    {"expires_at", read_expiry, TOKEN_SET_EXPIRY},
    {"on_revoke", read_on_revoke, TOKEN_SET_ON_REVOKE},
};
enum { MEMBERS = sizeof members / sizeof *members };

static bool all_known(struct reader *reader, uint32_t at, bool fresh)
{
    const char *names[MEMBERS];
    size_t i;

    for (i = 0; i < MEMBERS; i++)
        names[i] = members[i].name;
    for (uint32_t key = at + 1; key < document_next(reader->document, at);
         key = document_next(reader->document, key + 1)) {
        if (!find_member(reader, key, names, MEMBERS, &i))
            return false;
        if (members[i].field == 0 && !fresh)
            return refuse(reader, key, "this cannot be changed; create another token");
    }
    return true;
}

bool token_read_json(const struct document *document, uint32_t at, bool fresh, struct arena *arena,
                     struct token_record *token, unsigned *fields, struct error *err)
{
    struct reader reader = {document, arena, token, err};

    *fields = 0;
    if (type_of(&reader, at) != CELL_OBJECT)
        return refuse(&reader, at, "expected an object such as {\"scopes\": [\"summarize\"]}");
    if (!all_known(&reader, at, fresh))
        return false;
    for (size_t i = 0; i < MEMBERS; i++) {
        uint32_t value = document_member(document, at, text_of(members[i].name));

        if (value == CELL_NONE)
            continue;
        if (!members[i].read(&reader, value))
            return false;
        *fields |= members[i].field;
    }
    return true;
}
