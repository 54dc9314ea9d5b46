/* pin_live_, pin_test_ or pin_admin_, characters of base 62, `_`, and the CRC-32 of everything
 * before it as six digits of base 62; always as long. A valid one is told from others without
 * looking at secret data twice. */
#include "auth/token.h"

#include "base/random.h"

#include <zlib.h>

enum { CHECKSUM_AT = TOKEN_CHARS - 6 };
enum { SCOPE_CHARS_MAX = 64, MODEL_CHARS_MAX = 256, VERSION_DIGITS_MAX = 9, BASE = 62 };

static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

static bool is_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Bytes from 248 on would make the first digits likelier than the others, and are drawn again. */
static void draw_digits(char *out, size_t count)
{
    unsigned char pool[64];
    size_t at = sizeof pool;

    for (size_t i = 0; i < count;) {
        if (at == sizeof pool) {
            random_fill(pool, sizeof pool);
            at = 0;
        }
        if (pool[at] < 4 * BASE)
            out[i++] = digits[pool[at] % BASE];
        at++;
    }
}

static void write_checksum(const char *secret, char out[TOKEN_CHARS - CHECKSUM_AT])
{
    uint32_t crc = (uint32_t)crc32_z(0, (const unsigned char *)secret, CHECKSUM_AT);

    for (size_t i = TOKEN_CHARS - CHECKSUM_AT; i-- > 0; crc /= BASE)
        out[i] = digits[crc % BASE];
}

static struct text prefix_of(enum token_kind kind, bool test)
{
    if (kind == TOKEN_ADMIN)
        return TEXT("pin_admin_");
    return test ? TEXT("pin_test_") : TEXT("pin_live_");
}

void token_secret_new(enum token_kind kind, bool test, char out[TOKEN_CHARS])
{
    struct text prefix = prefix_of(kind, test);

    memcpy(out, prefix.at, prefix.len);
    draw_digits(out + prefix.len, CHECKSUM_AT - 1 - prefix.len);
    out[CHECKSUM_AT - 1] = '_';
    write_checksum(out, out + CHECKSUM_AT);
}

/* 0: none of ours. */
static size_t prefix_len(struct text secret)
{
    if (text_starts(secret, TEXT("pin_live_")) || text_starts(secret, TEXT("pin_test_")))
        return 9;
    return text_starts(secret, TEXT("pin_admin_")) ? 10 : 0;
}

bool token_secret_valid(struct text secret)
{
    char checksum[TOKEN_CHARS - CHECKSUM_AT];
    size_t prefix = prefix_len(secret);

    if (secret.len != TOKEN_CHARS || prefix == 0 || secret.at[CHECKSUM_AT - 1] != '_')
        return false;
    for (size_t i = prefix; i < CHECKSUM_AT - 1; i++)
        if (!is_digit(secret.at[i]))
            return false;
    write_checksum(secret.at, checksum);
    return memcmp(secret.at + CHECKSUM_AT, checksum, sizeof checksum) == 0;
}

/* What stands behind the '@': every version, or one by its number. */
static bool version_valid(struct text version)
{
    uint64_t number;

    return text_equal(version, TEXT("*")) ||
           (version.len <= VERSION_DIGITS_MAX && version.len > 0 && version.at[0] != '0' &&
            text_to_u64(version, &number));
}

static bool is_name(struct text text, char other)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '*' ||
              (other != 0 && c == other)))
            return false;
    }
    return text.len > 0 && text.len <= SCOPE_CHARS_MAX;
}

/* "openai:gpt-4o-mini", "openai:*": providers have names such as slugs, models any without spaces.
 */
static bool model_scope_valid(struct text provider, struct text model)
{
    for (size_t i = 0; i < model.len; i++)
        if (model.at[i] <= ' ' || model.at[i] > '~')
            return false;
    return is_name(provider, '_') && model.len > 0 && model.len <= MODEL_CHARS_MAX;
}

bool token_scope_valid(struct text scope)
{
    size_t colon = text_find_byte(scope, ':'), slug = text_find_byte(scope, '@');

    if (colon < scope.len)
        return model_scope_valid(text_first(scope, colon), text_after(scope, colon + 1));
    return (slug == scope.len || version_valid(text_after(scope, slug + 1))) &&
           is_name(text_first(scope, slug), 0);
}

/* Going back to the last star only is enough, because a star takes any run: the time is at most the
 * product of the lengths. */
bool token_pattern_takes(struct text pattern, struct text slug)
{
    size_t p = 0, s = 0, star = SIZE_MAX, resume = 0;

    while (s < slug.len) {
        if (p < pattern.len && pattern.at[p] == '*') {
            star = p++;
            resume = s;
        } else if (p < pattern.len && pattern.at[p] == slug.at[s]) {
            p++;
            s++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            s = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.at[p] == '*')
        p++;
    return p == pattern.len;
}

/* Of an endpoint, then, and not of a provider's models. */
static bool takes_slug(struct text scope, struct text slug, struct text *out_version)
{
    struct text pattern;

    *out_version = scope;
    pattern = text_split(out_version, '@');
    return text_find_byte(scope, ':') == scope.len && token_pattern_takes(pattern, slug);
}

bool token_scope_allows(const struct token_record *token, struct text slug)
{
    if (slug.len > SCOPE_CHARS_MAX)
        return false;
    for (size_t i = 0; i < token->scope_count; i++) {
        struct text version;

        if (takes_slug(token->scopes[i], slug, &version) &&
            (version.len == 0 || text_equal(version, TEXT("*"))))
            return true;
    }
    return false;
}

bool token_scope_allows_version(const struct token_record *token, struct text slug, uint64_t number)
{
    if (slug.len > SCOPE_CHARS_MAX)
        return false;
    for (size_t i = 0; i < token->scope_count; i++) {
        struct text version;
        uint64_t its = 0;

        if (!takes_slug(token->scopes[i], slug, &version) || version.len == 0)
            continue;
        if (number == 0 || text_equal(version, TEXT("*")) ||
            (text_to_u64(version, &its) && its == number))
            return true;
    }
    return false;
}

bool token_scope_allows_model(const struct token_record *token, struct text provider,
                              struct text model)
{
    if (model.len > MODEL_CHARS_MAX)
        return false;
    for (size_t i = 0; i < token->scope_count; i++) {
        struct text scope = token->scopes[i];
        size_t colon = text_find_byte(scope, ':');

        if (colon < scope.len && token_pattern_takes(text_first(scope, colon), provider) &&
            token_pattern_takes(text_after(scope, colon + 1), model))
            return true;
    }
    return false;
}

bool token_key_load(const char *path, bool create, struct token_key *out, struct error *err)
{
    return random_key_load(path, "token key", create, out->bytes, err);
}
