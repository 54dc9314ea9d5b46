#include "gateway/path_form.h"
#include "unit.h"

TEST(slashes_that_say_nothing_go)
{
    struct arena arena = {0};

    EXPECT_TEXT(path_plain(&arena, TEXT("/v1//chat/completions/")), "/v1/chat/completions");
    EXPECT_TEXT(path_plain(&arena, TEXT("//summarize")), "/summarize");
    EXPECT_TEXT(path_plain(&arena, TEXT("/summarize")), "/summarize");
    EXPECT_TEXT(path_plain(&arena, TEXT("//")), "/");
    EXPECT_TEXT(path_plain(&arena, TEXT("/")), "/");
    arena_release(&arena);
}

TEST(what_is_encoded_without_need_is_undone_once)
{
    struct arena arena = {0};

    EXPECT_TEXT(path_plain(&arena, TEXT("/%73um%407")), "/sum@7");
    EXPECT_TEXT(path_plain(&arena, TEXT("/%2573um")), "/%73um");
    EXPECT_TEXT(path_plain(&arena, TEXT("/v1%2Fmodels%2f")), "/v1/models");
    EXPECT_TEXT(path_plain(&arena, TEXT("/100%")), "/100%");
    EXPECT_TEXT(path_plain(&arena, TEXT("/%4")), "/%4");
    EXPECT_TEXT(path_plain(&arena, TEXT("/%zz")), "/%zz");
    arena_release(&arena);
}

TEST(what_is_no_text_stays_encoded)
{
    struct arena arena = {0};

    EXPECT_TEXT(path_plain(&arena, TEXT("/a%0Ab/")), "/a%0Ab/");
    EXPECT_TEXT(path_plain(&arena, TEXT("/%C3%A9")), "/%C3%A9");
    EXPECT_TEXT(path_plain(&arena, TEXT("/a%20b")), "/a%20b");
    arena_release(&arena);
}

TEST(capitals_become_small_letters)
{
    struct arena arena = {0};

    EXPECT_TEXT(path_lower(&arena, TEXT("/V1/Chat-7@X")), "/v1/chat-7@x");
    arena_release(&arena);
}
