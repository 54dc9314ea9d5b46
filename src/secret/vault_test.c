#include "secret/vault_fixture.h"

#include "secret/vault_text.h"

#include "unit.h"

TEST(the_first_secret_makes_the_master_key_and_says_where)
{
    struct vault_fixture fixture;
    struct vault_reading reading = {.vault = &fixture.vault};
    struct vault_secret secret;
    struct error err = {0};
    struct text new_key;

    vault_fixture_open(&fixture);
    EXPECT_STR(vault_fixture_keys(&fixture), "");
    EXPECT(vault_set(&fixture.vault, TEXT("openai"), TEXT("sk-0123456789abcd"), &vault_fixture_act,
                     &fixture.arena, &secret, &new_key, &err));
    EXPECT_TEXT(new_key, fixture.key_file);
    EXPECT_TEXT(secret.hint, "abcd");
    EXPECT(vault_set(&fixture.vault, TEXT("mistral"), TEXT("ms-1"), &vault_fixture_act,
                     &fixture.arena, &secret, &new_key, &err));
    EXPECT_EQ(new_key.len, 0);
    EXPECT_STR(vault_fixture_find(&fixture, "openai"), "sk-0123456789abcd");
    EXPECT_STR(vault_fixture_find(&fixture, "mistral"), "ms-1");
    EXPECT_STR(vault_fixture_find(&fixture, "other"), "is not among the 2 secrets in the store");
    EXPECT(!vault_find(&reading, TEXT("openia"), &fixture.arena, &new_key, &err));
    EXPECT_STR(err.hint, "did you mean ${secret:openai}?");
    vault_reading_release(&reading);
    vault_fixture_close(&fixture);
}

TEST(a_lost_master_key_is_told_and_not_hidden_behind_a_new_one)
{
    struct vault_fixture fixture;
    struct vault_rotation rotation;
    struct error err = {0};

    vault_fixture_open(&fixture);
    EXPECT(vault_fixture_set(&fixture, "openai", "sk-1", &err));
    unlink(fixture.key_file);
    EXPECT(strstr(vault_fixture_find(&fixture, "openai"), "is sealed under the master key mk_"));
    EXPECT(!vault_fixture_set(&fixture, "mistral", "ms-1", &err));
    EXPECT_EQ(err.code, ERROR_MASTER_KEY_UNUSABLE);
    EXPECT(!vault_rotate(&fixture.vault, &vault_fixture_act, &fixture.arena, &rotation, &err));
    EXPECT_STR(vault_fixture_keys(&fixture), "");
    EXPECT(vault_delete(&fixture.vault, TEXT("openai"), &vault_fixture_act, &err));
    EXPECT(vault_fixture_set(&fixture, "mistral", "ms-1", &err));
    vault_fixture_close(&fixture);
}

TEST(a_source_that_is_not_writable_gets_no_key)
{
    struct vault_fixture fixture;
    struct error err = {0};

    vault_fixture_open(&fixture);
    fixture.vault.source.origin = KEY_ORIGIN_CREDENTIAL;
    EXPECT(!vault_fixture_set(&fixture, "openai", "sk-1", &err));
    EXPECT(strstr(err.hint, "openssl rand -base64 32") != NULL);
    fixture.vault.source = (struct key_source){0};
    EXPECT(!vault_fixture_set(&fixture, "openai", "sk-1", &err));
    EXPECT(strstr(err.hint, "PINION_MASTER_KEY") != NULL);
    vault_fixture_close(&fixture);
}

TEST(the_list_shows_no_value_and_what_does_not_open)
{
    struct vault_fixture fixture;
    const struct vault_secret *secrets;
    struct buffer json;
    struct error err = {0};
    size_t count;

    vault_fixture_open(&fixture);
    json = buffer_in(&fixture.arena);
    EXPECT(vault_fixture_set(&fixture, "openai", "sk-canary-0123456789abcd", &err));
    EXPECT(vault_fixture_set(&fixture, "short", "canary", &err));
    EXPECT(vault_list(&fixture.vault, &fixture.arena, &secrets, &count, &err));
    EXPECT_EQ(count, 2);
    EXPECT(secrets[0].opens);
    EXPECT_TEXT(secrets[0].hint, "abcd");
    EXPECT_EQ(secrets[1].hint.len, 0);
    vault_put_list(&json, secrets, count);
    EXPECT(text_find(buffer_text(&json), TEXT("canary")) == json.len);
    vault_fixture_put_keys(&fixture, "malformed", 0400);
    EXPECT(vault_list(&fixture.vault, &fixture.arena, &secrets, &count, &err));
    EXPECT(!secrets[0].opens);
    EXPECT_EQ(secrets[0].hint.len, 0);
    vault_fixture_close(&fixture);
}

TEST(secrets_are_found_beside_a_store_that_another_process_may_have_open)
{
    struct vault_fixture fixture;
    struct error err = {0};

    vault_fixture_open(&fixture);
    EXPECT(vault_fixture_set(&fixture, "openai", "sk-1", &err));
    vault_fixture_stop(&fixture);
    vault_init(&fixture.vault, &fixture.source, text_of(fixture.store_folder), NULL);
    EXPECT_STR(vault_fixture_find(&fixture, "openai"), "sk-1");
    fixture.vault.folder = TEXT("/nonexistent");
    EXPECT_STR(vault_fixture_find(&fixture, "openai"),
               "is not in the store: there is no store in '/nonexistent' yet");
    vault_release(&fixture.vault);
    vault_fixture_start(&fixture);
    vault_fixture_close(&fixture);
}

TEST(a_load_without_a_vault_is_told_that_there_is_none)
{
    struct vault_reading reading = {0};
    struct arena arena = {0};
    struct error err = {0};
    struct text value;

    EXPECT(!vault_find(&reading, TEXT("openai"), &arena, &value, &err));
    EXPECT_STR(err.hint, "put it there with: pinion secret set openai");
    vault_reading_release(&reading);
    arena_release(&arena);
}
