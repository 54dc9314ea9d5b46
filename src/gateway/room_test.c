#include "gateway/room.h"

#include "store/store_fixture.h"
#include "unit.h"

TEST(each_step_is_said_once_on_the_way_up)
{
    unsigned said = 0;

    EXPECT_EQ(room_step(&said, 79), 0);
    EXPECT_EQ(room_step(&said, 80), 80);
    EXPECT_EQ(room_step(&said, 89), 0);
    EXPECT_EQ(room_step(&said, 96), 95);
    EXPECT_EQ(room_step(&said, 100), 0);
    EXPECT_EQ(room_step(&said, 92), 0);
    EXPECT_EQ(room_step(&said, 95), 0);
}

TEST(what_has_fallen_well_below_is_said_again)
{
    unsigned said = 0;

    EXPECT_EQ(room_step(&said, 91), 90);
    EXPECT_EQ(room_step(&said, 86), 0);
    EXPECT_EQ(room_step(&said, 90), 0);
    EXPECT_EQ(room_step(&said, 84), 0);
    EXPECT_EQ(room_step(&said, 90), 90);
    EXPECT_EQ(room_step(&said, 10), 0);
    EXPECT_EQ(room_step(&said, 80), 80);
}

TEST(a_store_that_fills_up_is_told_of_in_the_log_before_it_refuses)
{
    struct fixture fixture;
    struct room room = {0};
    struct log *log;
    char said[4096] = "";
    int ends[2];

    fixture_make_folder(&fixture);
    fixture_reopen(&fixture, (size_t)8 << 20);
    EXPECT_EQ(pipe(ends), 0);
    log = log_open(ends[1], 1 << 16);
    CHECK(log != NULL);
    for (unsigned session = 0; room.store_step == 0; session++) {
        EXPECT_EQ(fixture_run(&fixture, fixture_append(session, 0, 2, 30000)), ERROR_NONE);
        room_look(&room, fixture.store, text_of(fixture.folder), log,
                  (session + 1) * (uint64_t)ROOM_LOOK_EVERY_MS);
    }
    log_close(log);
    close(ends[1]);
    EXPECT(read(ends[0], said, sizeof said - 1) > 0);
    EXPECT(strstr(said, "\"event\":\"storage\"") != NULL);
    EXPECT(strstr(said, "the most it may hold") != NULL);
    close(ends[0]);
    fixture_close(&fixture);
}
