#include "dialect_cases.h"

TEST(every_case_of_the_dialect_comes_out_as_written)
{
    EXPECT(dialect_cases("dialects/cohere", &dialect_cohere) >= 90);
}

/* Numbers that cannot be true are not believed; what is charged for may be less than
 * what is counted, and stands for it where that is missing. */
TEST(absurd_usage_is_not_believed)
{
    static const struct {
        const char *usage;
        bool reported;
        int64_t prompt, completion, cached, free_prompt, free_completion;
    } rows[] = {
        {"{\"tokens\":{\"input_tokens\":82,\"output_tokens\":10}}", true, 82, 10, 0, 0, 0},
        {"{\"tokens\":{\"input_tokens\":82.0,\"output_tokens\":10.0},"
         "\"billed_units\":{\"input_tokens\":14.0,\"output_tokens\":8.0},\"cached_tokens\":4.0}",
         true, 82, 10, 4, 68, 2},
        {"{\"billed_units\":{\"input_tokens\":14,\"output_tokens\":8}}", true, 14, 8, 0, 0, 0},
        {"{\"tokens\":{\"input_tokens\":14,\"output_tokens\":8},"
         "\"billed_units\":{\"input_tokens\":82,\"output_tokens\":10}}",
         true, 14, 8, 0, 0, 0},
        {"{\"tokens\":{\"input_tokens\":14,\"output_tokens\":8},"
         "\"billed_units\":{\"input_tokens\":-1,\"output_tokens\":0}}",
         true, 14, 8, 0, 0, 0},
        {"{\"tokens\":{\"input_tokens\":14,\"output_tokens\":8},\"cached_tokens\":15}", true, 14, 8,
         0, 0, 0},
        {"null", false, 0, 0, 0, 0, 0},
        {"7", false, 0, 0, 0, 0, 0},
        {"{}", false, 0, 0, 0, 0, 0},
        {"{\"tokens\":[],\"billed_units\":\"x\"}", false, 0, 0, 0, 0, 0},
        {"{\"tokens\":{\"input_tokens\":0,\"output_tokens\":0}}", false, 0, 0, 0, 0, 0},
        {"{\"tokens\":{\"input_tokens\":-5,\"output_tokens\":2}}", false, 0, 0, 0, 0, 0},
        {"{\"tokens\":{\"input_tokens\":5,\"output_tokens\":\"2\"}}", false, 0, 0, 0, 0, 0},
        {"{\"tokens\":{\"input_tokens\":5.5,\"output_tokens\":2}}", false, 0, 0, 0, 0, 0},
        {"{\"tokens\":{\"input_tokens\":1e400,\"output_tokens\":2}}", false, 0, 0, 0, 0, 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_usage(
            &dialect_cohere,
            "{\"message\":{\"content\":[{\"type\":\"text\",\"text\":\"eight by\"}]},\"usage\":",
            rows[i].usage, "}",
            &(struct chat_usage){.reported = rows[i].reported,
                                 .prompt_tokens = rows[i].prompt,
                                 .completion_tokens = rows[i].completion,
                                 .cached_tokens = rows[i].cached,
                                 .free_prompt_tokens = rows[i].free_prompt,
                                 .free_completion_tokens = rows[i].free_completion});
}

/* What a model thought, planned and called is its own message again when it is sent back. */
TEST(an_answer_goes_back_as_the_message_that_it_was)
{
    static const char message[] =
        "{\"role\":\"assistant\","
        "\"content\":[{\"type\":\"thinking\",\"thinking\":\"a \\\"quoted\\\" word\"}],"
        "\"tool_plan\":\"I look at the board.\","
        "\"tool_calls\":[{\"id\":\"now_1\",\"type\":\"function\",\"function\":"
        "{\"name\":\"now\",\"arguments\":\"{\\\"zone\\\": \\\"CET\\\"}\"}}]}";

    expect_goes_back(&dialect_cohere, "command-a-reasoning-08-2025", "{\"message\":", message,
                     ",\"finish_reason\":\"TOOL_CALL\"}");
}

TEST(a_refusal_never_repeats_the_providers_words)
{
    expect_no_echo(&dialect_cohere, "{\"message\":\"sk-secret-canary\"}");
    expect_no_echo(&dialect_cohere, "{\"message\":\"invalid request: sk-secret-canary\"}");
    expect_no_echo(&dialect_cohere, "{\"message\":{\"sk-secret-canary\":1}}");
}
