#include "canary/tally.h"

#include "unit.h"

#include <stdio.h>

static void add(struct tally *tally, enum tally_result result, int64_t cost, const char *id)
{
    const struct tally_side answered = {100, 1000, 10}, shadow = {cost, 3000, 20};

    tally_add(tally, result, &answered, &shadow, text_of(id), TEXT("req_shadow"), 7);
}

TEST(what_was_compared_is_summed_and_the_rest_only_counted)
{
    struct tally tally = {0};

    EXPECT(tally_agreement(&tally) < 0);
    add(&tally, TALLY_SAME, 250, "a");
    add(&tally, TALLY_DIFFERENT, -1, "b"); /* at an unknown price */
    add(&tally, TALLY_BOTH_REFUSED, 50, "c");
    add(&tally, TALLY_ONLY_SHADOW, 50, "d");
    tally_add(&tally, TALLY_DROPPED, NULL, NULL, TEXT("e"), TEXT(""), 7);
    tally_add(&tally, TALLY_FAILED, NULL, NULL, TEXT("f"), TEXT(""), 7);
    EXPECT(tally_agreement(&tally) > 0.4999 && tally_agreement(&tally) < 0.5001);
    EXPECT_EQ(tally.results[TALLY_DROPPED], 1);
    EXPECT_EQ(tally.timed, 4);
    EXPECT_EQ(tally.duration_us[0], 4000);
    EXPECT_EQ(tally.duration_us[1], 12000);
    EXPECT_EQ(tally.tokens[1], 80);
    EXPECT_EQ(tally.costed, 3);
    EXPECT_EQ(tally.cost_nano[0], 300);
    EXPECT_EQ(tally.cost_nano[1], 350);
    EXPECT_EQ(tally.odd_count, 2);
    EXPECT_TEXT(((struct text){tally.odd[0].id, tally.odd[0].id_len}), "b");
    EXPECT_EQ(tally.odd[1].result, TALLY_ONLY_SHADOW);
}

TEST(the_last_that_disagree_are_kept_whatever_their_ids_are)
{
    struct tally tally = {0};
    char id[300];

    for (int i = 0; i < TALLY_KEPT + 3; i++) {
        memset(id, 'a' + i, sizeof id);
        id[sizeof id - 1] = '\0';
        add(&tally, TALLY_DIFFERENT, 1, id);
    }
    EXPECT_EQ(tally.odd_count, TALLY_KEPT + 3);
    EXPECT_EQ(tally.odd[2].id_len, TALLY_ID_BYTES);
    EXPECT_EQ(tally.odd[2].id[0], 'a' + TALLY_KEPT + 2);
}
