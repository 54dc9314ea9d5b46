/* What the system refuses while the store writes: every call fails once, or from then on. The
 * functions that LMDB writes and syncs with are defined here, in front of the C library's. */
#include "store/store_fixture.h"

#include "unit.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/uio.h>

enum { NEVER_FAIL = 1 << 30, CUT_SHORT = -1, APPENDS = 3 };

static _Atomic int calls_left = NEVER_FAIL; /* until the one that fails */
static _Atomic int failure;                 /* an errno, or CUT_SHORT */
static _Atomic bool always;
static _Atomic int failures;

/* 0, or how this call is to fail. */
static int next_failure(void)
{
    int left = atomic_fetch_sub(&calls_left, 1);

    if (left > 1 || (left < 1 && !atomic_load(&always)))
        return 0;
    atomic_fetch_add(&failures, 1);
    return atomic_load(&failure);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at)
{
    int how = next_failure();

    if (how > 0) {
        errno = how;
        return -1;
    }
    return syscall(SYS_pwrite64, fd, bytes, how == CUT_SHORT ? count / 2 : count, at);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    int how = next_failure();

    if (how > 0) {
        errno = how;
        return -1;
    }
    if (how == CUT_SHORT)
        return syscall(SYS_write, fd, parts[0].iov_base, parts[0].iov_len / 2);
    return syscall(SYS_writev, fd, parts, count);
}

int fdatasync(int fd)
{
    int how = next_failure();

    if (how > 0) {
        errno = how;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, fd);
}

static void let_fail(int call, int how, bool from_then_on)
{
    atomic_store(&failures, 0);
    atomic_store(&failure, how);
    atomic_store(&always, from_then_on);
    atomic_store(&calls_left, call);
}

static void fail_no_more(void)
{
    atomic_store(&always, false);
    atomic_store(&calls_left, NEVER_FAIL);
}

/* The revision a session is read at; its words are checked by their number. */
static uint64_t revision_of(struct fixture *fixture)
{
    struct store_command *command = fixture_on_session(STORE_SESSION_READ, 1);
    uint64_t revision;

    store_wait(fixture->store, command);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    revision = command->session.revision;
    EXPECT_EQ(command->session.message_count, 2 * revision);
    store_command_free(command);
    return revision;
}

struct outcome {
    enum error_code codes[APPENDS];
    uint64_t acknowledged; /* revision */
    bool failed, usable;
    uint64_t stored, reopened; /* revisions, before closing and after opening again */
    enum error_code after;     /* of an append once nothing fails any more */
};

/* Three appends while calls fail, one when they do not any more, and a look at what is left. */
static struct outcome suffer(int call, int how, bool from_then_on)
{
    struct fixture fixture;
    struct outcome outcome = {.acknowledged = 1};
    struct store_census census;
    struct error err = {0};

    fixture_open(&fixture);
    EXPECT_EQ(fixture_run(&fixture, fixture_append(1, 0, 2, 50)), ERROR_NONE);
    let_fail(call, how, from_then_on);
    for (int i = 0; i < APPENDS; i++) {
        outcome.codes[i] = fixture_run(&fixture, fixture_append(1, outcome.acknowledged, 2, 5000));
        outcome.acknowledged += outcome.codes[i] == ERROR_NONE;
    }
    outcome.failed = atomic_load(&failures) > 0;
    fail_no_more();
    outcome.usable = store_stats(fixture.store).usable;
    outcome.stored = revision_of(&fixture);
    outcome.after = fixture_run(&fixture, fixture_append(1, outcome.stored, 2, 50));
    store_close(fixture.store);
    fixture_reopen(&fixture, (size_t)256 << 20);
    outcome.reopened = revision_of(&fixture);
    EXPECT(store_verify_lmdb(fixture.store, &census, &err));
    EXPECT_EQ(fixture_run(&fixture, fixture_append(1, outcome.reopened, 2, 50)), ERROR_NONE);
    fixture_close(&fixture);
    return outcome;
}

/* Lets each call of the three appends fail in turn; returns how many there were. */
static int sweep(int how, bool from_then_on, void (*expect)(const struct outcome *outcome))
{
    for (int call = 1;; call++) {
        struct outcome outcome = suffer(call, how, from_then_on);

        EXPECT(outcome.stored >= outcome.acknowledged);
        EXPECT_EQ(outcome.reopened, outcome.stored + (outcome.after == ERROR_NONE));
        if (!outcome.failed)
            return call - 1;
        expect(&outcome);
    }
}

static void expect_read_only(const struct outcome *outcome)
{
    bool failed = false;

    for (int i = 0; i < APPENDS; i++) {
        failed |= outcome->codes[i] != ERROR_NONE;
        EXPECT_EQ(outcome->codes[i], failed ? ERROR_STORAGE_ERROR : ERROR_NONE);
    }
    EXPECT(failed);
    EXPECT(!outcome->usable);
    EXPECT_EQ(outcome->after, ERROR_STORAGE_ERROR);
    EXPECT_EQ(outcome->stored, outcome->acknowledged);
}

TEST(an_input_output_error_makes_the_store_read_only_and_loses_nothing)
{
    EXPECT(sweep(EIO, false, expect_read_only) >= 3 * APPENDS);
    sweep(EIO, true, expect_read_only);
}

/* A full disk does not refuse to overwrite the page that says where the data is; should it, LMDB
 * cannot be written any more, and the store is read-only as after any error. */
static void expect_full(const struct outcome *outcome)
{
    bool failed = false;

    for (int i = 0; i < APPENDS; i++) {
        enum error_code code = outcome->codes[i];

        EXPECT(code == ERROR_NONE || code == ERROR_STORAGE_FULL ||
               (code == ERROR_STORAGE_ERROR && failed && !outcome->usable));
        failed |= code != ERROR_NONE;
    }
    EXPECT(failed);
    EXPECT_EQ(outcome->stored, outcome->acknowledged);
    EXPECT_EQ(outcome->after, outcome->usable ? ERROR_NONE : ERROR_STORAGE_ERROR);
}

TEST(a_full_disk_refuses_until_there_is_room_again)
{
    struct outcome first;

    sweep(ENOSPC, false, expect_full);
    sweep(ENOSPC, true, expect_full);
    first = suffer(1, ENOSPC, false);
    EXPECT_EQ(first.codes[0], ERROR_STORAGE_FULL);
    EXPECT_EQ(first.codes[1], ERROR_NONE);
    EXPECT(first.usable);
}

static void expect_nothing(const struct outcome *outcome)
{
    EXPECT_EQ(outcome->acknowledged, 1 + APPENDS);
    EXPECT(outcome->usable);
    EXPECT_EQ(outcome->after, ERROR_NONE);
}

TEST(an_interrupted_call_is_made_again)
{
    sweep(EINTR, false, expect_nothing);
}

TEST(a_write_that_was_cut_short_is_never_a_success)
{
    for (int call = 1; call < 40; call++)
        suffer(call, CUT_SHORT, false);
}
