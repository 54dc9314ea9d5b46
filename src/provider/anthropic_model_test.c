#include "unit.h"

#include "provider/anthropic_model.h"

TEST(a_model_is_found_whether_dated_dotted_or_latest)
{
    static const struct {
        const char *written, *found;
    } rows[] = {
        {"claude-opus-4-1", "opus-4-1"},
        {"claude-opus-4-1-20250805", "opus-4-1"},
        {"claude-opus-4.1", "opus-4-1"},
        {"claude-opus-4-20250514", "opus-4"},
        {"claude-opus-4-0", "opus-4-0"},
        {"claude-3-5-haiku-latest", "3-5-haiku"},
        {"claude-haiku-4-5-20251001", "haiku-4-5"},
        {"claude-fable-5", "fable-5"},
        {"claude-fable-5-1", ""},
        {"claude-opus-4-10", ""},
        {"claude-opus-4-1-2025", ""},
        {"claude-opus-4-1-2025080x", ""},
        {"claude-opus", ""},
        {"claude-", ""},
        {"opus-4-1", ""},
        {"", ""},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        EXPECT_TEXT(text_of(anthropic_model_find(text_of(rows[i].written))->name), rows[i].found);
}

TEST(a_claude_nobody_knows_is_sent_what_every_new_one_takes)
{
    const struct anthropic_model *model = anthropic_model_find(TEXT("claude-saga-7"));

    EXPECT_EQ(model->sampling, SAMPLING_NONE);
    EXPECT(!model->forced && !model->prefill && model->format);
}

TEST(a_model_of_somebody_else_is_sent_no_structured_output)
{
    const struct anthropic_model *model = anthropic_model_find(TEXT("deepseek-chat"));

    EXPECT_EQ(model->sampling, SAMPLING_ANY);
    EXPECT(model->forced && !model->format);
}
