/* Bearer tokens and scopes from any bytes. A secret that is valid is exactly what its parts say; a
 * scope and a slug, split at the first NUL, agree with a matcher that is slow and plain. */
#include "auth/token.h"
#include "base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Row by row: reach[j] says whether what was read of the pattern takes the slug's first j bytes. */
static bool plainly_matches(struct text pattern, struct text slug)
{
    bool reach[65] = {true};

    for (size_t i = 0; i < pattern.len; i++) {
        bool star = pattern.at[i] == '*', before = reach[0];

        reach[0] = reach[0] && star;
        for (size_t j = 1; j <= slug.len; j++) {
            bool was = reach[j];

            reach[j] = star ? was || reach[j - 1] : before && pattern.at[i] == slug.at[j - 1];
            before = was;
        }
    }
    return reach[slug.len];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text rest = {(const char *)data, size}, scope;
    struct token_record token = {.scopes = &scope, .scope_count = 1};

    if (token_secret_valid(rest))
        CHECK(rest.len == TOKEN_CHARS && rest.at[45] == '_' && text_starts(rest, TEXT("pin_")));
    scope = text_split(&rest, '\0');
    if (!token_scope_valid(scope))
        return 0;
    CHECK(scope.len <= 64);
    if (rest.len > 64)
        CHECK(!token_scope_allows(&token, rest));
    else
        CHECK(token_scope_allows(&token, rest) == plainly_matches(scope, rest));
    return 0;
}
