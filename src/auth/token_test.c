#include "auth/token.h"

#include "unit.h"

#include <pthread.h>

TEST(a_new_secret_has_the_form_and_is_valid)
{
    for (int i = 0; i < 1000; i++) {
        char secret[TOKEN_CHARS];
        struct text text = {secret, sizeof secret};

        token_secret_new(TOKEN_CALL, i % 2, secret);
        EXPECT(token_secret_valid(text));
        EXPECT(text_starts(text, i % 2 ? TEXT("pin_test_") : TEXT("pin_live_")));
        EXPECT_EQ(secret[45], '_');
    }
}

TEST(no_digit_is_drawn_more_often_than_others)
{
    enum { SECRETS = 20000 };
    size_t seen[256] = {0};
    char secret[TOKEN_CHARS];

    for (int i = 0; i < SECRETS; i++) {
        token_secret_new(TOKEN_CALL, false, secret);
        for (int c = 9; c < 45; c++)
            seen[(unsigned char)secret[c]]++;
    }
    /* 720000 draws of 62 digits: 11613 each, standard deviation 107; eight of them are allowed */
    for (const char *c = "09AZaz5Mm8"; *c != '\0'; c++)
        EXPECT(seen[(unsigned char)*c] > 11613 - 856 && seen[(unsigned char)*c] < 11613 + 856);
}

TEST(two_secrets_are_never_the_same)
{
    char a[TOKEN_CHARS], b[TOKEN_CHARS];

    token_secret_new(TOKEN_CALL, false, a);
    token_secret_new(TOKEN_CALL, false, b);
    EXPECT(memcmp(a, b, sizeof a) != 0);
}

/* Computed apart from this program: CRC-32 of the 46 characters before it, in base 62. */
TEST(a_known_secret_is_valid)
{
    EXPECT(token_secret_valid(TEXT("pin_live_000000000000000000000000000000000000_3cAibU")));
    EXPECT(token_secret_valid(TEXT("pin_test_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789_1UQCHb")));
    EXPECT(!token_secret_valid(TEXT("pin_live_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789_1UQCHb")));
}

TEST(every_changed_character_makes_a_secret_invalid)
{
    char secret[TOKEN_CHARS];

    token_secret_new(TOKEN_CALL, false, secret);
    for (size_t i = 0; i < sizeof secret; i++)
        for (int c = 0; c < 256; c++) {
            char kept = secret[i];

            secret[i] = (char)c;
            EXPECT_EQ(token_secret_valid((struct text){secret, sizeof secret}),
                      c == (unsigned char)kept);
            secret[i] = kept;
        }
}

TEST(a_secret_cut_or_extended_is_invalid)
{
    char secret[TOKEN_CHARS + 1];

    token_secret_new(TOKEN_CALL, false, secret);
    secret[TOKEN_CHARS] = 'a';
    for (size_t len = 0; len <= sizeof secret; len++)
        EXPECT_EQ(token_secret_valid((struct text){secret, len}), len == TOKEN_CHARS);
}

/* RFC 4231 section 4.2 wants a key of 20 bytes; HMAC pads keys with zeros, so ours of 32 is equal.
 */
TEST(the_digest_is_hmac_sha_256)
{
    static const unsigned char expected[STORE_DIGEST_BYTES] = {
        0xb0, 0x34, 0x4c, 0x61, 0xd8, 0xdb, 0x38, 0x53, 0x5c, 0xa8, 0xaf,
        0xce, 0xaf, 0x0b, 0xf1, 0x2b, 0x88, 0x1d, 0xc2, 0x00, 0xc9, 0x83,
        0x3d, 0xa7, 0x26, 0xe9, 0x37, 0x6c, 0x2e, 0x32, 0xcf, 0xf7};
    struct token_key key = {{0}}, other = {{1}};
    unsigned char digest[STORE_DIGEST_BYTES];

    memset(key.bytes, 0x0b, 20);
    for (int i = 0; i < 3; i++) { /* also when the key was another one in between */
        token_digest(&key, TEXT("Hi There"), digest);
        EXPECT(memcmp(digest, expected, sizeof digest) == 0);
        token_digest(&key, TEXT("Hi There"), digest);
        EXPECT(memcmp(digest, expected, sizeof digest) == 0);
        token_digest(&other, TEXT("Hi There"), digest);
        EXPECT(memcmp(digest, expected, sizeof digest) != 0);
    }
}

static void *digest_often(void *context)
{
    struct token_key key = {{0}};
    unsigned char first[STORE_DIGEST_BYTES], digest[STORE_DIGEST_BYTES];
    bool *same = context;

    memset(key.bytes, *same ? 'a' : 'b', sizeof key.bytes);
    *same = true;
    token_digest(&key, TEXT("secret"), first);
    for (int i = 0; i < 1000; i++) {
        token_digest(&key, TEXT("secret"), digest);
        *same = *same && memcmp(first, digest, sizeof digest) == 0;
    }
    return NULL;
}

TEST(threads_digest_under_keys_of_their_own)
{
    pthread_t threads[4];
    bool same[4] = {true, false, true, false};

    for (int i = 0; i < 4; i++)
        EXPECT_EQ(pthread_create(&threads[i], NULL, digest_often, &same[i]), 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        EXPECT(same[i]);
    }
}

TEST(a_scope_is_a_slug_or_a_pattern)
{
    EXPECT(token_scope_valid(TEXT("summarize")));
    EXPECT(token_scope_valid(TEXT("support-*")));
    EXPECT(token_scope_valid(TEXT("*")));
    EXPECT(!token_scope_valid(TEXT("")));
    EXPECT(!token_scope_valid(TEXT("Summarize")));
    EXPECT(!token_scope_valid(TEXT("a b")));
    EXPECT(!token_scope_valid(TEXT("a\0b")));
    EXPECT(!token_scope_valid(
        TEXT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")));
}

TEST(a_scope_allows_what_it_says)
{
    static const struct {
        const char *scope, *slug;
        bool allowed;
    } cases[] = {
        {"summarize", "summarize", true},
        {"summarize", "summarise", false},
        {"summarize", "summarize2", false},
        {"summarize", "summariz", false},
        {"*", "anything", true},
        {"*", "", true},
        {"support-*", "support-de", true},
        {"support-*", "support-", true},
        {"support-*", "support", false},
        {"*-de", "support-de", true},
        {"*-de", "support-de-2", false},
        {"a*b*c", "a1b2b3c", true},
        {"a*b*c", "a1b2b3", false},
        {"**", "x", true},
        {"a*a", "a", false},
        {"a*a", "aa", true},
        {"*aab", "aaaaab", true},
        {"", "", true},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text scope = text_of(cases[i].scope);
        struct token_record token = {.scopes = &scope, .scope_count = 1};

        EXPECT_EQ(token_scope_allows(&token, text_of(cases[i].slug)), cases[i].allowed);
    }
}

TEST(a_scope_with_a_version_allows_that_version_and_one_without_allows_what_is_in_force)
{
    static const struct {
        const char *scope, *slug;
        uint64_t number; /* of a call that names one */
        bool in_force, version;
    } cases[] = {
        {"summarize", "summarize", 7, true, false},
        {"*", "summarize", 7, true, false},
        {"summarize@*", "summarize", 7, true, true},
        {"summarize@7", "summarize", 7, false, true},
        {"summarize@7", "summarize", 8, false, false},
        {"summarize@7", "summarize", 0, false, true},
        {"*@*", "summarize", 7, true, true},
        {"sum-*@*", "summarize", 7, false, false},
        {"summarize@7", "summarize-2", 7, false, false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text scope = text_of(cases[i].scope), slug = text_of(cases[i].slug);
        struct token_record token = {.scopes = &scope, .scope_count = 1};

        EXPECT(token_scope_valid(scope));
        EXPECT_EQ(token_scope_allows(&token, slug), cases[i].in_force);
        EXPECT_EQ(token_scope_allows_version(&token, slug, cases[i].number), cases[i].version);
    }
    EXPECT(!token_scope_valid(TEXT("a@")));
    EXPECT(!token_scope_valid(TEXT("@7")));
    EXPECT(!token_scope_valid(TEXT("a@0")));
    EXPECT(!token_scope_valid(TEXT("a@7*")));
    EXPECT(!token_scope_valid(TEXT("a@7@8")));
    EXPECT(!token_scope_valid(TEXT("a@1234567890")));
}

TEST(a_scope_with_a_colon_is_of_models_and_of_nothing_else)
{
    static const struct {
        const char *scope, *provider, *model;
        bool allowed;
    } cases[] = {
        {"openai:gpt-4o-mini", "openai", "gpt-4o-mini", true},
        {"openai:gpt-4o-mini", "openai", "gpt-4o", false},
        {"openai:*", "openai", "ft:gpt-4o:acme::x", true},
        {"openai:*", "azure", "gpt-4o", false},
        {"openai:gpt-*", "openai", "gpt-5/x@1", true},
        {"*:*", "anthropic", "claude-haiku-4-5", true},
        {"*:*-mini", "my_own", "gpt-4o-mini", true},
        {"*", "openai", "gpt-4o", false},
        {"*@*", "openai", "gpt-4o", false},
        {"openai", "openai", "openai", false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text scope = text_of(cases[i].scope);
        struct token_record token = {.scopes = &scope, .scope_count = 1};

        EXPECT(token_scope_valid(scope));
        EXPECT_EQ(
            token_scope_allows_model(&token, text_of(cases[i].provider), text_of(cases[i].model)),
            cases[i].allowed);
    }
    for (size_t i = 0; i < 7; i++) { /* those with a colon */
        struct text scope = text_of(cases[i].scope);
        struct token_record token = {.scopes = &scope, .scope_count = 1};

        EXPECT(!token_scope_allows(&token, TEXT("openai")));
        EXPECT(!token_scope_allows(&token, text_of(cases[i].model)));
        EXPECT(!token_scope_allows_version(&token, TEXT("openai"), 0));
    }
    EXPECT(!token_scope_valid(TEXT("openai:")));
    EXPECT(!token_scope_valid(TEXT(":gpt-4o")));
    EXPECT(!token_scope_valid(TEXT("Open:gpt-4o")));
    EXPECT(!token_scope_valid(TEXT("openai:a b")));
    EXPECT(!token_scope_valid(TEXT("openai:\xc3\xa4")));
}

TEST(any_of_several_scopes_is_enough_and_none_allows_nothing)
{
    struct text scopes[] = {TEXT("a"), TEXT("b-*")};
    struct token_record token = {.scopes = scopes, .scope_count = 2}, none = {0};

    EXPECT(token_scope_allows(&token, TEXT("b-1")));
    EXPECT(!token_scope_allows(&token, TEXT("c")));
    EXPECT(!token_scope_allows(&none, TEXT("a")));
}
