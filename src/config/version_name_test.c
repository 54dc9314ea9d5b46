#include "config/version_name.h"

#include "unit.h"

TEST(a_version_is_named_by_its_number_or_by_the_beginning_of_its_hash)
{
    struct version_name name;

    EXPECT(version_name_read(TEXT("summarize"), &name));
    EXPECT_TEXT(name.slug, "summarize");
    EXPECT(!version_is_named(&name));
    EXPECT(version_name_read(TEXT("summarize@7"), &name));
    EXPECT_TEXT(name.slug, "summarize");
    EXPECT_EQ(name.number, 7);
    EXPECT(version_is_named(&name) && name.hash.len == 0);
    EXPECT(version_name_read(TEXT("a@123456789"), &name));
    EXPECT_EQ(name.number, 123456789);
    EXPECT(version_name_read(TEXT("a@123456789012"), &name)); /* as long as a hash is shown */
    EXPECT_EQ(name.number, 0);
    EXPECT_TEXT(name.hash, "123456789012");
}

TEST(what_is_neither_names_no_version)
{
    static const char *const wrong[] = {"a@",   "a@0",           "a@07",           "a@x",
                                        "a@7 ", "a@1234567890",  "a@0123456789AB", "a@1@2",
                                        "a@-1", "a@12345678901", "a@latest",       "@@"};
    struct version_name name;
    char long_hash[3 + VERSION_HASH_CHARS_MAX + 1] = "a@";

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        EXPECT(!version_name_read(text_of(wrong[i]), &name));
    memset(long_hash + 2, 'a', VERSION_HASH_CHARS_MAX + 1);
    EXPECT(!version_name_read(text_of(long_hash), &name));
    EXPECT(version_name_read(text_first(text_of(long_hash), 2 + VERSION_HASH_CHARS_MAX), &name));
}
