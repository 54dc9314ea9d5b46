#include "unit.h"

#include "base/arena.h"
#include "base/buffer.h"

static int undone[2], undone_count;

static void note_undo(void *thing)
{
    undone[undone_count++] = *(int *)thing;
}

TEST(undos_run_last_first_and_before_the_memory_goes)
{
    struct arena arena = {0};
    int *one = ARENA_NEW(&arena, int), *two = ARENA_NEW(&arena, int);

    undone_count = 0;
    *one = 1;
    *two = 2;
    arena_defer(&arena, note_undo, one);
    arena_defer(&arena, note_undo, two);
    arena_release(&arena);
    EXPECT_EQ(undone_count, 2);
    EXPECT_EQ(undone[0], 2);
    EXPECT_EQ(undone[1], 1);
}

TEST(large_and_small_allocations_do_not_overlap)
{
    struct arena arena = {0};
    char *pieces[200];

    for (size_t i = 0; i < 200; i++) {
        size_t bytes = i % 7 == 0 ? 100000 : i;

        pieces[i] = arena_alloc(&arena, bytes);
        EXPECT_EQ((uintptr_t)pieces[i] % 16, 0);
        memset(pieces[i], (int)i, bytes);
    }
    for (size_t i = 1; i < 200; i++)
        EXPECT_EQ((unsigned char)pieces[i][0], i);
    arena_release(&arena);
    EXPECT_EQ(arena.total_bytes, 0);
}

TEST(a_buffer_grows_in_an_arena_or_on_the_heap)
{
    struct arena arena = {0};
    struct buffer buffers[2] = {{0}, buffer_in(&arena)};

    for (int b = 0; b < 2; b++) {
        for (int i = 0; i < 1000; i++)
            buffer_printf(&buffers[b], "%d,", i);
        EXPECT_EQ(buffers[b].len, 3890);
        buffer_consume(&buffers[b], 3886);
        EXPECT_TEXT(buffer_text(&buffers[b]), "999,");
        buffer_put_i64(&buffers[b], INT64_MIN);
        EXPECT_TEXT(buffer_text(&buffers[b]), "999,-9223372036854775808");
        buffer_release(&buffers[b]);
    }
    arena_release(&arena);
}

static void count_up(void *thing)
{
    ++*(int *)thing;
}

TEST(a_cleared_arena_has_run_its_undos_and_keeps_its_largest_block)
{
    struct arena arena = {0};
    int undos = 0;
    char *large;

    arena_clear(&arena);
    EXPECT_EQ(arena.total_bytes, 0);
    arena_alloc(&arena, 100);
    large = arena_bytes(&arena, 100000);
    arena_alloc(&arena, 2000);
    arena_alloc(&arena, 4000);
    arena_defer(&arena, count_up, &undos);
    arena_clear(&arena);
    EXPECT_EQ(undos, 1);
    EXPECT_EQ(arena.total_bytes, 100000);
    EXPECT(arena_bytes(&arena, 99000) == large);
    EXPECT_EQ(arena.total_bytes, 100000);
    arena_alloc(&arena, 5000);
    EXPECT(arena.total_bytes > 100000);
    arena_release(&arena);
    EXPECT_EQ(undos, 1);
}
