#include "dialect_cases.h"

TEST(every_case_of_the_dialect_comes_out_as_written)
{
    EXPECT(dialect_cases("dialects/openai", &dialect_openai) >= 160);
}

/* Usage numbers that cannot be true are replaced by an estimate, never added up. */
TEST(absurd_usage_is_estimated)
{
    static const struct {
        const char *usage;
        bool reported;
        int64_t prompt, completion, cached;
    } rows[] = {
        {"{\"prompt_tokens\":5,\"completion_tokens\":2}", true, 5, 2, 0},
        {"{\"prompt_tokens\":5.0,\"completion_tokens\":2e0}", true, 5, 2, 0},
        {"null", false, 0, 2, 0},
        {"7", false, 0, 2, 0},
        {"{}", false, 0, 2, 0},
        {"{\"prompt_tokens\":-5,\"completion_tokens\":2}", false, 0, 2, 0},
        {"{\"prompt_tokens\":5,\"completion_tokens\":-2}", false, 0, 2, 0},
        {"{\"prompt_tokens\":9223372036854775807,\"completion_tokens\":2}", false, 0, 2, 0},
        {"{\"prompt_tokens\":9223372036854775808,\"completion_tokens\":2}", false, 0, 2, 0},
        {"{\"prompt_tokens\":5,\"completion_tokens\":1e400}", false, 0, 2, 0},
        {"{\"prompt_tokens\":5.5,\"completion_tokens\":2}", false, 0, 2, 0},
        {"{\"prompt_tokens\":\"5\",\"completion_tokens\":2}", false, 0, 2, 0},
        {"{\"prompt_tokens\":0,\"completion_tokens\":0}", false, 0, 2, 0},
        {"{\"prompt_tokens\":5,\"completion_tokens\":0}", false, 0, 2, 0},
        {"{\"prompt_tokens\":5,\"completion_tokens\":2,"
         "\"prompt_tokens_details\":{\"cached_tokens\":6}}",
         true, 5, 2, 0},
        {"{\"prompt_tokens\":5,\"completion_tokens\":2,"
         "\"prompt_tokens_details\":{\"cached_tokens\":-1}}",
         true, 5, 2, 0},
        {"{\"prompt_tokens\":5,\"completion_tokens\":2,"
         "\"prompt_tokens_details\":{\"cached_tokens\":4,\"cache_write_tokens\":2}}",
         true, 5, 2, 4},
        {"{\"prompt_tokens\":5,\"completion_tokens\":2,\"prompt_cache_hit_tokens\":3}", true, 5, 2,
         3},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct arena arena = {0};
        struct text body = arena_printf(
            &arena, "{\"choices\":[{\"message\":{\"content\":\"eight by\"}}],\"usage\":%s}",
            rows[i].usage);
        struct chat_answer answer;
        struct failure failure = {0};

        EXPECT(dialect_openai.answer(body, &arena, &answer, &failure));
        EXPECT_EQ(answer.usage.reported, rows[i].reported);
        EXPECT_EQ(answer.usage.prompt_tokens, rows[i].prompt);
        EXPECT_EQ(answer.usage.completion_tokens, rows[i].completion);
        EXPECT_EQ(answer.usage.cached_tokens, rows[i].cached);
        EXPECT_EQ(answer.usage.cache_write_tokens, 0);
        arena_release(&arena);
    }
}

TEST(a_refusal_never_repeats_the_providers_words)
{
    expect_no_echo(&dialect_openai,
                   "{\"error\":{\"message\":\"sk-secret-canary\",\"type\":\"sk-secret-canary\","
                   "\"code\":\"sk-secret-canary\",\"param\":\"sk-secret-canary\"}}");
}
