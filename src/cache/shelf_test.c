#include "cache/shelf.h"

#include "unit.h"

enum { BYTES = 1000, SIZE = sizeof(struct kept_answer) + BYTES + 2, ROOM = 100 };

static struct shelf shelf;

static struct cache_key key(unsigned number)
{
    struct cache_key made;

    for (size_t i = 0; i < sizeof made.bytes; i++) { /* spread, as those of a hash are */
        number = number * 1664525u + 1013904223u;
        made.bytes[i] = (unsigned char)(number >> 24);
    }
    return made;
}

static void put_of(unsigned number, const char *endpoint, const char *project, int64_t stored_ms)
{
    static char bytes[BYTES];

    shelf_put(&shelf,
              kept_answer_new(&(struct kept_answer){.key = key(number),
                                                    .stored_ms = stored_ms,
                                                    .expires_ms = stored_ms + 1000,
                                                    .endpoint = text_of(endpoint),
                                                    .project = text_of(project),
                                                    .bytes = {bytes, BYTES}}),
              stored_ms);
}

static void put(unsigned number)
{
    put_of(number, "e", "p", 0);
}

static bool has(unsigned number)
{
    struct cache_key it = key(number);

    return shelf_find(&shelf, &it, 0, 0) != NULL;
}

TEST(an_answer_is_found_until_it_expires)
{
    struct cache_key one = key(1);

    shelf_init(&shelf, ROOM * SIZE);
    put_of(1, "e", "p", 5000);
    EXPECT(shelf_find(&shelf, &one, 5999, 0) != NULL);
    EXPECT(shelf_find(&shelf, &one, 6000, 0) == NULL);
    EXPECT_EQ(shelf.entries, 0);
    EXPECT_EQ(shelf.small.bytes, 0);
    shelf_release(&shelf);
}

TEST(one_that_is_older_than_it_may_be_stays_for_those_who_do_not_mind)
{
    struct cache_key one = key(1);

    shelf_init(&shelf, ROOM * SIZE);
    put_of(1, "e", "p", 5000);
    EXPECT(shelf_find(&shelf, &one, 5500, 5001) == NULL);
    EXPECT(shelf_find(&shelf, &one, 5500, 5000) != NULL);
    shelf_release(&shelf);
}

TEST(another_under_the_same_key_takes_its_place)
{
    struct cache_key one = key(1);

    shelf_init(&shelf, ROOM * SIZE);
    put_of(1, "e", "p", 5000);
    put_of(1, "e", "p", 5400);
    EXPECT_EQ(shelf.entries, 1);
    EXPECT_EQ(shelf_find(&shelf, &one, 5900, 0)->stored_ms, 5400);
    shelf_release(&shelf);
}

TEST(there_is_never_more_than_there_is_room_for)
{
    shelf_init(&shelf, ROOM * SIZE);
    for (unsigned i = 0; i < 5 * ROOM; i++) {
        put(i);
        if (i % 3 == 0)
            has(i);
        EXPECT(shelf.small.bytes + shelf.main.bytes <= ROOM * SIZE);
    }
    EXPECT(shelf.entries >= ROOM - 1);
    shelf_release(&shelf);
}

TEST(a_scan_leaves_what_is_in_use_alone)
{
    unsigned left = 0;

    shelf_init(&shelf, ROOM * SIZE);
    for (unsigned i = 0; i < ROOM / 2; i++)
        put(i);
    for (unsigned i = 0; i < ROOM / 2; i++)
        EXPECT(has(i));
    for (unsigned i = 1000; i < 1000 + 50 * ROOM; i++)
        put(i);
    for (unsigned i = 0; i < ROOM / 2; i++)
        left += has(i);
    EXPECT_EQ(left, ROOM / 2);
    shelf_release(&shelf);
}

TEST(what_was_popular_once_goes_when_others_are)
{
    unsigned left = 0;

    shelf_init(&shelf, ROOM * SIZE);
    for (unsigned i = 0; i < ROOM / 2; i++)
        put(i), has(i);
    for (unsigned round = 0; round < 20; round++)
        for (unsigned i = 1000; i < 1000 + ROOM; i++)
            if (!has(i))
                put(i);
    for (unsigned i = 0; i < ROOM / 2; i++)
        left += has(i);
    EXPECT(left < ROOM / 8);
    shelf_release(&shelf);
}

TEST(who_comes_back_soon_is_kept_longer)
{
    struct cache_key first = key(0);

    shelf_init(&shelf, ROOM * SIZE);
    for (unsigned i = 0; i < 2 * ROOM; i++)
        put(i);
    EXPECT(!has(0));
    put(0);
    EXPECT(shelf_find(&shelf, &first, 0, 0)->main);
    shelf_release(&shelf);
}

TEST(an_answer_too_large_is_not_put_there)
{
    shelf_init(&shelf, 3 * SIZE);
    put(1);
    EXPECT(!has(1));
    EXPECT_EQ(shelf.entries, 0);
    shelf_release(&shelf);
}

TEST(a_purge_takes_an_endpoints_a_projects_or_all)
{
    shelf_init(&shelf, ROOM * SIZE);
    put_of(1, "a", "x", 0);
    put_of(2, "a", "y", 0);
    put_of(3, "b", "x", 0);
    put_of(4, "b", "y", 0);
    EXPECT_EQ(shelf_purge(&shelf, TEXT("a"), TEXT("x")), 1);
    EXPECT_EQ(shelf_purge(&shelf, TEXT("a"), TEXT("")), 1);
    EXPECT_EQ(shelf_purge(&shelf, TEXT(""), TEXT("x")), 1);
    EXPECT(has(4));
    EXPECT_EQ(shelf_purge(&shelf, TEXT(""), TEXT("")), 1);
    EXPECT_EQ(shelf.entries, 0);
    shelf_release(&shelf);
}

TEST(an_answer_lives_as_long_as_somebody_uses_it)
{
    struct cache_key one = key(1);
    struct kept_answer *kept;

    shelf_init(&shelf, ROOM * SIZE);
    put(1);
    kept = kept_answer_hold(shelf_find(&shelf, &one, 0, 0));
    shelf_purge(&shelf, TEXT(""), TEXT(""));
    EXPECT_EQ(kept->bytes.len, BYTES);
    EXPECT_TEXT(kept->endpoint, "e");
    kept_answer_release(kept);
    shelf_release(&shelf);
}
