#include "secret/master_key.h"

#include "unit.h"

static const struct text hex =
    TEXT_INIT("000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F");
static const struct text base64 = TEXT_INIT("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");

static struct text seal(struct arena *arena, const struct master_key *key, const char *associated,
                        const char *plain)
{
    struct buffer out = buffer_in(arena);

    master_key_seal(key, text_of(associated), text_of(plain), &out);
    return buffer_text(&out);
}

TEST(a_key_is_read_as_hex_and_as_base64_and_is_the_same_key)
{
    struct master_key one, two;
    char written[MASTER_KEY_CHARS];

    EXPECT(master_key_parse(hex, &one));
    EXPECT(master_key_parse(base64, &two));
    EXPECT(memcmp(&one, &two, sizeof one) == 0);
    EXPECT(master_key_parse(text_first(base64, 43), &two));
    EXPECT(memcmp(&one, &two, sizeof one) == 0);
    master_key_write(&one, written);
    EXPECT(text_equal((struct text){written, sizeof written}, base64));
    EXPECT(memcmp(one.bytes, one.sealing, sizeof one.bytes) != 0);
}

TEST(a_key_id_follows_from_the_key_and_tells_keys_apart)
{
    struct master_key one, two;

    EXPECT(master_key_parse(hex, &one));
    master_key_new(&two);
    EXPECT_EQ(strlen(one.id), MASTER_KEY_ID_CHARS);
    /* HKDF-SHA-256 of the bytes above, no salt, info "pinion secrets, key id" */
    EXPECT_STR(one.id, "mk_2a5813dfe793b486");
    EXPECT(strcmp(one.id, two.id) != 0);
}

TEST(what_is_no_key_is_refused)
{
    static const char *const wrong[] = {
        "",
        "secret",
        "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1",
        "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1Fg",
        "g00102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=", /* spare bits that are not zero */
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8==",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdH!8=",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    };
    const struct master_key empty = {0};

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct master_key key;

        EXPECT(!master_key_parse(text_of(wrong[i]), &key));
        EXPECT(memcmp(&key, &empty, sizeof key) == 0);
    }
}

TEST(what_was_sealed_opens_and_never_looks_the_same_twice)
{
    struct master_key key;
    struct arena arena = {0};
    struct text one, two;
    char plain[5];

    EXPECT(master_key_parse(hex, &key));
    one = seal(&arena, &key, "name", "sk-12");
    two = seal(&arena, &key, "name", "sk-12");
    EXPECT_EQ(one.len, 5 + SEAL_EXTRA_BYTES);
    EXPECT(!text_equal(text_first(one, SEAL_NONCE_BYTES), text_first(two, SEAL_NONCE_BYTES)));
    EXPECT(!text_equal(text_after(one, SEAL_NONCE_BYTES), text_after(two, SEAL_NONCE_BYTES)));
    EXPECT(master_key_open(&key, TEXT("name"), one, plain));
    EXPECT(memcmp(plain, "sk-12", 5) == 0);
    arena_release(&arena);
}

TEST(another_key_and_other_associated_bytes_open_nothing)
{
    struct master_key key, other;
    struct arena arena = {0};
    char plain[5] = "";
    struct text sealed;

    EXPECT(master_key_parse(hex, &key));
    master_key_new(&other);
    sealed = seal(&arena, &key, "name", "sk-12");
    EXPECT(!master_key_open(&other, TEXT("name"), sealed, plain));
    EXPECT(!master_key_open(&key, TEXT("names"), sealed, plain));
    EXPECT(!master_key_open(&key, TEXT(""), sealed, plain));
    EXPECT(memcmp(plain, "\0\0\0\0\0", 5) == 0); /* and what was deciphered before is wiped */
    arena_release(&arena);
}

TEST(no_changed_bit_and_no_cut_opens)
{
    struct master_key key;
    struct arena arena = {0};
    char plain[64], *bytes;
    struct text sealed;

    EXPECT(master_key_parse(hex, &key));
    sealed = seal(&arena, &key, "name", "sk-12");
    bytes = (char *)(uintptr_t)sealed.at;
    for (size_t bit = 0; bit < sealed.len * 8; bit++) {
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
        EXPECT(!master_key_open(&key, TEXT("name"), sealed, plain));
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
    }
    for (size_t len = 0; len < sealed.len; len++) {
        EXPECT(!master_key_open(&key, TEXT("name"), text_first(sealed, len), plain));
        EXPECT(!master_key_open(&key, TEXT("name"), text_after(sealed, sealed.len - len), plain));
    }
    EXPECT(master_key_open(&key, TEXT("name"), sealed, plain));
    arena_release(&arena);
}
