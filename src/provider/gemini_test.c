#include "dialect_cases.h"
#include "provider/gemini_model.h"

TEST(every_case_of_the_dialect_comes_out_as_written)
{
    EXPECT(dialect_cases("dialects/gemini", &dialect_gemini) >= 100);
}

/* What is missing is 0, as protobuf leaves it out; numbers that cannot be true are not believed. */
TEST(absurd_usage_is_not_believed)
{
    static const struct {
        const char *usage;
        bool reported;
        int64_t prompt, completion, cached, reasoning;
    } rows[] = {
        {"{\"promptTokenCount\":5,\"candidatesTokenCount\":2,\"totalTokenCount\":7}", true, 5, 2, 0,
         0},
        {"{\"promptTokenCount\":5}", true, 5, 0, 0, 0},
        {"{\"promptTokenCount\":5,\"candidatesTokenCount\":null}", true, 5, 0, 0, 0},
        {"{\"promptTokenCount\":5,\"candidatesTokenCount\":2,\"thoughtsTokenCount\":40}", true, 5,
         42, 0, 40},
        {"{\"promptTokenCount\":5,\"toolUsePromptTokenCount\":9,\"candidatesTokenCount\":2}", true,
         14, 2, 0, 0},
        {"{\"promptTokenCount\":5,\"cachedContentTokenCount\":4,\"candidatesTokenCount\":2}", true,
         5, 2, 4, 0},
        {"{\"promptTokenCount\":5,\"cachedContentTokenCount\":6,\"candidatesTokenCount\":2}", true,
         5, 2, 0, 0},
        {"null", false, 0, 0, 0, 0},
        {"7", false, 0, 0, 0, 0},
        {"{}", false, 0, 0, 0, 0},
        {"{\"candidatesTokenCount\":2}", false, 0, 0, 0, 0},
        {"{\"promptTokenCount\":-5,\"candidatesTokenCount\":2}", false, 0, 0, 0, 0},
        {"{\"promptTokenCount\":5,\"candidatesTokenCount\":-2}", false, 0, 0, 0, 0},
        {"{\"promptTokenCount\":5,\"candidatesTokenCount\":\"2\"}", false, 0, 0, 0, 0},
        {"{\"promptTokenCount\":5.5,\"candidatesTokenCount\":2}", false, 0, 0, 0, 0},
        {"{\"promptTokenCount\":5,\"thoughtsTokenCount\":1e400}", false, 0, 0, 0, 0},
        {"{\"promptTokenCount\":9223372036854775807}", false, 0, 0, 0, 0},
        {"{\"promptTokenCount\":1000000000,\"toolUsePromptTokenCount\":1}", false, 0, 0, 0, 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_usage(&dialect_gemini,
                     "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"eight "
                     "by\"}]}}],\"usageMetadata\":",
                     rows[i].usage, "}",
                     &(struct chat_usage){.reported = rows[i].reported,
                                          .prompt_tokens = rows[i].prompt,
                                          .completion_tokens = rows[i].completion,
                                          .cached_tokens = rows[i].cached,
                                          .reasoning_tokens = rows[i].reasoning});
}

/* What a model thought and called is its own content again when it is sent back: signatures on the
 * same parts, ids only where they came from there. */
TEST(an_answer_goes_back_as_the_content_that_it_was)
{
    static const char content[] =
        "{\"role\":\"model\",\"parts\":["
        "{\"text\":\"a \\\"quoted\\\" plan\",\"thought\":true,\"thoughtSignature\":\"Cr/+==\"},"
        "{\"text\":\"Checking.\",\"thoughtSignature\":\"Cs==\"},"
        "{\"functionCall\":{\"name\":\"now\",\"args\":{\"zone\":\"CET\"}},"
        "\"thoughtSignature\":\"Ct==\"},"
        "{\"functionCall\":{\"id\":\"fc_1\",\"name\":\"_.1st\",\"args\":{}}},"
        "{\"text\":\"\",\"thoughtSignature\":\"Cu==\"}]}";

    expect_goes_back(&dialect_gemini, "gemini-3.5-flash", "{\"candidates\":[{\"content\":", content,
                     "}]}");
}

TEST(models_are_told_apart_by_family_and_version)
{
    static const struct {
        const char *name;
        enum gemini_thinking thinking;
        int budget_least;
        const char *level_least; /* "": none */
        bool xhigh, penalties;
    } rows[] = {
        {"gemini-2.0-flash", GEMINI_THINKS_AS_IT_LIKES, 0, "", false, true},
        {"gemini-1.5-pro-002", GEMINI_THINKS_AS_IT_LIKES, 0, "", false, true},
        {"gemini-2.5-pro", GEMINI_THINKS_A_BUDGET, 128, "", false, false},
        {"gemini-2.5-flash", GEMINI_THINKS_A_BUDGET, 0, "", false, false},
        {"gemini-2.5-flash-lite-preview-09-2025", GEMINI_THINKS_A_BUDGET, 0, "", false, false},
        {"gemini-3-flash-preview", GEMINI_THINKS_A_LEVEL, 0, "minimal", false, true},
        {"gemini-3.1-pro-preview", GEMINI_THINKS_A_LEVEL, 0, "low", false, true},
        {"gemini-3.6-flash", GEMINI_THINKS_A_LEVEL, 0, "minimal", false, true},
        {"gemini-3.7-flash", GEMINI_THINKS_A_LEVEL, 0, "low", false, true},
        {"gemini-3.7-flash-lite", GEMINI_THINKS_A_LEVEL, 0, "minimal", false, true},
        {"gemini-4-hydrogen", GEMINI_THINKS_A_LEVEL, 0, "low", true, true},
        {"gemini-4-argon", GEMINI_THINKS_A_LEVEL, 0, "minimal", false, true},
        {"gemini-10-pro", GEMINI_THINKS_A_LEVEL, 0, "low", false, true},
        {"gemini-flash-latest", GEMINI_THINKS_A_LEVEL, 0, "low", false, true},
        {"gemini-flash-lite-latest", GEMINI_THINKS_A_LEVEL, 0, "minimal", false, true},
        {"gemini-99999999999999999999-pro", GEMINI_THINKS_A_LEVEL, 0, "low", false, true},
        {"gemini-", GEMINI_THINKS_A_LEVEL, 0, "minimal", false, true},
        {"gemma-3-27b-it", GEMINI_THINKS_AS_IT_LIKES, 0, "", false, true},
        {"somebody-elses", GEMINI_THINKS_AS_IT_LIKES, 0, "", false, true},
        {"", GEMINI_THINKS_AS_IT_LIKES, 0, "", false, true},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct gemini_model *model = gemini_model_find(text_of(rows[i].name));
        const char *level = model->level_least != NULL ? model->level_least : "";

        if (model->thinking != rows[i].thinking || model->budget_least != rows[i].budget_least ||
            strcmp(level, rows[i].level_least) != 0 || model->xhigh != rows[i].xhigh ||
            model->penalties != rows[i].penalties)
            fail_msg("%s is taken for another model", rows[i].name);
    }
    EXPECT(!gemini_model_find(TEXT("gemma-3-27b-it"))->system);
    EXPECT(!gemini_model_find(TEXT("gemini-2.5-pro"))->json_beside_tools);
    EXPECT(gemini_model_find(TEXT("gemini-3.1-pro-preview"))->json_beside_tools);
}

TEST(google_is_another_name_of_gemini)
{
    EXPECT(kind_find(TEXT("google")) == kind_find(TEXT("gemini")));
    EXPECT_TEXT(text_of(kind_find(TEXT("google"))->name), "gemini");
}

TEST(a_refusal_never_repeats_the_providers_words)
{
    expect_no_echo(&dialect_gemini,
                   "{\"error\":{\"code\":400,\"status\":\"sk-secret-canary\","
                   "\"message\":\"sk-secret-canary\",\"details\":["
                   "{\"@type\":\"type.googleapis.com/google.rpc.ErrorInfo\","
                   "\"reason\":\"sk-secret-canary\"},"
                   "{\"@type\":\"type.googleapis.com/google.rpc.BadRequest\","
                   "\"fieldViolations\":[{\"field\":\"generation_config.sk-secret-canary\"}]},"
                   "{\"@type\":\"type.googleapis.com/google.rpc.RetryInfo\","
                   "\"retryDelay\":\"sk-secret-canary\"}]}}");
    expect_no_echo(&dialect_gemini, "[{\"error\":{\"message\":\"sk-secret-canary\"}}]");
    expect_no_echo(&dialect_gemini, "{\"error\":\"sk-secret-canary\"}");
}
