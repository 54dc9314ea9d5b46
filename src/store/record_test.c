#include "store/record.h"

#include "unit.h"

static const struct text session_key = TEXT_INIT("ses_00000000000000000000000001");

static struct token_record sample_token(const struct text *scopes, size_t count)
{
    struct token_record token = {
        .id = TEXT("tok_00000000000000000000000001"),
        .name = TEXT("the batch job"),
        .hint = TEXT("x7Qz"),
        .scopes = scopes,
        .scope_count = count,
        .created_ms = 1700000000000,
        .expires_ms = 1800000000000,
        .revoked_ms = -1,
        .test = true,
    };

    memset(token.digest, 0xA5, sizeof token.digest);
    return token;
}

TEST(a_token_comes_back_as_it_was_put)
{
    const struct text scopes[] = {TEXT("summarize"), TEXT("support-*")};
    struct token_record token = sample_token(scopes, 2), back;
    struct arena arena = {0};
    struct buffer value = buffer_in(&arena);

    record_put_token(&value, token.id, &token);
    EXPECT(record_get_token(token.id, buffer_text(&value), &arena, &back, NULL));
    EXPECT(text_equal(back.id, token.id));
    EXPECT_TEXT(back.name, "the batch job");
    EXPECT_TEXT(back.hint, "x7Qz");
    EXPECT_EQ(back.scope_count, 2);
    EXPECT_TEXT(back.scopes[1], "support-*");
    EXPECT_EQ(back.created_ms, 1700000000000);
    EXPECT_EQ(back.expires_ms, 1800000000000);
    EXPECT_EQ(back.revoked_ms, -1);
    EXPECT(back.test);
    EXPECT(memcmp(back.digest, token.digest, sizeof token.digest) == 0);
    arena_release(&arena);
}

TEST(a_session_and_its_messages_come_back_as_they_were_put)
{
    struct record_session session = {TEXT("chat"), TEXT("tok_9"), 5, 7, 3, 11, 17, 4711}, back;
    struct chat_message message = {.role = CHAT_ASSISTANT, .text = TEXT("caf\xC3\xA9")},
                        message_back;
    unsigned char key[RECORD_NUMBERED_KEY_BYTES];
    struct arena arena = {0};
    struct buffer value = buffer_in(&arena);

    record_put_session(&value, session_key, &session);
    EXPECT(record_get_session(session_key, buffer_text(&value), &back, NULL));
    EXPECT_TEXT(back.endpoint, "chat");
    EXPECT_TEXT(back.token_id, "tok_9");
    EXPECT_EQ(back.created_ms, 5);
    EXPECT_EQ(back.expires_ms, 7);
    EXPECT_EQ(back.revision, 3);
    EXPECT_EQ(back.first, 11);
    EXPECT_EQ(back.next, 17);
    EXPECT_EQ(back.bytes, 4711);
    value.len = 0;
    record_message_key(session_key, 11, key);
    record_put_message(&value, (struct text){(char *)key, sizeof key}, &message);
    EXPECT(record_get_message((struct text){(char *)key, sizeof key}, buffer_text(&value),
                              &message_back, NULL));
    EXPECT_EQ(message_back.role, CHAT_ASSISTANT);
    EXPECT_TEXT(message_back.text, "caf\xC3\xA9");
    arena_release(&arena);
}

TEST(a_secret_comes_back_as_it_was_put_and_no_flipped_bit_or_cut_goes_unnoticed)
{
    struct secret_record secret = {TEXT("openai"), TEXT("mk_1"), TEXT("\x01\x00\xFF"), 17}, back;
    struct arena arena = {0};
    struct buffer value = buffer_in(&arena);

    record_put_secret(&value, secret.name, &secret);
    EXPECT(record_get_secret(secret.name, buffer_text(&value), &back, NULL));
    EXPECT_TEXT(back.name, "openai");
    EXPECT_TEXT(back.key_id, "mk_1");
    EXPECT(text_equal(back.sealed, secret.sealed));
    EXPECT_EQ(back.created_ms, 17);
    EXPECT(!record_get_secret(TEXT("mistral"), buffer_text(&value), &back, NULL));
    for (size_t bit = 0; bit < value.len * 8; bit++) {
        value.at[bit / 8] = (char)(value.at[bit / 8] ^ (1 << bit % 8));
        EXPECT(!record_get_secret(secret.name, buffer_text(&value), &back, NULL));
        value.at[bit / 8] = (char)(value.at[bit / 8] ^ (1 << bit % 8));
    }
    for (size_t len = RECORD_HEAD_BYTES; len < value.len; len++) {
        struct text cut = arena_copy(&arena, text_first(buffer_text(&value), len));

        record_seal(secret.name, (char *)(uintptr_t)cut.at, cut.len);
        EXPECT(!record_get_secret(secret.name, cut, &back, NULL));
    }
    arena_release(&arena);
}

TEST(every_flipped_bit_is_noticed)
{
    const struct text scopes[] = {TEXT("*")};
    struct token_record token = sample_token(scopes, 1), back;
    struct arena arena = {0};
    struct buffer value = buffer_in(&arena);

    record_put_token(&value, token.id, &token);
    for (size_t bit = 0; bit < value.len * 8; bit++) {
        struct error err = {0};

        value.at[bit / 8] = (char)(value.at[bit / 8] ^ (1 << bit % 8));
        EXPECT(!record_get_token(token.id, buffer_text(&value), &arena, &back, &err));
        EXPECT_EQ(err.code, ERROR_RECORD_DAMAGED);
        value.at[bit / 8] = (char)(value.at[bit / 8] ^ (1 << bit % 8));
    }
    EXPECT(record_get_token(token.id, buffer_text(&value), &arena, &back, NULL));
    arena_release(&arena);
}

TEST(a_value_cut_or_extended_is_noticed_even_with_a_right_checksum)
{
    struct record_session session = {TEXT("chat"), TEXT("tok_9"), 5, 7, 3, 11, 17, 4711}, back;
    struct arena arena = {0};
    struct buffer value = buffer_in(&arena);

    record_put_session(&value, session_key, &session);
    for (size_t len = RECORD_HEAD_BYTES; len < value.len; len++) {
        struct text cut = arena_copy(&arena, text_first(buffer_text(&value), len));

        record_seal(session_key, (char *)(uintptr_t)cut.at, cut.len);
        EXPECT(!record_get_session(session_key, cut, &back, NULL));
    }
    buffer_put_byte(&value, 0);
    record_seal(session_key, value.at, value.len);
    EXPECT(!record_get_session(session_key, buffer_text(&value), &back, NULL));
    EXPECT(!record_get_session(session_key, TEXT("\x01S\x00"), &back, NULL));
    EXPECT(!record_get_session(session_key, (struct text){0}, &back, NULL));
    arena_release(&arena);
}

TEST(a_value_under_another_key_or_of_another_kind_is_noticed)
{
    struct record_session session = {TEXT("chat"), TEXT("tok_9"), 5, 7, 3, 11, 17, 4711}, back;
    struct chat_message message;
    struct arena arena = {0};
    struct buffer value = buffer_in(&arena);
    struct error err = {0};

    record_put_session(&value, session_key, &session);
    EXPECT(!record_get_session(TEXT("ses_00000000000000000000000002"), buffer_text(&value), &back,
                               &err));
    EXPECT(!record_get_message(session_key, buffer_text(&value), &message, &err));
    EXPECT_STR(err.message, "a stored record is damaged: it is of another kind");
    arena_release(&arena);
}

TEST(counts_that_make_no_sense_are_refused_before_memory_is_taken)
{
    struct record_session session = {.first = 5, .next = 4}, back;
    struct token_record token = sample_token(NULL, 0), token_back;
    struct arena arena = {0}, scratch = {0};
    struct buffer value = buffer_in(&arena);

    record_put_session(&value, session_key, &session);
    EXPECT(!record_get_session(session_key, buffer_text(&value), &back, NULL));
    value.len = 0;
    session = (struct record_session){.first = 1, .next = 2ULL + RECORD_SESSION_MESSAGES_MAX};
    record_put_session(&value, session_key, &session);
    EXPECT(!record_get_session(session_key, buffer_text(&value), &back, NULL));
    value.len = 0;
    record_put_token(&value, token.id, &token);
    memset(value.at + value.len - 4, 0xFF, 4);
    record_seal(token.id, value.at, value.len);
    EXPECT(!record_get_token(token.id, buffer_text(&value), &scratch, &token_back, NULL));
    EXPECT_EQ(scratch.total_bytes, 0);
    arena_release(&arena);
}

TEST(keys_sort_as_numbers_and_times_do)
{
    unsigned char low[RECORD_NUMBERED_KEY_BYTES], high[RECORD_NUMBERED_KEY_BYTES];
    struct text id;
    int64_t expires_ms;

    record_message_key(session_key, 255, low);
    record_message_key(session_key, 256, high);
    EXPECT(memcmp(low, high, sizeof low) < 0);
    record_expiry_key(0xFFFF, session_key, low);
    record_expiry_key(0x10000, TEXT("ses_00000000000000000000000000"), high);
    EXPECT(memcmp(low, high, sizeof low) < 0);
    EXPECT(record_expiry_split((struct text){(char *)low, sizeof low}, &expires_ms, &id));
    EXPECT_EQ(expires_ms, 0xFFFF);
    EXPECT(text_equal(id, session_key));
    EXPECT(!record_expiry_split((struct text){(char *)low, sizeof low - 1}, &expires_ms, &id));
    low[0] = 0x80;
    EXPECT(!record_expiry_split((struct text){(char *)low, sizeof low}, &expires_ms, &id));
}

TEST(damage_is_told_with_its_place)
{
    unsigned char key[RECORD_NUMBERED_KEY_BYTES];
    struct error err = {0};

    record_message_key(session_key, 12, key);
    EXPECT(!record_missing(RECORD_MESSAGE, (struct text){(char *)key, sizeof key}, &err));
    EXPECT_STR(err.at, "message of session ses_00000000000000000000000001, 12");
    record_expiry_key(12, session_key, key);
    EXPECT(!record_missing(RECORD_EXPIRY, (struct text){(char *)key, sizeof key}, &err));
    EXPECT_STR(err.at, "expiry of session ses_00000000000000000000000001");
    EXPECT(!record_missing(RECORD_TOKEN, TEXT("tok_\x01\x02"), &err));
    EXPECT_STR(err.at, "token tok_");
}
