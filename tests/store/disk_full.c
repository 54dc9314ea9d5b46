/* A store on a disk that fills up, for real: on a small memory file system in a mount namespace of
 * its own. Additions are refused: turns, tokens, leases, rows of the log. Reads, deletes, audited
 * revocations and the settling of calls under way go on, and when there is room again so does all,
 * without a restart. Exits with 77 where no such namespace can be had. */
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

/* A new token of some size, or the revocation of the first. */
static enum error_code put_token(struct fixture *fixture, unsigned number, int64_t revoked_ms)
{
    struct store_command *command = store_command_new(STORE_TOKEN_PUT);
    char *name = arena_bytes(&command->arena, 3000);

    memset(name, 'n', 3000);
    command->token = (struct token_record){.id = arena_printf(&command->arena, "tok_%u", number),
                                           .name = {name, 3000},
                                           .revoked_ms = revoked_ms};
    command->audit = audit_event_copy(
        &command->arena,
        &(struct audit_event){.action = revoked_ms != 0 ? AUDIT_TOKEN_REVOKE : AUDIT_TOKEN_CREATE,
                              .object = command->token.id});
    return fixture_run(fixture, command);
}

static enum error_code order(struct fixture *fixture, enum store_kind kind, unsigned number)
{
    struct store_command *command = store_command_new(kind);

    command->orders = ARENA_NEW(&command->arena, struct budget_order);
    command->order_count = 1;
    *command->orders =
        (struct budget_order){.key = arena_printf(&command->arena, "endpoint/e%u/2026-11", number),
                              .need = 10,
                              .want = 10,
                              .limit = STORE_BUDGET_UNLIMITED};
    return fixture_run(fixture, command);
}

/* Settles a call, with a long row in the log or, as a worker does that is told there is no room for
 * it, without. */
static enum error_code settle(struct fixture *fixture, bool with_row)
{
    struct store_command *command = store_command_new(STORE_LEDGER_APPEND);
    struct ledger_entries *ledger = ARENA_NEW(&command->arena, struct ledger_entries);
    struct budget_settlement *settlement = ARENA_NEW(&command->arena, struct budget_settlement);
    struct buffer rows = buffer_in(&command->arena);
    size_t row = log_row_begin(&rows);

    for (int i = 0; i < TURN_BYTES; i++)
        buffer_put_byte(&rows, 'r');
    log_row_end(&rows, row, 1, 1, 200);
    *settlement = (struct budget_settlement){TEXT("endpoint/e0/2026-11"), 1};
    *ledger = (struct ledger_entries){.settlements = settlement, .settlement_count = 1};
    if (with_row) {
        ledger->rows = buffer_text(&rows);
        ledger->row_count = 1;
    }
    command->ledger = ledger;
    return fixture_run(fixture, command);
}

static struct budget_record budget(struct fixture *fixture)
{
    struct store_command *command = store_command_new(STORE_BUDGET_LIST);
    struct budget_record record;

    command->prefix = TEXT("endpoint/e0/");
    store_wait(fixture->store, command);
    CHECK(command->error.code == ERROR_NONE && command->budget_count == 1);
    record = command->budgets[0];
    store_command_free(command);
    return record;
}

static void expect_additions(struct fixture *fixture, unsigned number)
{
    CHECK(put_token(fixture, number, 0) == ERROR_NONE);
    CHECK(order(fixture, STORE_BUDGET_LEASE, number) == ERROR_NONE);
    CHECK(settle(fixture, true) == ERROR_NONE);
}

/* Additions of every kind end in a refusal, however small they are; gives a number never used. */
static unsigned add_until_full(struct fixture *fixture, unsigned number)
{
    enum error_code code;

    while ((code = settle(fixture, true)) == ERROR_NONE)
        ;
    CHECK(code == ERROR_STORAGE_FULL);
    while ((code = put_token(fixture, number++, 0)) == ERROR_NONE)
        ;
    CHECK(code == ERROR_STORAGE_FULL);
    while ((code = order(fixture, STORE_BUDGET_LEASE, number++)) == ERROR_NONE)
        ;
    CHECK(code == ERROR_STORAGE_FULL);
    return number;
}

/* What must go on goes on, over and over. */
static void expect_the_rest(struct fixture *fixture)
{
    struct budget_record before = budget(fixture);

    for (int i = 0; i < 200; i++) {
        CHECK(settle(fixture, false) == ERROR_NONE);
        CHECK(put_token(fixture, 0, 1 + i) == ERROR_NONE);
    }
    CHECK(budget(fixture).settled == before.settled + 200);
    CHECK(order(fixture, STORE_BUDGET_RETURN, 0) == ERROR_NONE);
    CHECK(budget(fixture).open == before.open - 210);
}

int main(void)
{
    char disk[] = "/tmp/pinion-disk-XXXXXX", eater[64];
    struct fixture fixture;
    struct store_census census;
    unsigned count, more, number;

    CHECK(mkdtemp(disk) != NULL);
    make_disk(disk);
    snprintf(fixture.folder, sizeof fixture.folder, "%s/store", disk);
    snprintf(eater, sizeof eater, "%s/eater", disk);
    fixture_reopen(&fixture, (size_t)1 << 30);
    for (number = 0; number < 50; number++)
        expect_additions(&fixture, number);
    eat_disk(eater, DISK_BYTES / 2);
    count = append_until_full(&fixture, 0);
    eat_disk(eater, SIZE_MAX);
    CHECK(count > 50 && store_stats(fixture.store).usable);
    CHECK(fixture_run(&fixture, fixture_on_session(STORE_SESSION_READ, 0)) == ERROR_NONE);
    number = add_until_full(&fixture, number);
    expect_the_rest(&fixture);
    for (unsigned session = 0; session < count; session += 2)
        CHECK(fixture_run(&fixture, fixture_on_session(STORE_SESSION_DELETE, session)) ==
              ERROR_NONE);
    more = append_until_full(&fixture, count); /* in the pages that were freed */
    CHECK(more - count > count / 4);
    CHECK(fixture_run(&fixture, fixture_on_session(STORE_SESSION_DELETE, 1)) == ERROR_NONE);
    CHECK(store_verify_lmdb(fixture.store, &census, NULL));
    CHECK(census.sessions == more - (count + 1) / 2 - 1);
    CHECK(unlink(eater) == 0);
    expect_additions(&fixture, number);
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
