#include "store/store_fixture.h"

#include "unit.h"

static void put(struct fixture *fixture, unsigned number, int64_t over_ms)
{
    struct store_command *command = store_command_new(STORE_NOTE_PUT);

    command->note = (struct note_record){.noted_ms = 1000 + number,
                                         .id = arena_printf(&command->arena, "note_%026u", number),
                                         .endpoint = TEXT("summarize"),
                                         .kind = TEXT("error_rate"),
                                         .since_ms = number,
                                         .over_ms = over_ms,
                                         .usual = 10000,
                                         .now = 250000,
                                         .worst = 260000,
                                         .calls = 120};
    EXPECT_EQ(fixture_run(fixture, command), ERROR_NONE);
}

static struct store_command *list(struct fixture *fixture, struct text after, size_t most)
{
    struct store_command *command = store_command_new(STORE_NOTE_LIST);
    struct store_census census;

    command->after = arena_copy(&command->arena, after);
    command->most = most;
    store_wait(fixture->store, command);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    EXPECT(store_verify_lmdb(fixture->store, &census, NULL));
    EXPECT(census.notes >= command->note_count);
    return command;
}

TEST(notes_are_listed_from_the_newest_on_and_are_so_after_a_restart)
{
    struct store_command *page, *next;
    struct fixture fixture;

    fixture_open(&fixture);
    for (unsigned i = 0; i < 5; i++)
        put(&fixture, i, 0);
    put(&fixture, 3, 77);
    store_close(fixture.store);
    fixture_reopen(&fixture, (size_t)256 << 20);
    page = list(&fixture, (struct text){0}, 3);
    EXPECT(page->note_count == 3 && page->more);
    EXPECT_TEXT(page->notes[0].id, "note_00000000000000000000000004");
    EXPECT_EQ(page->notes[1].over_ms, 77);
    EXPECT(page->notes[1].usual == 10000 && page->notes[1].now == 250000);
    EXPECT(page->notes[1].worst == 260000 && page->notes[1].calls == 120);
    next = list(&fixture, page->last, 3);
    EXPECT(next->note_count == 2 && !next->more);
    EXPECT_TEXT(next->notes[1].id, "note_00000000000000000000000000");
    store_command_free(next);
    store_command_free(page);
    fixture_close(&fixture);
}

TEST(of_too_many_notes_the_oldest_is_forgotten)
{
    struct store_command *page;
    struct fixture fixture;
    struct text after = {0};
    struct arena arena = {0};
    size_t count = 0;
    bool more = true;

    fixture_open(&fixture);
    for (unsigned i = 0; i <= STORE_NOTES_MAX; i++)
        put(&fixture, i, 0);
    while (more) {
        page = list(&fixture, after, 200);
        count += page->note_count;
        more = page->more;
        after = arena_copy(&arena, page->last);
        EXPECT(page->notes[page->note_count - 1].since_ms > 0);
        store_command_free(page);
    }
    EXPECT_EQ(count, STORE_NOTES_MAX);
    arena_release(&arena);
    fixture_close(&fixture);
}
