#include "dialect_cases.h"

TEST(every_case_of_the_dialect_comes_out_as_written)
{
    EXPECT(dialect_cases("dialects/mistral", &dialect_mistral) >= 40);
}

TEST(a_refusal_never_repeats_the_providers_words)
{
    expect_no_echo(&dialect_mistral,
                   "{\"object\":\"error\",\"message\":{\"detail\":[{\"type\":\"sk-secret-canary\","
                   "\"loc\":[\"body\",\"sk-secret-canary\"],\"msg\":\"sk-secret-canary\"}]},"
                   "\"type\":\"sk-secret-canary\",\"code\":\"sk-secret-canary\"}");
    expect_no_echo(&dialect_mistral, "{\"detail\":\"sk-secret-canary\"}");
}
