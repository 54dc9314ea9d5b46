/* Bearer tokens, scopes, addresses and orders for tokens from any bytes. A secret that is valid is
 * exactly what its parts say; a scope and a slug, split at the first NUL, agree with a matcher that
 * is slow and plain. An address that is read is written so that it reads the same, and a token that
 * may be is written as JSON. */
#include "auth/token_grant.h"
#include "auth/token_issue.h"
#include "auth/token_json.h"
#include "base/check.h"
#include "document/json_read.h"

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

static void try_address(struct text bytes)
{
    struct token_address address, again;
    struct arena arena = {0};

    if (token_address_parse(bytes, &address)) {
        CHECK(token_address_parse(token_address_text(&arena, &address), &again));
        CHECK(memcmp(&address, &again, sizeof address) == 0);
    }
    arena_release(&arena);
}

static void try_order(struct text bytes, bool fresh)
{
    struct token_record token = {TOKEN_DEFAULTS};
    struct arena arena = {0};
    struct document document;
    struct error err = {0};
    struct buffer out = buffer_in(&arena);
    unsigned fields;

    if (json_read(bytes, NULL, &arena, &document, NULL, NULL)) {
        if (!token_read_json(&document, 0, fresh, &arena, &token, &fields, &err))
            CHECK(err.code == ERROR_INVALID_REQUEST || err.code == ERROR_UNKNOWN_FIELD);
        else if (token_check(&token, fields, 0, &err))
            token_put_json(&out, &token, 0, (struct text){0});
        if (out.len > 0)
            CHECK(json_read(buffer_text(&out), NULL, &arena, &document, NULL, NULL));
    }
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text rest = {(const char *)data, size}, scope;
    struct token_record token = {.scopes = &scope, .scope_count = 1};

    try_address(rest);
    try_order(rest, true);
    try_order(rest, false);
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
