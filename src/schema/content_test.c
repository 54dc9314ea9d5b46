#include "schema/content.h"

#include "unit.h"

static bool holds(unsigned content, const char *text)
{
    struct arena arena = {0};
    bool result = content_holds(content, text_of(text), &arena);

    arena_release(&arena);
    return result;
}

TEST(base64_is_what_an_encoder_writes)
{
    static const char *const good[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "+/+/"};
    static const char *const bad[] = {"Z",    "Zg", "Zg=",  "Zh==", "Zm9=",     "Zm9v\n",
                                      "Zm-_", "=",  "====", "Z===", "Zg==Zg==", "%g=="};

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        EXPECT(holds(CONTENT_BASE64, good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        EXPECT(!holds(CONTENT_BASE64, bad[i]));
}

TEST(json_is_read_strictly_after_decoding)
{
    EXPECT(holds(CONTENT_JSON, "{\"a\": [1]}"));
    EXPECT(!holds(CONTENT_JSON, "{\"a\": [1],}"));
    EXPECT(holds(CONTENT_BASE64 | CONTENT_JSON, "eyJhIjoxfQ=="));
    EXPECT(!holds(CONTENT_BASE64 | CONTENT_JSON, "{\"a\":1}"));
    EXPECT(!holds(CONTENT_BASE64 | CONTENT_JSON, "ezp9Cg=="));
}

TEST(other_encodings_and_types_are_not_looked_at)
{
    EXPECT_EQ(content_encoding(TEXT("BASE64")), CONTENT_BASE64);
    EXPECT_EQ(content_encoding(TEXT("quoted-printable")), 0);
    EXPECT_EQ(content_media_type(TEXT("application/json; charset=utf-8")), CONTENT_JSON);
    EXPECT_EQ(content_media_type(TEXT("text/plain")), 0);
}
