#include "webhook/patience.h"

#include "unit.h"

TEST(each_wait_is_about_twice_the_one_before_up_to_an_hour)
{
    uint64_t whole_ms = 1000;

    for (uint32_t tries = 1; tries <= 40; tries++) {
        for (uint32_t random = 0; random < 100000000; random += 7777777) {
            uint64_t wait_ms = patience_wait_ms(tries, 0, random);

            EXPECT(wait_ms >= whole_ms / 2 && wait_ms <= whole_ms);
        }
        whole_ms = whole_ms * 2 < 3600000 ? whole_ms * 2 : 3600000;
    }
    EXPECT(patience_wait_ms(3, 0, 1) != patience_wait_ms(3, 0, 2));
    EXPECT_EQ(patience_wait_ms(UINT32_MAX, 0, 1800000), 3600000);
}

TEST(a_receiver_that_asks_for_time_gets_it_but_no_more_than_an_hour)
{
    EXPECT_EQ(patience_wait_ms(1, 90000, 0), 90000);
    EXPECT_EQ(patience_wait_ms(1, UINT64_MAX, 0), 3600000);
    EXPECT_EQ(patience_wait_ms(12, 1, 0), 1024000);
}

TEST(after_a_day_an_event_is_given_up)
{
    int64_t next_ms = 5000;
    uint32_t tries = 0;

    EXPECT(!patience_is_over(5000, 5000 + 86400000));
    EXPECT(patience_is_over(5000, 5000 + 86400001));
    while (!patience_is_over(5000, next_ms))
        next_ms += (int64_t)patience_wait_ms(++tries, 0, 1u << 31);
    EXPECT(tries > 20 && tries < 80);
}
