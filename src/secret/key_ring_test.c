#include "secret/vault_fixture.h"

#include "unit.h"

#define ONE   "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define TWO   "100102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define THREE "200102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static struct key_source file_source(const struct vault_fixture *fixture, enum key_origin origin)
{
    return (struct key_source){.origin = origin, .file = text_of(fixture->key_file)};
}

static size_t count_of(const struct key_source *source, struct error *err)
{
    struct key_ring *ring = key_ring_open(source, err);
    size_t count = ring != NULL ? ring->count : SIZE_MAX;

    key_ring_close(ring);
    return count;
}

TEST(the_environment_comes_first_and_is_wiped)
{
    struct arena arena = {0};
    struct key_source source;
    struct key_ring *ring;
    char *before;

    setenv("PINION_MASTER_KEY", ONE "," TWO, 1);
    before = getenv("PINION_MASTER_KEY");
    key_source_find(TEXT("/etc/pinion/master.key"), &arena, &source);
    EXPECT_EQ(source.origin, KEY_ORIGIN_ENVIRONMENT);
    EXPECT(getenv("PINION_MASTER_KEY") == NULL);
    EXPECT_EQ(before[0], 0);
    EXPECT_EQ(before[strlen(ONE)], 0);
    ring = key_ring_open(&source, NULL);
    EXPECT_EQ(ring->count, 2);
    EXPECT(!key_source_writable(&source));
    key_ring_close(ring);
    arena_release(&arena);
}

TEST(without_it_come_the_setting_then_the_credential_then_the_users_own_folder)
{
    struct arena arena = {0};
    struct vault_fixture fixture;
    struct key_source source;

    vault_fixture_open(&fixture);
    unsetenv("PINION_MASTER_KEY");
    setenv("CREDENTIALS_DIRECTORY", fixture.folder, 1);
    setenv("XDG_CONFIG_HOME", "relative/is/ignored", 1);
    setenv("HOME", "/home/ada", 1);
    key_source_find(TEXT("/etc/pinion/master.key"), &arena, &source);
    EXPECT_EQ(source.origin, KEY_ORIGIN_SETTING);
    EXPECT_TEXT(source.file, "/etc/pinion/master.key");
    key_source_find(TEXT(""), &arena, &source); /* there is no such credential */
    EXPECT_EQ(source.origin, KEY_ORIGIN_HOME);
    EXPECT_TEXT(source.file, "/home/ada/.config/pinion/master.key");
    snprintf(fixture.key_file, sizeof fixture.key_file, "%s/pinion-master-key", fixture.folder);
    vault_fixture_put_keys(&fixture, ONE, 0440);
    key_source_find(TEXT(""), &arena, &source);
    EXPECT_EQ(source.origin, KEY_ORIGIN_CREDENTIAL);
    EXPECT_EQ(count_of(&source, NULL), 1);
    unsetenv("CREDENTIALS_DIRECTORY");
    setenv("XDG_CONFIG_HOME", "/xdg", 1);
    key_source_find(TEXT(""), &arena, &source);
    EXPECT_TEXT(source.file, "/xdg/pinion/master.key");
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("HOME");
    key_source_find(TEXT(""), &arena, &source);
    EXPECT_EQ(source.origin, KEY_ORIGIN_NONE);
    EXPECT_EQ(count_of(&source, NULL), 0);
    vault_fixture_close(&fixture);
    arena_release(&arena);
}

TEST(a_file_holds_keys_and_comments_and_need_not_exist)
{
    struct vault_fixture fixture;
    struct key_source source;
    struct key_ring *ring;

    vault_fixture_open(&fixture);
    source = file_source(&fixture, KEY_ORIGIN_SETTING);
    EXPECT_EQ(count_of(&source, NULL), 0);
    vault_fixture_put_keys(&fixture, "# " THREE "\n\n" ONE " # the first\r\n" TWO ", " ONE, 0400);
    ring = key_ring_open(&source, NULL);
    EXPECT_EQ(ring->count, 2); /* the same key twice is one */
    EXPECT_EQ(ring->keys[0].bytes[0], 0);
    EXPECT_EQ(ring->keys[1].bytes[0], 0x10);
    EXPECT(key_ring_find(ring, master_key_id(&ring->keys[1])) == &ring->keys[1]);
    EXPECT(key_ring_find(ring, TEXT("mk_")) == NULL);
    key_ring_close(ring);
    vault_fixture_close(&fixture);
}

TEST(a_file_that_others_can_read_or_that_is_malformed_is_refused_without_a_word_of_it)
{
    struct vault_fixture fixture;
    struct key_source source;
    struct error err = {0};

    vault_fixture_open(&fixture);
    source = file_source(&fixture, KEY_ORIGIN_SETTING);
    vault_fixture_put_keys(&fixture, ONE, 0440);
    EXPECT_EQ(count_of(&source, &err), SIZE_MAX);
    EXPECT_EQ(err.code, ERROR_MASTER_KEY_UNUSABLE);
    EXPECT(strstr(err.message, "0440, expected 0400") != NULL);
    EXPECT(strstr(err.hint, "chmod 400 ") != NULL);
    vault_fixture_put_keys(&fixture, ONE "\ncanary-of-a-key\n", 0400);
    EXPECT_EQ(count_of(&source, &err), SIZE_MAX);
    EXPECT_STR(err.message, "master key 2 is malformed: expected 32 random bytes as base64 or hex");
    EXPECT(strstr(err.at, "/master.key") != NULL);
    unlink(fixture.key_file);
    EXPECT_EQ(mkdir(fixture.key_file, 0700), 0);
    EXPECT_EQ(count_of(&source, &err), SIZE_MAX);
    EXPECT_STR(err.message, "the master key must be in a regular file");
    vault_fixture_close(&fixture);
}

TEST(a_new_key_comes_in_front_and_what_else_the_file_says_stays)
{
    struct vault_fixture fixture;
    struct key_source source;
    struct key_ring *ring, *again;
    struct stat file;

    vault_fixture_open(&fixture);
    source = file_source(&fixture, KEY_ORIGIN_SETTING);
    vault_fixture_put_keys(&fixture, "# ours\n" ONE "\n" TWO "\n# end\n", 0600);
    ring = key_ring_open(&source, NULL);
    EXPECT(key_ring_renew(&source, ring, NULL));
    EXPECT_EQ(ring->count, 3);
    again = key_ring_open(&source, NULL);
    EXPECT(memcmp(ring, again, sizeof *ring) == 0);
    EXPECT(strstr(vault_fixture_keys(&fixture), "# ours\n" ONE "\n" TWO "\n# end\n") != NULL);
    EXPECT_EQ(stat(fixture.key_file, &file), 0);
    EXPECT_EQ(file.st_mode & 07777, 0400);
    key_ring_close(again);
    key_ring_close(ring);
    vault_fixture_close(&fixture);
}

TEST(retired_keys_become_comments_that_open_nothing)
{
    static const char *const forms[] = {ONE "\n" TWO "\n" THREE "\n", ONE "," TWO ", " THREE,
                                        "# a\n" ONE " # b\n\n" TWO "\n# c\n" THREE " # d\n"};
    struct vault_fixture fixture;
    struct key_source source;
    struct key_ring *ring;

    vault_fixture_open(&fixture);
    source = file_source(&fixture, KEY_ORIGIN_SETTING);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const char *text;

        vault_fixture_put_keys(&fixture, forms[i], 0400);
        ring = key_ring_open(&source, NULL);
        EXPECT_EQ(ring->count, 3);
        EXPECT(key_ring_retire(&source, ring, TEXT("2026-11-26"), NULL));
        EXPECT_EQ(ring->count, 1);
        key_ring_close(ring);
        ring = key_ring_open(&source, NULL);
        EXPECT_EQ(ring->count, 1);
        EXPECT_EQ(ring->keys[0].bytes[0], 0);
        key_ring_close(ring);
        text = vault_fixture_keys(&fixture);
        EXPECT(strstr(text, " retired 2026-11-26: " TWO "\n") != NULL);
        EXPECT(strstr(text, " retired 2026-11-26: " THREE) != NULL);
        EXPECT_EQ(strstr(forms[i], "# a\n") != NULL, strstr(text, "# a\n") != NULL);
        EXPECT_EQ(strstr(forms[i], "# d\n") != NULL, strstr(text, "# d\n") != NULL);
    }
    vault_fixture_close(&fixture);
}

TEST(a_ring_is_full_after_so_many_keys)
{
    struct vault_fixture fixture;
    struct key_source source;
    struct key_ring *ring;
    struct error err = {0};

    vault_fixture_open(&fixture);
    source = file_source(&fixture, KEY_ORIGIN_SETTING);
    ring = key_ring_open(&source, NULL);
    for (int i = 0; i < KEY_RING_MAX; i++)
        EXPECT(key_ring_renew(&source, ring, &err));
    EXPECT(!key_ring_renew(&source, ring, &err));
    EXPECT_EQ(count_of(&source, NULL), KEY_RING_MAX);
    key_ring_close(ring);
    vault_fixture_close(&fixture);
}
