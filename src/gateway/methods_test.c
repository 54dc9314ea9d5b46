#include "gateway/methods.h"
#include "unit.h"

TEST(head_is_taken_wherever_get_is)
{
    EXPECT(methods_take(TEXT("GET, DELETE"), TEXT("GET")));
    EXPECT(methods_take(TEXT("GET, DELETE"), TEXT("DELETE")));
    EXPECT(methods_take(TEXT("GET, DELETE"), TEXT("HEAD")));
    EXPECT(methods_take(TEXT("GET, HEAD"), TEXT("HEAD")));
    EXPECT(!methods_take(TEXT("POST"), TEXT("HEAD")));
}

TEST(a_method_is_a_whole_word_in_capitals)
{
    EXPECT(!methods_take(TEXT("POST"), TEXT("POS")));
    EXPECT(!methods_take(TEXT("POST"), TEXT("POST, GET")));
    EXPECT(!methods_take(TEXT("POST"), TEXT("post")));
    EXPECT(!methods_take(TEXT("POST"), TEXT("")));
    EXPECT(!methods_take(TEXT("POST"), TEXT("OPTIONS")));
}

TEST(allow_names_each_method_once)
{
    struct arena arena = {0};

    EXPECT_TEXT(methods_allow(&arena, TEXT("POST")), "POST, OPTIONS");
    EXPECT_TEXT(methods_allow(&arena, TEXT("GET, HEAD")), "GET, HEAD, OPTIONS");
    EXPECT_TEXT(methods_allow(&arena, TEXT("GET, DELETE")), "GET, DELETE, HEAD, OPTIONS");
    arena_release(&arena);
}
