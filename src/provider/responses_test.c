#include "dialect_cases.h"

TEST(every_case_of_the_dialect_comes_out_as_written)
{
    EXPECT(dialect_cases("dialects/openai-responses", &dialect_responses) >= 170);
}

TEST(a_refusal_never_repeats_the_providers_words)
{
    expect_no_echo(&dialect_responses,
                   "{\"error\":{\"message\":\"sk-secret-canary\",\"type\":\"sk-secret-canary\","
                   "\"code\":\"sk-secret-canary\",\"param\":\"sk-secret-canary\"}}");
}
