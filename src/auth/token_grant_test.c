#include "auth/token_grant.h"

#include "unit.h"

TEST(an_address_is_inside_the_networks_that_hold_it)
{
    static const struct {
        const char *network, *peer;
        bool allowed;
    } cases[] = {
        {"192.0.2.7", "192.0.2.7", true},
        {"192.0.2.7", "192.0.2.8", false},
        {"10.0.0.0/8", "10.255.0.1", true},
        {"10.0.0.0/8", "11.0.0.1", false},
        {"192.0.2.128/25", "192.0.2.129", true},
        {"192.0.2.128/25", "192.0.2.127", false},
        {"0.0.0.0/0", "203.0.113.9", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"::/0", "203.0.113.9", true},
        {"2001:db8::/32", "2001:db8:ffff::1", true},
        {"2001:db8::/32", "2001:db9::1", false},
        {"2001:db8::1", "2001:db8::1", true},
        {"::ffff:192.0.2.0/120", "192.0.2.5", true},
        {"192.0.2.0/24", "::ffff:192.0.2.5", true},
        {"fe80::/10", "fe80::1%eth0", true},
        {"192.0.2.7", "", false},
        {"192.0.2.7", "nonsense", false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct token_address address;
        struct token_record token = {.addresses = &address, .address_count = 1};

        EXPECT(token_address_parse(text_of(cases[i].network), &address));
        if (token_allows_address(&token, text_of(cases[i].peer)) != cases[i].allowed)
            fail_msg("%s and %s", cases[i].network, cases[i].peer);
    }
}

TEST(a_token_without_addresses_may_be_used_from_anywhere)
{
    struct token_record token = {0};

    EXPECT(token_allows_address(&token, TEXT("203.0.113.9")));
    EXPECT(token_allows_address(&token, TEXT("")));
}

TEST(addresses_are_written_as_they_were_read)
{
    static const char *const same[] = {"192.0.2.7",     "10.0.0.0/8",  "0.0.0.0/0",
                                       "2001:db8::/32", "2001:db8::1", "::/0"};
    struct arena arena = {0};

    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        struct token_address address;

        EXPECT(token_address_parse(text_of(same[i]), &address));
        EXPECT_TEXT(token_address_text(&arena, &address), same[i]);
    }
    arena_release(&arena);
}

TEST(what_is_no_network_is_refused)
{
    static const char *const bad[] = {"",           "10.0.0.1/8",  "10.0.0.0/33", "10.0.0.0/",
                                      "10.0.0.0/x", "10.0.0/8",    "::/129",      "2001:db8::1/32",
                                      "localhost",  "10.0.0.0/-1", "10.0.0.0/08a"};
    struct token_address address;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (token_address_parse(text_of(bad[i]), &address))
            fail_msg("taken: %s", bad[i]);
}

TEST(a_model_is_named_alone_with_its_provider_or_by_a_pattern)
{
    static const struct {
        const char *pattern, *provider, *model;
        bool allowed;
    } cases[] = {
        {"gpt-4.1-mini", "openai", "gpt-4.1-mini", true},
        {"gpt-4.1-mini", "openai", "gpt-4.1", false},
        {"gpt-4.1*", "openai", "gpt-4.1-nano", true},
        {"openai:*", "openai", "gpt-5", true},
        {"openai:*", "azure", "gpt-5", false},
        {"openai:gpt-5", "openai", "gpt-5", true},
        {"openai:gpt-5", "azure", "gpt-5", false},
        {"llama3:8b", "ollama", "llama3:8b", true},
        {"*", "any", "thing", true},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text pattern = text_of(cases[i].pattern);
        struct token_record token = {.models = &pattern, .model_count = 1}, any = {0};

        EXPECT(token_model_valid(pattern));
        EXPECT(token_allows_model(&any, text_of(cases[i].provider), text_of(cases[i].model)));
        if (token_allows_model(&token, text_of(cases[i].provider), text_of(cases[i].model)) !=
            cases[i].allowed)
            fail_msg("%s and %s:%s", cases[i].pattern, cases[i].provider, cases[i].model);
    }
    EXPECT(!token_model_valid(TEXT("")));
    EXPECT(!token_model_valid(TEXT("a b")));
}

TEST(every_verb_is_found_by_its_name_and_has_a_bit_of_its_own)
{
    for (int kind = TOKEN_CALL; kind <= TOKEN_ADMIN; kind++) {
        uint32_t seen = 0, bit, found;
        const char *name;

        for (size_t i = 0; (name = token_verb_at((enum token_kind)kind, i, &bit)) != NULL; i++) {
            EXPECT(token_verb_find((enum token_kind)kind, text_of(name), &found));
            EXPECT_EQ(found, bit);
            EXPECT_STR(token_verb_name((enum token_kind)kind, bit), name);
            EXPECT_EQ(seen & bit, 0);
            seen |= bit;
        }
        EXPECT(token_verb_find((enum token_kind)kind, TEXT("*"), &found));
        EXPECT_EQ(found & seen, seen);
    }
    EXPECT(!token_verb_find(TOKEN_CALL, TEXT("secrets"), &(uint32_t){0}));
    EXPECT(!token_verb_find(TOKEN_ADMIN, TEXT("call"), &(uint32_t){0}));
}
