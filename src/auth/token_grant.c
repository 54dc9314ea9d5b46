#include "auth/token_grant.h"

#include "base/check.h"

#include <arpa/inet.h>

/* --- verbs --------------------------------------------------------------------------------------
 */

struct verb {
    const char *name;
    uint32_t bit;
};

static const struct verb call_verbs[] = {
    {"call", VERB_CALL},       {"models", VERB_MODELS},     {"embeddings", VERB_EMBEDDINGS},
    {"mcp", VERB_MCP},         {"sessions", VERB_SESSIONS}, {"usage", VERB_USAGE},
    {"explain", VERB_EXPLAIN},
};
static const struct verb admin_verbs[] = {
    {"tokens:read", ADMIN_TOKENS_READ},
    {"tokens:write", ADMIN_TOKENS_WRITE},
    {"sessions", ADMIN_SESSIONS},
    {"usage", ADMIN_USAGE},
    {"logs", ADMIN_LOGS},
    {"audit", ADMIN_AUDIT},
    {"secrets", ADMIN_SECRETS},
    {"config", ADMIN_CONFIG},
    {"backup", ADMIN_BACKUP},
};
#define COUNT_OF(list) (sizeof(list) / sizeof *(list))

const char *token_verb_at(enum token_kind kind, size_t i, uint32_t *out_bit)
{
    const struct verb *verbs = kind == TOKEN_ADMIN ? admin_verbs : call_verbs;

    if (i >= (kind == TOKEN_ADMIN ? COUNT_OF(admin_verbs) : COUNT_OF(call_verbs)))
        return NULL;
    *out_bit = verbs[i].bit;
    return verbs[i].name;
}

bool token_verb_find(enum token_kind kind, struct text name, uint32_t *out_bits)
{
    const char *known;

    if (text_equal(name, TEXT("*"))) {
        *out_bits = kind == TOKEN_ADMIN ? (uint32_t)ADMIN_ALL : (uint32_t)VERBS_ALL;
        return true;
    }
    for (size_t i = 0; (known = token_verb_at(kind, i, out_bits)) != NULL; i++)
        if (text_equal(name, text_of(known)))
            return true;
    return false;
}

const char *token_verb_name(enum token_kind kind, uint32_t bit)
{
    const char *name;
    uint32_t its;

    for (size_t i = 0; (name = token_verb_at(kind, i, &its)) != NULL; i++)
        if (its == bit)
            return name;
    NEVER("a verb");
}

/* --- models -------------------------------------------------------------------------------------
 */

enum { MODEL_CHARS_MAX = 128 };

bool token_model_valid(struct text model)
{
    if (model.len == 0 || model.len > MODEL_CHARS_MAX)
        return false;
    for (size_t i = 0; i < model.len; i++)
        if (model.at[i] <= ' ' || model.at[i] > '~')
            return false;
    return true;
}

/* The part behind the provider's name, where the pattern begins with that. */
static bool names_provider(struct text pattern, struct text provider, struct text *out_rest)
{
    if (pattern.len <= provider.len || !text_starts(pattern, provider) ||
        pattern.at[provider.len] != ':')
        return false;
    *out_rest = text_after(pattern, provider.len + 1);
    return true;
}

bool token_allows_model(const struct token_record *token, struct text provider, struct text model)
{
    struct text rest;

    for (size_t i = 0; i < token->model_count; i++) {
        if (token_pattern_takes(token->models[i], model))
            return true;
        if (names_provider(token->models[i], provider, &rest) && token_pattern_takes(rest, model))
            return true;
    }
    return token->model_count == 0;
}

/* --- addresses ----------------------------------------------------------------------------------
 */

enum { IPV4_PREFIX = 96 };

/* IPv4 becomes ::ffff:a.b.c.d, as which it may have been written too. */
static bool parse_address(struct text text, unsigned char out[16], bool *out_v4)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    char terminated[INET6_ADDRSTRLEN];

    if (text.len == 0 || text.len >= sizeof terminated || memchr(text.at, '\0', text.len) != NULL)
        return false;
    memcpy(terminated, text.at, text.len);
    terminated[text.len] = '\0';
    memcpy(out, mapped, sizeof mapped);
    *out_v4 = inet_pton(AF_INET, terminated, out + sizeof mapped) == 1;
    return *out_v4 || inet_pton(AF_INET6, terminated, out) == 1;
}

static bool bit_at(const unsigned char bytes[16], unsigned i)
{
    return (bytes[i / 8] >> (7 - i % 8) & 1) != 0;
}

bool token_address_parse(struct text text, struct token_address *out)
{
    size_t slash = text_find_byte(text, '/');
    uint64_t prefix, most;
    bool v4;

    if (!parse_address(text_first(text, slash), out->bytes, &v4))
        return false;
    most = v4 ? 32 : 128;
    prefix = most;
    if (slash < text.len && (text.len > slash + 4 ||
                             !text_to_u64(text_after(text, slash + 1), &prefix) || prefix > most))
        return false;
    out->prefix = (uint8_t)(v4 ? IPV4_PREFIX + prefix : prefix);
    for (unsigned i = out->prefix; i < 128; i++)
        if (bit_at(out->bytes, i))
            return false;
    return true;
}

static bool is_mapped(const struct token_address *address)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};

    return address->prefix >= IPV4_PREFIX && memcmp(address->bytes, mapped, sizeof mapped) == 0;
}

struct text token_address_text(struct arena *arena, const struct token_address *address)
{
    bool v4 = is_mapped(address);
    unsigned prefix = v4 ? address->prefix - IPV4_PREFIX : address->prefix;
    char text[INET6_ADDRSTRLEN];

    inet_ntop(v4 ? AF_INET : AF_INET6, address->bytes + (v4 ? 12 : 0), text, sizeof text);
    if (prefix == (v4 ? 32u : 128u))
        return arena_copy(arena, text_of(text));
    return arena_printf(arena, "%s/%u", text, prefix);
}

static bool contains(const struct token_address *network, const unsigned char address[16])
{
    unsigned whole = network->prefix / 8, rest = network->prefix % 8;
    unsigned char mask = (unsigned char)(0xff00 >> rest);

    return memcmp(network->bytes, address, whole) == 0 &&
           (rest == 0 || (network->bytes[whole] & mask) == (address[whole] & mask));
}

bool token_allows_address(const struct token_record *token, struct text peer)
{
    unsigned char address[16];
    bool v4;

    if (token->address_count == 0)
        return true;
    if (!parse_address(text_first(peer, text_find_byte(peer, '%')), address, &v4))
        return false;
    for (size_t i = 0; i < token->address_count; i++)
        if (contains(&token->addresses[i], address))
            return true;
    return false;
}
