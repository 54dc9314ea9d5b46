#include "secret/secret.h"

#include "secret/memory.h"

#include "unit.h"

static struct key_ring ring_of_two(void)
{
    struct key_ring ring = {.count = 2};

    master_key_new(&ring.keys[0]);
    master_key_new(&ring.keys[1]);
    return ring;
}

TEST(a_sealed_secret_opens_with_the_key_of_the_ring_that_it_names)
{
    struct key_ring ring = ring_of_two(), other = ring_of_two();
    struct arena arena = {0};
    struct secret_record record;
    struct error err = {0};
    struct text value;

    secret_seal(&ring.keys[1], TEXT("openai"), TEXT("sk-0123456789"), 7, &arena, &record);
    EXPECT_TEXT(record.name, "openai");
    EXPECT_TEXT(record.key_id, ring.keys[1].id);
    EXPECT_EQ(record.created_ms, 7);
    EXPECT(secret_open(&ring, &record, &arena, &value, NULL));
    EXPECT_TEXT(value, "sk-0123456789");
    EXPECT(!secret_open(&other, &record, &arena, &value, &err));
    EXPECT_EQ(err.code, ERROR_MASTER_KEY_UNUSABLE);
    EXPECT(strstr(err.message, ring.keys[1].id) != NULL);
    EXPECT_EQ(value.len, 0);
    arena_release(&arena);
}

TEST(no_part_of_a_record_can_be_taken_for_that_of_another)
{
    struct key_ring ring = ring_of_two();
    struct arena arena = {0};
    struct secret_record one, two, mixed;
    struct error err = {0};
    struct text value;

    secret_seal(&ring.keys[0], TEXT("openai"), TEXT("sk-0123456789"), 7, &arena, &one);
    secret_seal(&ring.keys[1], TEXT("mistral"), TEXT("ms-0123456789"), 8, &arena, &two);
    mixed = one;
    mixed.name = two.name;
    EXPECT(!secret_open(&ring, &mixed, &arena, &value, &err));
    EXPECT_EQ(err.code, ERROR_RECORD_DAMAGED);
    mixed = one;
    mixed.sealed = two.sealed;
    EXPECT(!secret_open(&ring, &mixed, &arena, &value, NULL));
    mixed = one;
    mixed.key_id = two.key_id;
    EXPECT(!secret_open(&ring, &mixed, &arena, &value, NULL));
    mixed = one;
    mixed.created_ms = two.created_ms;
    EXPECT(!secret_open(&ring, &mixed, &arena, &value, NULL));
    mixed = one;
    mixed.sealed = text_first(one.sealed, SEAL_EXTRA_BYTES);
    EXPECT(!secret_open(&ring, &mixed, &arena, &value, NULL));
    arena_release(&arena);
}

TEST(an_error_about_a_secret_says_nothing_of_its_value)
{
    struct key_ring ring = ring_of_two();
    struct arena arena = {0};
    struct secret_record record;
    struct error err = {0};
    struct text value;

    secret_seal(&ring.keys[0], TEXT("openai"), TEXT("sk-canary-0123456789"), 7, &arena, &record);
    record.created_ms++;
    EXPECT(!secret_open(&ring, &record, &arena, &value, &err));
    EXPECT(strstr(err.message, "canary") == NULL);
    EXPECT_STR(err.message, "the secret 'openai' does not open: its record was changed");
    arena_release(&arena);
}

TEST(a_name_is_a_word_of_lower_case)
{
    static const char *const good[] = {"openai", "0", "a-b_c", "team-2"};
    static const char *const wrong[] = {"", "-a", "_a", "OpenAI", "a b", "a/b", "a.b", "\xC3\xA9"};
    char long_name[SECRET_NAME_BYTES_MAX + 2];

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        EXPECT(secret_name_valid(text_of(good[i])));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        EXPECT(!secret_name_valid(text_of(wrong[i])));
    memset(long_name, 'a', sizeof long_name);
    EXPECT(secret_name_valid((struct text){long_name, SECRET_NAME_BYTES_MAX}));
    EXPECT(!secret_name_valid((struct text){long_name, SECRET_NAME_BYTES_MAX + 1}));
}

TEST(a_value_is_text_that_is_not_empty)
{
    struct error err = {0};

    EXPECT(secret_value_valid(TEXT("x"), NULL));
    EXPECT(secret_value_valid(TEXT("{\n\"type\": \"service_account\"\n}"), NULL));
    EXPECT(!secret_value_valid(TEXT(""), &err));
    EXPECT_STR(err.message, "the value is empty");
    EXPECT(!secret_value_valid(TEXT("a\0b"), &err));
    EXPECT(!secret_value_valid(TEXT("\xFF"), &err));
}

TEST(a_hint_is_the_end_of_a_long_value_and_nothing_of_a_short_one)
{
    EXPECT_TEXT(secret_hint(TEXT("sk-0123456789abcd")), "abcd");
    EXPECT_EQ(secret_hint(TEXT("hunter2")).len, 0);
    EXPECT_EQ(secret_hint(TEXT("0123456789abcd\n}")).len, 0);
}

TEST(secret_memory_is_kept_and_given_back_with_its_arena)
{
    struct arena arena = {0};
    struct text kept = secret_keep(&arena, TEXT("sk-1"));

    EXPECT_TEXT(kept, "sk-1");
    EXPECT_EQ(kept.at[kept.len], '\0');
    EXPECT_EQ(secret_keep(&arena, (struct text){0}).len, 0);
    arena_release(&arena);
    secret_free(NULL, 0);
}
