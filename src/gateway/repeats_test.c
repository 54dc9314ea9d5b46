#include "unit.h"

#include "gateway/repeats.h"

static const struct text token = TEXT_INIT("tok_1"), slug = TEXT_INIT("sum"),
                         body = TEXT_INIT("{\"a\":1}");

TEST(the_same_call_within_a_minute_is_a_repeat)
{
    struct repeats *repeats = repeats_new();

    EXPECT(!repeats_note(repeats, token, slug, body, 5000));
    EXPECT(repeats_note(repeats, token, slug, body, 65000));
    EXPECT(repeats_note(repeats, token, slug, body, 65000));
    EXPECT(!repeats_note(repeats, token, slug, body, 126000));
    repeats_free(repeats);
}

TEST(another_token_endpoint_or_body_is_another_call)
{
    struct repeats *repeats = repeats_new();

    EXPECT(!repeats_note(repeats, token, slug, body, 1000));
    EXPECT(!repeats_note(repeats, TEXT("tok_2"), slug, body, 1000));
    EXPECT(!repeats_note(repeats, token, TEXT("product"), body, 1000));
    EXPECT(!repeats_note(repeats, token, slug, TEXT("{\"a\":2}"), 1000));
    EXPECT(repeats_note(repeats, token, slug, body, 1000));
    repeats_free(repeats);
}

TEST(a_call_is_no_repeat_when_the_clock_is_at_zero)
{
    struct repeats *repeats = repeats_new();

    EXPECT(!repeats_note(repeats, token, slug, body, 0));
    EXPECT(repeats_note(repeats, token, slug, body, 0));
    repeats_free(repeats);
}
