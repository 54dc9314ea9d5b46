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
