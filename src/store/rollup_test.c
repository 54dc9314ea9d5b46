#include "store/record.h"

#include "unit.h"

TEST(ranges_follow_one_another_and_grow_by_an_eighth_at_most)
{
    unsigned before = 0;

    EXPECT_EQ(rollup_range(0), 0);
    EXPECT_EQ(rollup_range(127), 0);
    EXPECT_EQ(rollup_range(128), 1);
    EXPECT_EQ(rollup_range((1ULL << 30) - 1), ROLLUP_RANGES - 2);
    EXPECT_EQ(rollup_range(1ULL << 30), ROLLUP_RANGES - 1);
    EXPECT_EQ(rollup_range(UINT64_MAX), ROLLUP_RANGES - 1);
    for (uint64_t us = 128; us < 1ULL << 30; us += us / 8 / 16) {
        unsigned range = rollup_range(us);

        EXPECT(range == before || range == before + 1);
        before = range;
    }
}

/* What sorting all of them would have given. */
static uint64_t exact(unsigned percent, uint64_t count)
{
    return 1000 + (count * percent + 99) / 100 * 10;
}

TEST(percentiles_are_right_to_about_six_percent)
{
    uint64_t ranges[ROLLUP_RANGES] = {0};
    const unsigned percents[] = {1, 50, 95, 99, 100};

    EXPECT_EQ(rollup_percentile_us(ranges, 50), 0);
    for (uint64_t i = 1; i <= 100000; i++) /* 1 ms to 1 s */
        ranges[rollup_range(1000 + i * 10)]++;
    for (size_t i = 0; i < sizeof percents / sizeof *percents; i++) {
        uint64_t wanted = exact(percents[i], 100000),
                 found = rollup_percentile_us(ranges, percents[i]);

        EXPECT(found > wanted - wanted / 16 && found < wanted + wanted / 16);
    }
    memset(ranges, 0, sizeof ranges);
    ranges[rollup_range(250000)] = 1; /* of one alone as well */
    EXPECT(rollup_percentile_us(ranges, 50) > 234000 && rollup_percentile_us(ranges, 95) < 266000);
}

TEST(sums_come_back_as_they_were_put)
{
    struct rollup_sums sums = {.sums = {[ROLLUP_CALLS] = 1, [ROLLUP_COST] = INT64_MAX}}, back;
    struct text key = TEXT("key");
    struct buffer value = {0};

    sums.took[0] = 1;
    sums.took[1] = 127;
    sums.took[77] = 128;
    sums.took[ROLLUP_RANGES - 1] = UINT64_MAX;
    record_put_rollup(&value, key, &sums);
    EXPECT(value.len < 60);
    EXPECT(record_get_rollup(key, buffer_text(&value), &back, NULL));
    EXPECT(memcmp(&sums, &back, sizeof sums) == 0);
    for (size_t len = 0; len < value.len; len++)
        EXPECT(!record_get_rollup(key, text_first(buffer_text(&value), len), &back, NULL));
    for (size_t len = RECORD_HEAD_BYTES; len < value.len; len++) { /* cut, and sealed again */
        record_seal(key, value.at, len);
        (void)record_get_rollup(key, text_first(buffer_text(&value), len), &back, NULL);
    }
    buffer_release(&value);
}

TEST(a_value_of_a_number_too_long_or_a_time_out_of_range_is_damaged)
{
    static const struct {
        const char *bytes;
        size_t len;
    } bad[] = {
        {"\x01\x80\x00", 3},                                  /* a zero in front */
        {"\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 11}, /* more than 64 bits */
        {"\x00\x00\x00", 3},                                  /* a range of none */
        {"\x00\xba\x01\x01", 4},                              /* the 187th range */
        {"\x00\xb9\x01\x01\x00\x01", 6},                      /* one behind the last */
        {"\x40", 1},                                          /* sums of the future */
    };
    struct rollup_sums sums;
    struct error err;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct buffer value = {0};

        record_put_rollup(&value, TEXT("key"), &(struct rollup_sums){0});
        value.len = RECORD_HEAD_BYTES;
        buffer_put(&value, (struct text){bad[i].bytes, bad[i].len});
        record_seal(TEXT("key"), value.at, value.len);
        err = (struct error){0};
        EXPECT(!record_get_rollup(TEXT("key"), buffer_text(&value), &sums, &err));
        EXPECT_EQ(err.code, ERROR_RECORD_DAMAGED);
        buffer_release(&value);
    }
}

TEST(keys_come_apart_as_they_were_made)
{
    unsigned char bytes[RECORD_ROLLUP_KEY_BYTES_MAX];
    const struct rollup_place place = {.step = ROLLUP_HOUR,
                                       .bucket = 29000040,
                                       .kind = ROLLUP_BY_TAG,
                                       .group = TEXT("team"),
                                       .name = TEXT("a=b")};
    struct rollup_place back;
    char name[400];
    struct text key = record_rollup_key(&place, bytes);

    EXPECT(record_rollup_split(key, &back));
    EXPECT_EQ(back.step, ROLLUP_HOUR);
    EXPECT_EQ(back.bucket, 29000040);
    EXPECT_EQ(back.kind, ROLLUP_BY_TAG);
    EXPECT_TEXT(back.group, "team");
    EXPECT_TEXT(back.name, "a=b");
    EXPECT(!record_rollup_split(text_first(key, 9), &back)); /* no end of the group */
    EXPECT(!record_rollup_split(text_first(key, 5), &back));
    memset(name, 'x', sizeof name);
    back = place;
    back.group = back.name = (struct text){name, sizeof name};
    key = record_rollup_key(&back, bytes);
    EXPECT_EQ(key.len, RECORD_ROLLUP_KEY_BYTES_MAX);
    EXPECT(record_rollup_split(key, &back));
    EXPECT_EQ(back.name.len, ROLLUP_NAME_BYTES_MAX);
}
