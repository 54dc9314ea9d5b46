#include "auth/token.h"

#include "unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
    char folder[64], path[96];
};

static struct place make_place(void)
{
    struct place place = {.folder = "/tmp/pinion-key-XXXXXX"};

    EXPECT(mkdtemp(place.folder) != NULL);
    snprintf(place.path, sizeof place.path, "%s/token.key", place.folder);
    return place;
}

/* Also shows that nothing else was left in the folder. */
static void remove_place(const struct place *place)
{
    unlink(place->path);
    EXPECT_EQ(rmdir(place->folder), 0);
}

static void write_file(const char *path, const char *bytes, size_t count, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    EXPECT_EQ(write(fd, bytes, count), (ssize_t)count);
    EXPECT_EQ(fchmod(fd, mode), 0);
    close(fd);
}

TEST(a_key_is_made_once_and_read_ever_after)
{
    struct place place = make_place();
    struct token_key first, second, zero = {{0}};
    struct stat file;

    umask(0);
    EXPECT(token_key_load(place.path, true, &first, NULL));
    EXPECT_EQ(stat(place.path, &file), 0);
    EXPECT_EQ(file.st_mode & 07777, 0600);
    EXPECT(token_key_load(place.path, true, &second, NULL));
    EXPECT(memcmp(&first, &second, sizeof first) == 0);
    EXPECT(token_key_load(place.path, false, &second, NULL));
    EXPECT(memcmp(&first, &second, sizeof first) == 0);
    EXPECT(memcmp(&first, &zero, sizeof first) != 0);
    remove_place(&place);
}

TEST(a_key_that_is_missing_is_made_only_when_asked)
{
    struct place place = make_place();
    struct token_key key;
    struct error err = {0};

    EXPECT(!token_key_load(place.path, false, &key, &err));
    EXPECT_EQ(err.code, ERROR_FILE_UNREADABLE);
    EXPECT_STR(err.at, place.path);
    EXPECT_STR(err.message, "cannot open the token key: No such file or directory");
    remove_place(&place);
}

TEST(a_key_that_others_can_read_is_refused)
{
    static const mode_t modes[] = {0640, 0604, 0660, 0601, 0700 | 0070};
    struct place place = make_place();
    struct token_key key;
    struct error err = {0};

    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        write_file(place.path, "0123456789abcdef0123456789abcdef", 32, modes[i]);
        EXPECT(!token_key_load(place.path, true, &key, &err));
    }
    write_file(place.path, "0123456789abcdef0123456789abcdef", 32, 0640);
    EXPECT(!token_key_load(place.path, true, &key, &err));
    EXPECT_STR(err.message, "the token key is open to others: its mode is 0640, expected 0600");
    EXPECT_EQ(strncmp(err.hint, "chmod 600 /tmp/", 15), 0);
    write_file(place.path, "0123456789abcdef0123456789abcdef", 32, 0400);
    EXPECT(token_key_load(place.path, true, &key, &err));
    remove_place(&place);
}

TEST(a_key_of_another_size_is_refused)
{
    static const char bytes[64] = "x";
    static const size_t sizes[] = {0, 31, 33, 64};
    struct place place = make_place();
    struct token_key key;
    struct error err = {0};

    for (size_t i = 0; i < 4; i++) {
        write_file(place.path, bytes, sizes[i], 0600);
        EXPECT(!token_key_load(place.path, true, &key, &err));
        EXPECT(strncmp(err.message, "the token key must be 32 bytes, found ", 38) == 0);
    }
    remove_place(&place);
}

TEST(what_is_no_file_is_refused_and_does_not_hang)
{
    struct place place = make_place();
    struct token_key key;
    struct error err = {0};

    EXPECT_EQ(mkdir(place.path, 0700), 0);
    EXPECT(!token_key_load(place.path, true, &key, &err));
    EXPECT_STR(err.message, "the token key must be a regular file");
    rmdir(place.path);
    EXPECT_EQ(mkfifo(place.path, 0600), 0);
    EXPECT(!token_key_load(place.path, true, &key, &err));
    EXPECT_STR(err.message, "the token key must be a regular file");
    remove_place(&place);
    EXPECT(!token_key_load(place.path, true, &key, &err)); /* the folder is gone */
    EXPECT_EQ(err.code, ERROR_FILE_UNREADABLE);
}

struct starter {
    const char *path;
    struct token_key key;
    bool good;
};

static void *load(void *context)
{
    struct starter *starter = context;

    starter->good = token_key_load(starter->path, true, &starter->key, NULL);
    return NULL;
}

TEST(those_who_begin_at_once_get_the_same_key)
{
    enum { STARTERS = 8 };

    for (int round = 0; round < 20; round++) {
        struct place place = make_place();
        struct starter starters[STARTERS];
        pthread_t threads[STARTERS];
        struct token_key key;

        for (int i = 0; i < STARTERS; i++) {
            starters[i] = (struct starter){.path = place.path};
            EXPECT_EQ(pthread_create(&threads[i], NULL, load, &starters[i]), 0);
        }
        for (int i = 0; i < STARTERS; i++)
            pthread_join(threads[i], NULL);
        EXPECT(token_key_load(place.path, true, &key, NULL));
        for (int i = 0; i < STARTERS; i++) {
            EXPECT(starters[i].good);
            EXPECT(memcmp(&starters[i].key, &key, sizeof key) == 0);
        }
        remove_place(&place);
    }
}
