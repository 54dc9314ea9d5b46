#include "demo/demo_vectors.h"

#include "provider/dialect.h"

#include "unit.h"

#include <math.h>

static float likeness(const struct embed_answer *answer, size_t a, size_t b)
{
    float sum = 0;

    for (size_t i = 0; i < answer->dimensions; i++)
        sum += answer->vectors[a][i] * answer->vectors[b][i];
    return sum;
}

TEST(texts_with_words_in_common_are_near_one_another)
{
    const struct chat_message texts[] = {{.text = TEXT_INIT("The harbour ferry leaves at noon.")},
                                         {.text = TEXT_INIT("when does the FERRY leave?")},
                                         {.text = TEXT_INIT("Payments are due in May")},
                                         {.text = TEXT_INIT("...")}};
    const struct chat chat = {.messages = texts, .message_count = 4, .embeds = true};
    struct arena arena = {0};
    struct embed_answer answer;
    struct failure failure;

    EXPECT(dialect_demo.embed_answer(demo_vectors(&chat, &arena), 4, &arena, &answer, &failure));
    EXPECT_EQ(answer.dimensions, 256);
    EXPECT(answer.usage.prompt_tokens > 4);
    for (size_t i = 0; i < 4; i++)
        EXPECT(fabsf(likeness(&answer, i, i) - 1) < 1e-5F);
    EXPECT(likeness(&answer, 0, 1) > likeness(&answer, 0, 2) + 0.1F);
    arena_release(&arena);
}

TEST(as_many_numbers_as_are_asked_for_within_reason)
{
    static const struct {
        int64_t asked;
        size_t made;
    } rows[] = {{1, 1}, {33, 33}, {65536, 4096}};
    const struct chat_message text = {.text = TEXT_INIT("ferry")};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct chat chat = {
            .messages = &text, .message_count = 1, .embeds = true, .dimensions = rows[i].asked};
        struct arena arena = {0};
        struct embed_answer answer;
        struct failure failure;

        EXPECT(
            dialect_demo.embed_answer(demo_vectors(&chat, &arena), 1, &arena, &answer, &failure));
        EXPECT_EQ(answer.dimensions, rows[i].made);
        arena_release(&arena);
    }
}
