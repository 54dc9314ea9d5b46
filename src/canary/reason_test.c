#include "canary/reason.h"

#include "unit.h"

static void expect(const struct canary_record *canary, const char *expected)
{
    struct buffer out = {0};

    canary_put_reason(&out, canary);
    EXPECT_TEXT(buffer_text(&out), expected);
    buffer_release(&out);
}

TEST(a_reason_gives_both_sides)
{
    struct canary_record canary = {.why = CANARY_REFUSED, .taken = {.calls = 50, .refused = 13}};
    struct buffer out = {0};

    expect(&canary, "13 of 50 calls (26.0 %) were answered with a 422, and there were no others");
    canary.rest = (struct canary_sums){.calls = 1000, .refused = 4};
    expect(&canary, "13 of 50 calls (26.0 %) were answered with a 422, of 1000 others 4 (0.4 %)");
    canary_put_off(&out, &canary);
    EXPECT(text_starts(buffer_text(&out), TEXT("no, since 1970-01-01T00:00:00.000Z: 13 of 50")));
    buffer_release(&out);
    canary.why = CANARY_COST;
    canary.taken = (struct canary_sums){.calls = 60, .costed = 50, .cost_nano = 150000000};
    canary.rest = (struct canary_sums){.calls = 100, .costed = 100, .cost_nano = 100000000};
    expect(&canary, "a call cost 0.003000 USD on average of 50, and 0.001000 of 100 others (3.00 "
                    "times as much)");
}
