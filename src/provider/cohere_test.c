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

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct arena arena = {0};
        struct text body = arena_printf(
            &arena,
            "{\"message\":{\"content\":[{\"type\":\"text\",\"text\":\"eight by\"}]},\"usage\":%s}",
            rows[i].usage);
        struct chat_answer answer;
        struct failure failure = {0};

        EXPECT(dialect_cohere.answer(body, &arena, &answer, &failure));
        EXPECT_EQ(answer.usage.reported, rows[i].reported);
        EXPECT_EQ(answer.usage.prompt_tokens, rows[i].prompt);
        EXPECT_EQ(answer.usage.completion_tokens, rows[i].completion);
        EXPECT_EQ(answer.usage.cached_tokens, rows[i].cached);
        EXPECT_EQ(answer.usage.free_prompt_tokens, rows[i].free_prompt);
        EXPECT_EQ(answer.usage.free_completion_tokens, rows[i].free_completion);
        arena_release(&arena);
    }
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
    struct arena arena = {0};
    struct chat_answer answer;
    struct failure failure = {0};
    struct wire_request wire;
    struct chat_message messages[2] = {{.role = CHAT_USER, .text = TEXT("Hi")}};
    const struct chat chat = {
        .model = TEXT("command-a-reasoning-08-2025"), .messages = messages, .message_count = 2};
    const struct provider provider = {.path = TEXT("/v2")};

    EXPECT(dialect_cohere.answer(
        arena_printf(&arena, "{\"message\":%s,\"finish_reason\":\"TOOL_CALL\"}", message), &arena,
        &answer, &failure));
    messages[1] =
        (struct chat_message){CHAT_ASSISTANT, answer.content, answer.parts, answer.part_count};
    dialect_cohere.request(&chat, &provider, (struct text){0}, &arena, &wire);
    if (text_find(wire.body, text_of(message)) == wire.body.len)
        fail_msg("%.*s", TEXT_ARG(wire.body));
    arena_release(&arena);
}

TEST(a_refusal_never_repeats_the_providers_words)
{
    expect_no_echo(&dialect_cohere, "{\"message\":\"sk-secret-canary\"}");
    expect_no_echo(&dialect_cohere, "{\"message\":\"invalid request: sk-secret-canary\"}");
    expect_no_echo(&dialect_cohere, "{\"message\":{\"sk-secret-canary\":1}}");
}
