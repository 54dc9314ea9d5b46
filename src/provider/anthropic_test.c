#include "dialect_cases.h"

TEST(every_case_of_the_dialect_comes_out_as_written)
{
    EXPECT(dialect_cases("dialects/anthropic", &dialect_anthropic) >= 100);
}

/* Numbers that cannot be true are not believed; what is missing or null is none. */
TEST(absurd_usage_is_not_believed)
{
    static const struct {
        const char *usage;
        bool reported;
        int64_t prompt, completion, cached, written, reasoning;
    } rows[] = {
        {"{\"input_tokens\":5,\"output_tokens\":2}", true, 5, 2, 0, 0, 0},
        {"{\"input_tokens\":5,\"output_tokens\":0}", true, 5, 0, 0, 0, 0},
        {"{\"input_tokens\":0,\"output_tokens\":2,\"cache_read_input_tokens\":9}", true, 9, 2, 9, 0,
         0},
        {"{\"input_tokens\":5,\"output_tokens\":2,\"cache_read_input_tokens\":null,"
         "\"cache_creation_input_tokens\":3}",
         true, 8, 2, 0, 3, 0},
        {"{\"input_tokens\":5,\"output_tokens\":2,\"output_tokens_details\":"
         "{\"thinking_tokens\":2}}",
         true, 5, 2, 0, 0, 2},
        {"{\"input_tokens\":5,\"output_tokens\":2,\"output_tokens_details\":"
         "{\"thinking_tokens\":3}}",
         true, 5, 2, 0, 0, 0},
        {"{\"input_tokens\":5,\"output_tokens\":2,\"output_tokens_details\":7}", true, 5, 2, 0, 0,
         0},
        {"null", false, 0, 0, 0, 0, 0},
        {"7", false, 0, 0, 0, 0, 0},
        {"{}", false, 0, 0, 0, 0, 0},
        {"{\"input_tokens\":0,\"output_tokens\":0}", false, 0, 0, 0, 0, 0},
        {"{\"input_tokens\":5}", false, 0, 0, 0, 0, 0},
        {"{\"input_tokens\":-5,\"output_tokens\":2}", false, 0, 0, 0, 0, 0},
        {"{\"input_tokens\":5,\"output_tokens\":-2}", false, 0, 0, 0, 0, 0},
        {"{\"input_tokens\":5,\"output_tokens\":\"2\"}", false, 0, 0, 0, 0, 0},
        {"{\"input_tokens\":5.5,\"output_tokens\":2}", false, 0, 0, 0, 0, 0},
        {"{\"input_tokens\":9223372036854775807,\"output_tokens\":2}", false, 0, 0, 0, 0, 0},
        {"{\"input_tokens\":1000000000,\"output_tokens\":2,\"cache_read_input_tokens\":1}", false,
         0, 0, 0, 0, 0},
        {"{\"input_tokens\":5,\"output_tokens\":2,\"cache_read_input_tokens\":-1}", false, 0, 0, 0,
         0, 0},
        {"{\"input_tokens\":5,\"output_tokens\":2,\"cache_creation_input_tokens\":1e400}", false, 0,
         0, 0, 0, 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_usage(&dialect_anthropic,
                     "{\"content\":[{\"type\":\"text\",\"text\":\"eight by\"}],\"usage\":",
                     rows[i].usage, "}",
                     &(struct chat_usage){.reported = rows[i].reported,
                                          .prompt_tokens = rows[i].prompt,
                                          .completion_tokens = rows[i].completion,
                                          .cached_tokens = rows[i].cached,
                                          .cache_write_tokens = rows[i].written,
                                          .reasoning_tokens = rows[i].reasoning});
}

/* What a model thought and called is its own message again when it is sent back. */
TEST(an_answer_goes_back_as_the_message_that_it_was)
{
    static const char content[] =
        "[{\"type\":\"thinking\",\"thinking\":\"a \\\"quoted\\\" word\",\"signature\":\"Eq/+==\"},"
        "{\"type\":\"redacted_thinking\",\"data\":\"Em==\"},"
        "{\"type\":\"text\",\"text\":\"Checking.\"},"
        "{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"now\",\"input\":{\"zone\":\"CET\"}}]";

    expect_goes_back(&dialect_anthropic, "claude-sonnet-4-6", "{\"content\":", content,
                     ",\"stop_reason\":\"tool_use\"}");
}

TEST(a_refusal_never_repeats_the_providers_words)
{
    expect_no_echo(&dialect_anthropic,
                   "{\"type\":\"error\",\"error\":{\"type\":\"sk-secret-canary\","
                   "\"message\":\"sk-secret-canary: Field required\","
                   "\"details\":{\"error_code\":\"sk-secret-canary\"}}}");
    expect_no_echo(&dialect_anthropic, "{\"error\":\"sk-secret-canary\"}");
}
