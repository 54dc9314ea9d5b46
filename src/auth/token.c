/* pin_live_, pin_test_ or pin_admin_, characters of base 62, `_`, and the CRC-32 of everything
 * before it as six digits of base 62; always as long. A valid one is told from others without
 * looking at secret data twice. */
#include "auth/token.h"

#include "base/random.h"

#include <zlib.h>

enum { CHECKSUM_AT = TOKEN_CHARS - 6 };
enum { SCOPE_CHARS_MAX = 64, VERSION_DIGITS_MAX = 9, BASE = 62 };

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

bool token_scope_valid(struct text scope)
{
    size_t slug = text_find_byte(scope, '@');

    if (slug == 0 || slug > SCOPE_CHARS_MAX ||
        (slug < scope.len && !version_valid(text_after(scope, slug + 1))))
        return false;
    for (size_t i = 0; i < slug; i++) {
        char c = scope.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '*'))
            return false;
    }
    return true;
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

bool token_scope_allows(const struct token_record *token, struct text slug)
{
    if (slug.len > SCOPE_CHARS_MAX)
        return false;
    for (size_t i = 0; i < token->scope_count; i++) {
        struct text rest = token->scopes[i], pattern = text_split(&rest, '@');

        if ((rest.len == 0 || text_equal(rest, TEXT("*"))) && token_pattern_takes(pattern, slug))
            return true;
    }
    return false;
}

bool token_scope_allows_version(const struct token_record *token, struct text slug, uint64_t number)
{
    if (slug.len > SCOPE_CHARS_MAX)
        return false;
    for (size_t i = 0; i < token->scope_count; i++) {
        struct text version = token->scopes[i], pattern = text_split(&version, '@');
        uint64_t its = 0;

        if (version.len == 0 || !token_pattern_takes(pattern, slug))
            continue;
        if (number == 0 || text_equal(version, TEXT("*")) ||
            (text_to_u64(version, &its) && its == number))
            return true;
    }
    return false;
}

bool token_key_load(const char *path, bool create, struct token_key *out, struct error *err)
{
    return random_key_load(path, "token key", create, out->bytes, err);
}
