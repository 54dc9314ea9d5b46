/* What the system refuses while the store writes groups of commands of every kind (work.h): each
 * call in turn fails once, or from then on: io_errors [stride]. Whatever fails: what was
 * acknowledged is there, what was refused is not, and an input/output error leaves a store that is
 * read and no longer written, until it is opened again. lmdb_fault_test.c has the rest. */
#include "work.h"

#include "store/store_fixture.h"
#include "store/store_impl.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/uio.h>

enum { NEVER = 1 << 30, ROUNDS = 3, MAP_BYTES = 64 << 20 };

static _Atomic int calls_left = NEVER; /* until the one that fails */
static _Atomic int failure;            /* an errno */
static _Atomic bool from_then_on;
static _Atomic int failures;

static int next_failure(void)
{
    int left = atomic_fetch_sub(&calls_left, 1);

    if (left > 1 || (left < 1 && !atomic_load(&from_then_on)))
        return 0;
    atomic_fetch_add(&failures, 1);
    return atomic_load(&failure);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at)
{
    int how = next_failure();

    if (how == 0)
        return syscall(SYS_pwrite64, fd, bytes, count, at);
    errno = how;
    return -1;
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    int how = next_failure();

    if (how == 0)
        return syscall(SYS_writev, fd, parts, count);
    errno = how;
    return -1;
}

int fdatasync(int fd)
{
    int how = next_failure();

    if (how == 0)
        return (int)syscall(SYS_fdatasync, fd);
    errno = how;
    return -1;
}

static void let_fail(int call, int how, bool always)
{
    atomic_store(&failures, 0);
    atomic_store(&failure, how);
    atomic_store(&from_then_on, always);
    atomic_store(&calls_left, call);
}

struct desk {
    struct fixture fixture;
    struct loop *loop;
    size_t waiting;
    uint64_t values[16];
    enum error_code refused; /* the last refusal */
};
struct item {
    struct desk *desk;
    unsigned work;
};

static void stepped(struct store_command *command)
{
    struct item *item = command->context;

    if (command->error.code == ERROR_NONE)
        item->desk->values[item->work]++;
    else
        item->desk->refused = command->error.code;
    item->desk->waiting--;
    store_command_free(command);
}

/* A step of each, all at once; after it was opened again, of those that another can go on with. */
static void step_all(struct desk *desk, bool again)
{
    static struct item items[16];

    for (unsigned work = 0; work < work_count; work++) {
        struct store_command *command;

        if (again && works[work].of_one_process)
            continue;
        command = works[work].step(1, 0, desk->values[work]);
        items[work] = (struct item){desk, work};
        command->loop = desk->loop;
        command->done = stepped;
        command->context = &items[work];
        desk->waiting++;
        store_submit(desk->fixture.store, command);
    }
    while (desk->waiting > 0)
        loop_turn(desk->loop, 1000);
}

static void expect_values(struct desk *desk, const char *when)
{
    for (unsigned work = 0; work < work_count; work++) {
        char why[WORK_WHY_CHARS] = "not what was acknowledged";
        uint64_t value = 0;

        if (works[work].read(desk->fixture.store, 1, 0, &value, why) && value == desk->values[work])
            continue;
        fprintf(stderr, "io_errors: %s at %llu, acknowledged %llu, %s: %s\n", works[work].name,
                (unsigned long long)value, (unsigned long long)desk->values[work], when, why);
        exit(1);
    }
}

/* False when no call has failed any more: all have had their turn. */
static bool suffer(int call, int how, bool always)
{
    struct desk desk = {.loop = loop_open()};
    struct store_census census;
    struct error err = {0};
    bool failed;

    CHECK(desk.loop != NULL);
    fixture_make_folder(&desk.fixture);
    fixture_reopen(&desk.fixture, MAP_BYTES);
    step_all(&desk, false);
    let_fail(call, how, always);
    for (int i = 0; i < ROUNDS; i++)
        step_all(&desk, false);
    failed = atomic_load(&failures) > 0;
    let_fail(NEVER, 0, false);
    if (failed && how == EIO)
        CHECK(desk.refused == ERROR_STORAGE_ERROR && !store_stats(desk.fixture.store).usable);
    if (how == EINTR)
        CHECK(desk.refused == ERROR_NONE);
    expect_values(&desk, "before it is opened again");
    store_close(desk.fixture.store);
    fixture_reopen(&desk.fixture, MAP_BYTES);
    if (!store_verify_lmdb(desk.fixture.store, &census, &err)) {
        fprintf(stderr, "io_errors: call %d: %s: %s\n", call, err.at, err.message);
        exit(1);
    }
    expect_values(&desk, "after it was opened again");
    step_all(&desk, true);
    expect_values(&desk, "after a step more");
    fixture_close(&desk.fixture);
    loop_close(desk.loop);
    return failed;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int how;
        bool always;
    } ways[] = {{"EIO once", EIO, false},
                {"EIO from then on", EIO, true},
                {"ENOSPC once", ENOSPC, false},
                {"ENOSPC from then on", ENOSPC, true},
                {"EINTR once", EINTR, false}};
    int stride = argc > 1 ? atoi(argv[1]) : 1;

    for (size_t i = 0; i < sizeof ways / sizeof *ways && stride > 0; i++) {
        int call = 1;

        while (suffer(call, ways[i].how, ways[i].always))
            call += stride;
        printf("io_errors: %s: %d calls\n", ways[i].name, call - 1);
    }
    return 0;
}
