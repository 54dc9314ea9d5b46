#include "unit.h"

#include "provider/kind.h"

TEST(kinds_are_found_by_name)
{
    struct text names[KINDS_MAX];
    size_t count = kind_names(names);

    EXPECT(count >= 3);
    for (size_t i = 0; i < count; i++) {
        const struct provider_kind *kind = kind_find(names[i]);

        EXPECT_TEXT(names[i], kind->name);
        EXPECT(kind->dialect != NULL && kind->dialect->name != NULL);
    }
    EXPECT(kind_find(TEXT("OpenAI")) == NULL);
    EXPECT(kind_find(TEXT("openai"))->dialect == &dialect_openai);
    EXPECT(kind_find(TEXT("demo"))->dialect->local);
}

TEST(a_vendors_own_host_is_that_vendor)
{
    EXPECT_TEXT(text_of(kind_of_host(TEXT("api.groq.com"))->name), "groq");
    EXPECT_TEXT(text_of(kind_of_host(TEXT("API.OPENAI.com"))->name), "openai");
    EXPECT_TEXT(text_of(kind_of_host(TEXT("api.together.xyz"))->name), "together");
    EXPECT_TEXT(text_of(kind_of_host(TEXT("Mine.OpenAI.Azure.com"))->name), "azure");
    EXPECT(kind_of_host(TEXT("openai.azure.com")) == NULL);
    EXPECT(kind_of_host(TEXT("localhost")) == NULL);
}

TEST(a_kind_keeps_its_habits_elsewhere_but_openai_does_not)
{
    struct provider provider = {.host = TEXT_INIT("proxy.example.org"),
                                .kind = kind_find(TEXT("groq"))};

    EXPECT_TEXT(text_of(kind_at(&provider)->name), "groq");
    provider.kind = kind_find(TEXT("openai"));
    EXPECT_TEXT(text_of(kind_at(&provider)->name), "compatible");
    provider.host = TEXT("api.deepseek.com");
    EXPECT_TEXT(text_of(kind_at(&provider)->name), "deepseek");
}

TEST(models_that_take_responses_only_are_spoken_to_in_them_by_whatever_name)
{
    const struct deployment deployments[] = {{TEXT_INIT("coder"), TEXT_INIT("gpt-5.2-codex")}};
    struct provider provider = {.kind = kind_find(TEXT("openai"))};

    EXPECT(kind_dialect(&provider, TEXT("gpt-5.2-codex")) == &dialect_responses);
    EXPECT(kind_dialect(&provider, TEXT("gpt-5.1-codex-mini")) == &dialect_responses);
    EXPECT(kind_dialect(&provider, TEXT("gpt-5-pro-2025-10-06")) == &dialect_responses);
    EXPECT(kind_dialect(&provider, TEXT("o1-pro")) == &dialect_responses);
    EXPECT(kind_dialect(&provider, TEXT("gpt-5.2")) == &dialect_openai);
    EXPECT(kind_dialect(&provider, TEXT("o1")) == &dialect_openai);
    EXPECT(kind_dialect(&provider, TEXT("o3-mini")) == &dialect_openai);
    provider.kind = kind_find(TEXT("azure"));
    provider.deployments = deployments;
    provider.deployment_count = 1;
    EXPECT(kind_dialect(&provider, TEXT("coder")) == &dialect_responses);
    EXPECT(kind_dialect(&provider, TEXT("another")) == &dialect_openai);
    provider.kind = kind_find(TEXT("compatible"));
    EXPECT(kind_dialect(&provider, TEXT("gpt-5.2-codex")) == &dialect_openai);
}

TEST(a_provider_that_names_its_api_is_spoken_to_in_no_other)
{
    struct provider provider = {.kind = kind_find(TEXT("compatible")), .api = &dialect_responses};

    EXPECT(kind_dialect(&provider, TEXT("some-model")) == &dialect_responses);
    provider.api = &dialect_openai;
    provider.kind = kind_find(TEXT("openai"));
    EXPECT(kind_dialect(&provider, TEXT("gpt-5.2-codex")) == &dialect_openai);
}
