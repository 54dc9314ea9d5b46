#include "dialect_cases.h"
#include "provider/openai.h"

TEST(every_case_of_the_dialect_comes_out_as_written)
{
    EXPECT(dialect_cases("dialects/openai", &dialect_openai) >= 160);
}

/* Usage numbers that cannot be true are not believed, never added up. */
TEST(absurd_usage_is_not_believed)
{
    static const struct {
        const char *usage;
        bool reported;
        int64_t prompt, completion, cached;
    } rows[] = {
        {"{\"prompt_tokens\":5,\"completion_tokens\":2}", true, 5, 2, 0},
        {"{\"prompt_tokens\":5.0,\"completion_tokens\":2e0}", true, 5, 2, 0},
        {"null", false, 0, 0, 0},
        {"7", false, 0, 0, 0},
        {"{}", false, 0, 0, 0},
        {"{\"prompt_tokens\":-5,\"completion_tokens\":2}", false, 0, 0, 0},
        {"{\"prompt_tokens\":5,\"completion_tokens\":-2}", false, 0, 0, 0},
        {"{\"prompt_tokens\":9223372036854775807,\"completion_tokens\":2}", false, 0, 0, 0},
        {"{\"prompt_tokens\":9223372036854775808,\"completion_tokens\":2}", false, 0, 0, 0},
        {"{\"prompt_tokens\":5,\"completion_tokens\":1e400}", false, 0, 0, 0},
        {"{\"prompt_tokens\":5.5,\"completion_tokens\":2}", false, 0, 0, 0},
        {"{\"prompt_tokens\":\"5\",\"completion_tokens\":2}", false, 0, 0, 0},
        {"{\"prompt_tokens\":0,\"completion_tokens\":0}", false, 0, 0, 0},
        {"{\"prompt_tokens\":5,\"completion_tokens\":0}", false, 0, 0, 0},
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

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_usage(&dialect_openai,
                     "{\"choices\":[{\"message\":{\"content\":\"eight by\"}}],\"usage\":",
                     rows[i].usage, "}",
                     &(struct chat_usage){.reported = rows[i].reported,
                                          .prompt_tokens = rows[i].prompt,
                                          .completion_tokens = rows[i].completion,
                                          .cached_tokens = rows[i].cached});
}

TEST(a_refusal_never_repeats_the_providers_words)
{
    expect_no_echo(&dialect_openai,
                   "{\"error\":{\"message\":\"sk-secret-canary\",\"type\":\"sk-secret-canary\","
                   "\"code\":\"sk-secret-canary\",\"param\":\"sk-secret-canary\"}}");
}

/* What resembles the end of a thought does not part it: of two bytes each, a reply would become
 * many times its size. */
TEST(a_text_full_of_what_resembles_a_tag_is_few_steps)
{
    struct arena arena = {0};
    struct buffer data = buffer_in(&arena);
    struct openai_stream stream = {0};
    struct chat_events steps = {0};
    struct failure failure = {0};
    struct wire_event event = {0};

    buffer_put(&data, TEXT("{\"choices\":[{\"delta\":{\"content\":\"<think>"));
    for (int i = 0; i < 10000; i++)
        buffer_put(&data, TEXT("</a</think<"));
    buffer_put(&data, TEXT("\"}}]}"));
    event.data = buffer_text(&data);
    EXPECT(dialect_openai.event(&stream, &event, &arena, &arena, &steps, &failure));
    EXPECT(steps.count <= 2);
    steps.count = 0;
    event.data = TEXT("{\"choices\":[{\"delta\":{\"content\":\"a</think>b\"}}]}");
    EXPECT(dialect_openai.event(&stream, &event, &arena, &arena, &steps, &failure));
    EXPECT_EQ(steps.count, 3);
    EXPECT_TEXT(steps.items[0].text, "<");
    EXPECT_TEXT(steps.items[1].text, "a");
    EXPECT_TEXT(steps.items[2].text, "b");
    arena_release(&arena);
}
