#include "config/folder.h"

#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena arena;
static struct folder_disk disk;
static char root[] = "/tmp/pinion-folder-XXXXXX";

static void start(void)
{
    const char *why = NULL;

    memcpy(root + sizeof root - 7, "XXXXXX", 6);
    assert_non_null(mkdtemp(root));
    assert_int_equal(chdir(root), 0);
    assert_int_equal(mkdir("inside", 0700), 0);
    assert_int_equal(mkdir("inside/sub", 0700), 0);
    assert_true(folder_disk_open(&disk, TEXT("inside"), NULL, &arena, &why));
}

static void end(void)
{
    char command[64];

    folder_disk_close(&disk);
    arena_release(&arena);
    snprintf(command, sizeof command, "rm -rf %s", root);
    assert_int_equal(system(command), 0);
}

static void put(const char *path, size_t bytes)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    for (size_t i = 0; i < bytes; i++)
        putc('x', file);
    assert_int_equal(fclose(file), 0);
}

static enum folder_status read_status(const char *path)
{
    struct text bytes;
    const char *why = NULL;
    enum folder_status status = disk.folder.read(&disk.folder, text_of(path), &arena, &bytes, &why);

    assert_true(status != FOLDER_FAILED || why != NULL);
    return status;
}

TEST(a_file_is_read_whole)
{
    struct text bytes;
    const char *why;

    start();
    put("inside/sub/a.json", 5000);
    EXPECT_EQ(disk.folder.read(&disk.folder, TEXT("sub/a.json"), &arena, &bytes, &why), FOLDER_OK);
    EXPECT_EQ(bytes.len, 5000);
    EXPECT_EQ(read_status("sub/b.json"), FOLDER_MISSING);
    EXPECT_EQ(read_status("sub/a.json/b"), FOLDER_MISSING);
    end();
}

TEST(a_megabyte_is_read_and_one_byte_more_is_not)
{
    start();
    put("inside/fits", FOLDER_FILE_BYTES);
    put("inside/larger", FOLDER_FILE_BYTES + 1);
    EXPECT_EQ(read_status("fits"), FOLDER_OK);
    EXPECT_EQ(read_status("larger"), FOLDER_LARGE);
    end();
}

TEST(what_is_no_regular_file_neither_blocks_nor_is_read)
{
    start();
    EXPECT_EQ(mkfifo("inside/pipe", 0600), 0);
    EXPECT_EQ(symlink("/dev/zero", "inside/zero"), 0);
    EXPECT_EQ(read_status("pipe"), FOLDER_IRREGULAR);
    EXPECT_EQ(read_status("sub"), FOLDER_IRREGULAR);
    EXPECT_EQ(read_status("zero"), FOLDER_OUTSIDE);
    end();
}

TEST(a_link_may_lead_anywhere_inside_the_folder_and_nowhere_else)
{
    start();
    put("inside/sub/real", 3);
    put("outside", 3);
    EXPECT_EQ(mkdir("inside-not", 0700), 0);
    put("inside-not/file", 3);
    EXPECT_EQ(symlink("sub/real", "inside/good"), 0);
    EXPECT_EQ(symlink("../outside", "inside/bad"), 0);
    EXPECT_EQ(symlink("../inside-not", "inside/neighbour"), 0);
    EXPECT_EQ(symlink("sub", "inside/also"), 0);
    EXPECT_EQ(symlink("nothing", "inside/dangling"), 0);
    EXPECT_EQ(symlink("loop", "inside/loop"), 0);
    EXPECT_EQ(read_status("good"), FOLDER_OK);
    EXPECT_EQ(read_status("also/real"), FOLDER_OK);
    EXPECT_EQ(read_status("bad"), FOLDER_OUTSIDE);
    EXPECT_EQ(read_status("neighbour/file"), FOLDER_OUTSIDE);
    EXPECT_EQ(read_status("dangling"), FOLDER_MISSING);
    EXPECT_EQ(read_status("loop"), FOLDER_FAILED);
    end();
}

TEST(names_are_listed_in_order_without_the_hidden_ones)
{
    const struct text *names;
    const char *why;
    size_t count;

    start();
    put("inside/sub/b", 0);
    put("inside/sub/a", 0);
    put("inside/sub/.hidden", 0);
    put("inside/sub/B", 0);
    EXPECT_EQ(disk.folder.list(&disk.folder, TEXT("sub"), &arena, &names, &count, &why), FOLDER_OK);
    EXPECT_EQ(count, 3);
    EXPECT_TEXT(names[0], "B");
    EXPECT_TEXT(names[1], "a");
    EXPECT_TEXT(names[2], "b");
    EXPECT_EQ(disk.folder.list(&disk.folder, TEXT("none"), &arena, &names, &count, &why),
              FOLDER_MISSING);
    EXPECT_EQ(symlink("..", "inside/up"), 0);
    EXPECT_EQ(disk.folder.list(&disk.folder, TEXT("up"), &arena, &names, &count, &why),
              FOLDER_OUTSIDE);
    end();
}

TEST(a_folder_that_is_not_there_has_nothing_in_it)
{
    struct folder_disk none;
    const struct text *names;
    const char *why = NULL;
    size_t count;

    EXPECT(!folder_disk_open(&none, TEXT("/nonexistent/folder"), NULL, &arena, &why));
    EXPECT(why != NULL);
    EXPECT_EQ(none.folder.list(&none.folder, TEXT(""), &arena, &names, &count, &why),
              FOLDER_MISSING);
    folder_disk_close(&none);
    arena_release(&arena);
}

static enum folder_path path_of(const char *written, const char *expected)
{
    struct text path = {0};
    enum folder_path kind = folder_path(text_of(written), &arena, &path);

    if (kind == FOLDER_PATH_GOOD)
        EXPECT_TEXT(path, expected);
    arena_release(&arena);
    return kind;
}

TEST(a_path_is_relative_and_goes_only_down)
{
    EXPECT_EQ(path_of("schemas/a.json", "schemas/a.json"), FOLDER_PATH_GOOD);
    EXPECT_EQ(path_of("./schemas//./a.json", "schemas/a.json"), FOLDER_PATH_GOOD);
    EXPECT_EQ(path_of("..a/b..", "..a/b.."), FOLDER_PATH_GOOD);
    EXPECT_EQ(path_of("/etc/passwd", ""), FOLDER_PATH_ABSOLUTE);
    EXPECT_EQ(path_of("../a", ""), FOLDER_PATH_UP);
    EXPECT_EQ(path_of("a/../b", ""), FOLDER_PATH_UP);
    EXPECT_EQ(path_of("a/..", ""), FOLDER_PATH_UP);
    EXPECT_EQ(path_of("", ""), FOLDER_PATH_MALFORMED);
    EXPECT_EQ(path_of(".", ""), FOLDER_PATH_MALFORMED);
    EXPECT_EQ(path_of("a/", ""), FOLDER_PATH_MALFORMED);
    EXPECT_EQ(path_of("a\nb", ""), FOLDER_PATH_MALFORMED);
    EXPECT_EQ(path_of("schemas\\a.json", ""), FOLDER_PATH_MALFORMED);
}
