/* Copies of a store, and going back to them. */
#include "unit.h"

#include "store/backup_impl.h"
#include "store/store_fixture.h"

#include "base/clock.h"

#include <fcntl.h>
#include <sys/stat.h>

struct scene {
    struct fixture fixture;
    struct arena arena;
    struct text store, backups, backup;
    struct backup it;
    struct error err;
};

static void write_key(struct scene *scene, const char *bytes)
{
    char path[128];
    int fd;

    fixture_path(&scene->fixture, "token.key", path);
    unlink(path);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    CHECK(fd >= 0 && write(fd, bytes, strlen(bytes)) == (ssize_t)strlen(bytes));
    close(fd);
}

static bool take(struct scene *scene, const char *name)
{
    scene->err = (struct error){0};
    return backup_take(scene->fixture.store, scene->store, scene->backups, text_of(name),
                       &scene->arena, &scene->it, &scene->err);
}

/* A store of three sessions and a key, and a backup of it called "one". */
static void begin(struct scene *scene)
{
    *scene = (struct scene){0};
    fixture_open(&scene->fixture);
    scene->store = text_of(scene->fixture.folder);
    scene->backups = arena_printf(&scene->arena, "%s/backups", scene->fixture.folder);
    scene->backup = arena_printf(&scene->arena, "%s/backups/one", scene->fixture.folder);
    write_key(scene, "the first key");
    for (unsigned session = 0; session < 3; session++)
        EXPECT_EQ(fixture_run(&scene->fixture, fixture_append(session, 0, 2, 9000)), ERROR_NONE);
    EXPECT(take(scene, "one"));
}

static void end(struct scene *scene)
{
    char command[256];

    store_close(scene->fixture.store);
    snprintf(command, sizeof command, "rm -rf %s", scene->fixture.folder);
    CHECK(system(command) == 0);
    arena_release(&scene->arena);
}

static uint64_t records(const struct backup *backup, const char *table)
{
    for (size_t i = 0; i < backup->table_count; i++)
        if (text_equal(backup->tables[i].name, text_of(table)))
            return backup->tables[i].records;
    return UINT64_MAX;
}

static bool restore(struct scene *scene, struct text *out_kept)
{
    store_close(scene->fixture.store);
    scene->fixture.store = NULL;
    scene->err = (struct error){0};
    return backup_restore(scene->backup, scene->store, &scene->arena, &scene->it, out_kept,
                          &scene->err);
}

static void flip_byte(const char *path, off_t at)
{
    int fd = open(path, O_RDWR);
    char byte;

    CHECK(fd >= 0 && pread(fd, &byte, 1, at) == 1);
    byte ^= 1;
    CHECK(pwrite(fd, &byte, 1, at) == 1);
    close(fd);
}

static void expect_key(struct scene *scene, const char *bytes)
{
    char path[128], found[64] = "";
    int fd;

    fixture_path(&scene->fixture, "token.key", path);
    fd = open(path, O_RDONLY);
    CHECK(fd >= 0 && read(fd, found, sizeof found - 1) >= 0);
    close(fd);
    EXPECT_STR(found, bytes);
}

TEST(a_backup_says_what_it_holds_and_of_when_it_is)
{
    struct scene scene;

    begin(&scene);
    EXPECT_EQ(records(&scene.it, "sessions"), 3);
    EXPECT_EQ(records(&scene.it, "session_messages"), 6);
    EXPECT_EQ(records(&scene.it, "tokens"), 0);
    EXPECT(scene.it.transaction >= 3 && scene.it.bytes > 6 * 9000 && scene.it.taken_ms > 0);
    EXPECT_EQ(scene.it.key_sha256[BACKUP_TOKEN_KEY].len, 64);
    EXPECT_EQ(scene.it.key_sha256[BACKUP_AUDIT_KEY].len, 64);
    end(&scene);
}

TEST(a_backup_is_open_to_nobody_else)
{
    static const char *const names[] = {".", "one", "one/data.mdb", "one/token.key",
                                        "one/backup.json"};
    struct scene scene;
    struct stat file;

    begin(&scene);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        EXPECT_EQ(stat(arena_printf(&scene.arena, "%s/%s", scene.backups.at, names[i]).at, &file),
                  0);
        EXPECT_EQ(file.st_mode & 077, 0);
    }
    end(&scene);
}

TEST(a_whole_backup_verifies_and_nothing_is_left_beside_it)
{
    const struct backup *list;
    struct scene scene;
    size_t count;

    begin(&scene);
    EXPECT(backup_verify(scene.backup, &scene.arena, &scene.it, &scene.err));
    EXPECT_EQ(records(&scene.it, "sessions"), 3);
    EXPECT(!backup_file_exists(arena_printf(&scene.arena, "%s/lock.mdb", scene.backup.at).at));
    EXPECT(backup_list(scene.backups, &scene.arena, &list, &count, &scene.err));
    EXPECT_EQ(count, 1);
    EXPECT_TEXT(list[0].name, "one");
    end(&scene);
}

TEST(a_flipped_bit_anywhere_is_found)
{
    struct scene scene;
    struct stat file;

    begin(&scene);
    const char *data = arena_printf(&scene.arena, "%s/data.mdb", scene.backup.at).at;
    const char *key = arena_printf(&scene.arena, "%s/token.key", scene.backup.at).at;

    CHECK(stat(data, &file) == 0);
    for (off_t at = 0; at < file.st_size; at += file.st_size / 7) {
        flip_byte(data, at);
        EXPECT(!backup_verify(scene.backup, &scene.arena, &scene.it, &scene.err));
        EXPECT_EQ(scene.err.code, ERROR_RECORD_DAMAGED);
        flip_byte(data, at);
    }
    flip_byte(key, 3);
    EXPECT(!backup_verify(scene.backup, &scene.arena, &scene.it, &scene.err));
    EXPECT_EQ(scene.err.code, ERROR_RECORD_DAMAGED);
    flip_byte(key, 3);
    EXPECT(backup_verify(scene.backup, &scene.arena, &scene.it, &scene.err));
    end(&scene);
}

TEST(a_manifest_that_says_other_numbers_is_found)
{
    struct scene scene;

    begin(&scene);
    const char *path = arena_printf(&scene.arena, "%s/backup.json", scene.backup.at).at;
    struct buffer json = buffer_in(&scene.arena);
    struct store_table *tables = ARENA_ARRAY(&scene.arena, struct store_table, 1);

    tables[0] = (struct store_table){TEXT("sessions"), 4};
    scene.it.tables = tables;
    scene.it.table_count = 1;
    backup_put(&json, &scene.it);
    CHECK(unlink(path) == 0 && backup_file_write(path, buffer_text(&json), NULL));
    EXPECT(!backup_verify(scene.backup, &scene.arena, &scene.it, &scene.err));
    EXPECT_EQ(scene.err.code, ERROR_RECORD_DAMAGED);
    end(&scene);
}

TEST(a_name_is_taken_once)
{
    struct scene scene;

    begin(&scene);
    EXPECT(!take(&scene, "one"));
    EXPECT_EQ(scene.err.code, ERROR_BACKUP_CONFLICT);
    EXPECT(backup_delete(scene.backups, TEXT("one"), &scene.err));
    EXPECT(!backup_delete(scene.backups, TEXT("one"), &scene.err));
    EXPECT_EQ(scene.err.code, ERROR_BACKUP_NOT_FOUND);
    EXPECT(take(&scene, "one"));
    end(&scene);
}

TEST(what_a_crash_left_of_a_backup_is_in_nobodys_way)
{
    struct scene scene;

    begin(&scene);
    const char *partial = arena_printf(&scene.arena, "%s/.two.partial", scene.backups.at).at;

    CHECK(mkdir(partial, 0700) == 0);
    CHECK(backup_file_write(arena_printf(&scene.arena, "%s/data.mdb", partial).at, TEXT("half"),
                            NULL));
    EXPECT(take(&scene, "two"));
    EXPECT(!backup_file_exists(partial));
    end(&scene);
}

TEST(a_name_is_no_path)
{
    static const char *const names[] = {"", "../x", ".x", "a/b", "A", "x y", "-x"};
    struct scene scene;

    begin(&scene);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        EXPECT(!take(&scene, names[i]));
        EXPECT_EQ(scene.err.code, ERROR_INVALID_REQUEST);
        EXPECT(!backup_delete(scene.backups, text_of(names[i]), &scene.err));
        EXPECT_EQ(scene.err.code, ERROR_INVALID_REQUEST);
    }
    EXPECT(backup_name_valid(backup_name_of(1793725200000, &scene.arena)));
    EXPECT_TEXT(backup_name_of(1793725200000, &scene.arena), "20261103t170000z");
    end(&scene);
}

TEST(a_restore_brings_back_the_copy_and_keeps_what_was_there)
{
    struct scene scene;
    struct text kept;

    begin(&scene);
    EXPECT_EQ(fixture_run(&scene.fixture, fixture_append(3, 0, 2, 100)), ERROR_NONE);
    EXPECT_EQ(fixture_run(&scene.fixture, fixture_on_session(STORE_SESSION_DELETE, 0)), ERROR_NONE);
    write_key(&scene, "another key");
    EXPECT(backup_file_write(arena_printf(&scene.arena, "%s/audit.head", scene.store.at).at,
                             TEXT("7"), NULL));
    EXPECT(restore(&scene, &kept));
    expect_key(&scene, "the first key");
    fixture_reopen(&scene.fixture, (size_t)256 << 20);
    EXPECT_EQ(fixture_run(&scene.fixture, fixture_on_session(STORE_SESSION_READ, 0)), ERROR_NONE);
    EXPECT_EQ(fixture_run(&scene.fixture, fixture_on_session(STORE_SESSION_READ, 3)),
              ERROR_SESSION_NOT_FOUND);
    EXPECT_EQ(fixture_run(&scene.fixture, fixture_append(9, 0, 2, 100)), ERROR_NONE);
    EXPECT(text_starts(kept, scene.store));
    EXPECT(backup_file_exists(arena_printf(&scene.arena, "%s/audit.head", kept.at).at));
    EXPECT(!backup_file_exists(arena_printf(&scene.arena, "%s/audit.head", scene.store.at).at));
    store_close(scene.fixture.store);
    scene.fixture.store = store_open_lmdb_sized(kept, (size_t)256 << 20, &scene.err);
    CHECK(scene.fixture.store != NULL);
    EXPECT_EQ(fixture_run(&scene.fixture, fixture_on_session(STORE_SESSION_READ, 3)), ERROR_NONE);
    end(&scene);
}

TEST(a_restore_into_an_empty_place_keeps_nothing)
{
    struct scene scene;
    struct text kept = {0}, elsewhere;
    struct store *store;

    begin(&scene);
    elsewhere = arena_printf(&scene.arena, "%s/elsewhere", scene.fixture.folder);
    EXPECT(backup_restore(scene.backup, elsewhere, &scene.arena, &scene.it, &kept, &scene.err));
    EXPECT_EQ(kept.len, 0);
    store = store_open_lmdb_sized(elsewhere, (size_t)256 << 20, &scene.err);
    EXPECT(store != NULL);
    store_close(store);
    end(&scene);
}

TEST(a_restore_refuses_while_the_store_is_in_use)
{
    struct scene scene;
    struct text kept = {0};

    begin(&scene);
    EXPECT(!backup_restore(scene.backup, scene.store, &scene.arena, &scene.it, &kept, &scene.err));
    EXPECT_EQ(scene.err.code, ERROR_STORAGE_ERROR);
    EXPECT(strstr(scene.err.message, "in use by process") != NULL);
    EXPECT_EQ(fixture_run(&scene.fixture, fixture_on_session(STORE_SESSION_READ, 0)), ERROR_NONE);
    end(&scene);
}

TEST(a_damaged_backup_is_not_restored)
{
    struct scene scene;
    struct text kept = {0};

    begin(&scene);
    EXPECT_EQ(fixture_run(&scene.fixture, fixture_append(3, 0, 2, 100)), ERROR_NONE);
    flip_byte(arena_printf(&scene.arena, "%s/data.mdb", scene.backup.at).at, 20000);
    EXPECT(!restore(&scene, &kept));
    EXPECT_EQ(scene.err.code, ERROR_RECORD_DAMAGED);
    fixture_reopen(&scene.fixture, (size_t)256 << 20);
    EXPECT_EQ(fixture_run(&scene.fixture, fixture_on_session(STORE_SESSION_READ, 3)), ERROR_NONE);
    end(&scene);
}

TEST(a_restore_that_cannot_keep_what_is_there_leaves_that_alone_and_nothing_beside_it)
{
    static const char *const names[] = {"data.mdb", "token.key", "audit.key"};
    int64_t now_ms = clock_wall_ms();
    struct scene scene;
    struct text kept = {0};

    begin(&scene);
    EXPECT_EQ(fixture_run(&scene.fixture, fixture_append(3, 0, 2, 100)), ERROR_NONE);
    for (int64_t second = 0; second < 60; second++) { /* one of these it wants to make */
        struct text name = backup_name_of(now_ms + second * 1000, &scene.arena);

        CHECK(backup_file_write(
            arena_printf(&scene.arena, "%s/before-restore-%.*s", scene.store.at, TEXT_ARG(name)).at,
            TEXT("in the way"), NULL));
    }
    EXPECT(!restore(&scene, &kept));
    EXPECT_EQ(scene.err.code, ERROR_STORAGE_ERROR);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        EXPECT(!backup_file_exists(
            arena_printf(&scene.arena, "%s/%s.restoring", scene.store.at, names[i]).at));
    fixture_reopen(&scene.fixture, (size_t)256 << 20);
    EXPECT_EQ(fixture_run(&scene.fixture, fixture_on_session(STORE_SESSION_READ, 3)), ERROR_NONE);
    end(&scene);
}

TEST(a_manifest_is_read_as_it_was_written)
{
    struct arena arena = {0};
    struct buffer first = buffer_in(&arena), second = buffer_in(&arena);
    const struct store_table tables[] = {{TEXT("tokens"), 7}, {TEXT("sessions"), 0}};
    const struct backup written = {
        .name = TEXT("one"),
        .version = TEXT("1.2.3"),
        .taken_ms = 1793725200123,
        .transaction = 99,
        .bytes = 4096,
        .sha256 = TEXT("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
        .tables = tables,
        .table_count = 2,
    };
    struct backup read;

    backup_put(&first, &written);
    EXPECT(backup_read(buffer_text(&first), &arena, &read, NULL));
    backup_put(&second, &read);
    EXPECT(text_equal(buffer_text(&first), buffer_text(&second)));
    for (size_t len = 0; len < first.len; len++)
        EXPECT(!backup_read((struct text){first.at, len}, &arena, &read, NULL));
    arena_release(&arena);
}
