#include "dialect_cases.h"

TEST(every_case_of_the_dialect_comes_out_as_written)
{
    EXPECT(dialect_cases("dialects/ollama", &dialect_ollama) >= 70);
}

/* Usage numbers that cannot be true are not believed; a prompt that was not counted is
 * estimated, and the answer's count stays. */
TEST(absurd_usage_is_not_believed)
{
    static const struct {
        const char *usage;
        bool reported;
        int64_t prompt, completion;
    } rows[] = {
        {"\"prompt_eval_count\":5,\"eval_count\":3", true, 5, 3},
        {"\"prompt_eval_count\":5", true, 5, 0},
        {"\"eval_count\":3", false, 0, 0},
        {"\"x\":1", false, 0, 0},
        {"\"prompt_eval_count\":null,\"eval_count\":null", false, 0, 0},
        {"\"prompt_eval_count\":0,\"eval_count\":3", false, 0, 0},
        {"\"prompt_eval_count\":-5,\"eval_count\":3", false, 0, 0},
        {"\"prompt_eval_count\":5,\"eval_count\":-3", false, 0, 0},
        {"\"prompt_eval_count\":5,\"eval_count\":\"3\"", false, 0, 0},
        {"\"prompt_eval_count\":5.5,\"eval_count\":3", false, 0, 0},
        {"\"prompt_eval_count\":1e400,\"eval_count\":3", false, 0, 0},
        {"\"prompt_eval_count\":9223372036854775807,\"eval_count\":3", false, 0, 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_usage(&dialect_ollama, "{\"message\":{\"content\":\"eight by\"},\"done\":true,",
                     rows[i].usage, "}",
                     &(struct chat_usage){.reported = rows[i].reported,
                                          .prompt_tokens = rows[i].prompt,
                                          .completion_tokens = rows[i].completion});
}

static int64_t context_asked_for(size_t prompt_bytes, const char *max_tokens, struct arena *arena)
{
    char *prompt = arena_alloc(arena, prompt_bytes + 1);
    const struct chat_message message = {.role = CHAT_USER, .text = {prompt, prompt_bytes}};
    struct chat chat = {.model = TEXT("m"), .messages = &message, .message_count = 1};
    const struct provider provider = {0};
    struct wire_request wire;
    struct document body;
    uint32_t at;

    memset(prompt, 'x', prompt_bytes);
    chat.params.json[CHAT_PARAM_MAX_TOKENS] = text_of(max_tokens);
    dialect_ollama.request(&chat, &provider, (struct text){0}, arena, &wire);
    EXPECT(json_read(wire.body, NULL, arena, &body, NULL, NULL));
    at = document_at(&body, 0, TEXT("/options/num_ctx"));
    return at == CELL_NONE ? 0 : document_cell(&body, at)->integer;
}

/* A server with a context of 4,096 would cut the front of anything longer. */
TEST(a_prompt_and_its_answer_get_a_context_that_holds_them)
{
    struct arena arena = {0};

    EXPECT_EQ(context_asked_for(20, "", &arena), 0);
    EXPECT_EQ(context_asked_for(9000, "", &arena), 0);
    EXPECT_EQ(context_asked_for(12000, "", &arena), 8192);
    EXPECT_EQ(context_asked_for(20, "4000", &arena), 0);
    EXPECT_EQ(context_asked_for(20, "5000", &arena), 8192);
    EXPECT_EQ(context_asked_for(100000, "1000", &arena), 32768);
    EXPECT_EQ(context_asked_for(4000000, "", &arena), 262144);
    arena_release(&arena);
}

/* Tens of thousands of numbers are an ordinary answer. */
TEST(many_long_vectors_are_read)
{
    struct arena arena = {0};
    struct buffer body = buffer_in(&arena);
    struct embed_answer answer;
    struct failure failure = {0};

    buffer_put(&body, TEXT("{\"embeddings\":["));
    for (int i = 0; i < 32; i++) {
        buffer_put(&body, i > 0 ? TEXT(",[0.0123") : TEXT("[0.0123"));
        for (int at = 1; at < 2048; at++)
            buffer_put(&body, TEXT(",-0.0456"));
        buffer_put_byte(&body, ']');
    }
    buffer_put(&body, TEXT("]}"));
    EXPECT(dialect_ollama.embed_answer(buffer_text(&body), 32, &arena, &answer, &failure));
    EXPECT_EQ(answer.vector_count, 32);
    EXPECT_EQ(answer.dimensions, 2048);
    EXPECT(answer.vectors[31][0] > 0.0122f && answer.vectors[31][2047] < -0.0455f);
    arena_release(&arena);
}

TEST(a_refusal_never_repeats_the_providers_words)
{
    expect_no_echo(&dialect_ollama, "{\"error\":\"sk-secret-canary\"}");
    expect_no_echo(&dialect_ollama, "{\"error\":{\"message\":\"sk-secret-canary\"}}");
    expect_no_echo(&dialect_ollama, "404 sk-secret-canary not found");
}
