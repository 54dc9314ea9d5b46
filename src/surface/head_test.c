#include "surface/head.h"
#include "unit.h"

static struct text reset(const struct surface_head *head, uint32_t reset_s, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    head->put_reset(reset_s, INT64_C(1795767330000), &out); /* 2026-11-27T08:15:30Z */
    return buffer_text(&out);
}

TEST(openai_says_how_long_it_takes_in_hours_minutes_and_seconds)
{
    static const struct {
        uint32_t s;
        const char *text;
    } cases[] = {{0, "0s"},        {12, "12s"},      {59, "59s"},
                 {60, "1m0s"},     {75, "1m15s"},    {3599, "59m59s"},
                 {3600, "1h0m0s"}, {3661, "1h1m1s"}, {90000, "25h0m0s"}};
    struct arena arena = {0};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        EXPECT_TEXT(reset(&surface_head_openai, cases[i].s, &arena), cases[i].text);
    arena_release(&arena);
}

TEST(anthropic_says_when)
{
    struct arena arena = {0};

    EXPECT_TEXT(reset(&surface_head_anthropic, 0, &arena), "2026-11-27T08:15:30Z");
    EXPECT_TEXT(reset(&surface_head_anthropic, 60, &arena), "2026-11-27T08:16:30Z");
    arena_release(&arena);
}
