/* A store on a disk that fills up, for real: on a small memory file system in a mount namespace of
 * its own. Additions are refused, reads, deletes and revocations work, and when there is room again
 * so do additions, without a restart. Exits with 77 where no such namespace can be had. */
#include "store/store_fixture.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

enum { SKIPPED = 77, DISK_BYTES = 24 << 20, TURN_BYTES = 30000 };

static void write_file(const char *path, const char *line)
{
    int fd = open(path, O_WRONLY);

    if (fd < 0 || write(fd, line, strlen(line)) != (ssize_t)strlen(line))
        exit(SKIPPED);
    close(fd);
}

static void make_disk(const char *at)
{
    unsigned user = getuid(), group = getgid();
    char size[32], users[32], groups[32];

    snprintf(users, sizeof users, "0 %u 1", user);
    snprintf(groups, sizeof groups, "0 %u 1", group);
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
        exit(SKIPPED);
    write_file("/proc/self/setgroups", "deny");
    write_file("/proc/self/uid_map", users);
    write_file("/proc/self/gid_map", groups);
    snprintf(size, sizeof size, "size=%d", DISK_BYTES);
    if (mount("tmpfs", at, "tmpfs", 0, size) != 0)
        exit(SKIPPED);
}

/* Takes so many bytes of the disk, or what is left of it. */
static void eat_disk(const char *path, size_t bytes)
{
    static const char block[4096];
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);

    CHECK(fd >= 0);
    for (; bytes >= sizeof block && write(fd, block, sizeof block) > 0; bytes -= sizeof block)
        ;
    close(fd);
}

static unsigned append_until_full(struct fixture *fixture, unsigned session)
{
    enum error_code code;

    while ((code = fixture_run(fixture, fixture_append(session, 0, 2, TURN_BYTES))) == ERROR_NONE)
        session++;
    CHECK(code == ERROR_STORAGE_FULL);
    return session;
}

static enum error_code put_token(struct fixture *fixture, int64_t revoked_ms)
{
    struct store_command *command = store_command_new(STORE_TOKEN_PUT);

    command->token = (struct token_record){.id = TEXT("tok_1"), .revoked_ms = revoked_ms};
    return fixture_run(fixture, command);
}

int main(void)
{
    char disk[] = "/tmp/pinion-disk-XXXXXX", eater[64];
    struct fixture fixture;
    struct store_census census;
    unsigned count, more;

    CHECK(mkdtemp(disk) != NULL);
    make_disk(disk);
    snprintf(fixture.folder, sizeof fixture.folder, "%s/store", disk);
    snprintf(eater, sizeof eater, "%s/eater", disk);
    fixture_reopen(&fixture, (size_t)1 << 30);
    CHECK(put_token(&fixture, 0) == ERROR_NONE);
    eat_disk(eater, DISK_BYTES / 2);
    count = append_until_full(&fixture, 0);
    eat_disk(eater, SIZE_MAX);
    CHECK(count > 50 && store_stats(fixture.store).usable);
    CHECK(fixture_run(&fixture, fixture_on_session(STORE_SESSION_READ, 0)) == ERROR_NONE);
    CHECK(put_token(&fixture, 1) == ERROR_NONE);
    for (unsigned session = 0; session < count; session += 2)
        CHECK(fixture_run(&fixture, fixture_on_session(STORE_SESSION_DELETE, session)) ==
              ERROR_NONE);
    more = append_until_full(&fixture, count); /* in the pages that were freed */
    CHECK(more - count > count / 4);
    CHECK(fixture_run(&fixture, fixture_on_session(STORE_SESSION_DELETE, 1)) == ERROR_NONE);
    CHECK(store_verify_lmdb(fixture.store, &census, NULL));
    CHECK(census.sessions == more - (count + 1) / 2 - 1);
    CHECK(unlink(eater) == 0);
    CHECK(append_until_full(&fixture, more) > more);
    CHECK(store_stats(fixture.store).usable);
    store_close(fixture.store);
    eat_disk(eater, SIZE_MAX);
    fixture_reopen(&fixture, (size_t)1 << 30); /* a full disk is no reason not to start */
    CHECK(fixture_run(&fixture, fixture_on_session(STORE_SESSION_READ, 3)) == ERROR_NONE);
    CHECK(fixture_run(&fixture, fixture_on_session(STORE_SESSION_DELETE, 3)) == ERROR_NONE);
    store_close(fixture.store);
    printf("disk_full: %u sessions until full, %u more in the room of %u deleted\n", count,
           more - count, (count + 1) / 2);
    CHECK(umount2(disk, MNT_DETACH) == 0);
    rmdir(disk);
    return 0;
}
