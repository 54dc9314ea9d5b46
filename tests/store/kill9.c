/* Whether what was acknowledged survives: kill9 [rounds [seed]].
 *
 * A child takes things of every kind (work.h) from step to step as fast as it can, tells each step
 * that was acknowledged through a pipe, and is killed after a random 5 to 100 ms, sometimes while
 * it opens the store. Then the store is opened again, walked whole, and everything the child could
 * have touched is read: it must have come at least as far as was acknowledged, and no further than
 * was under way. At the end all is read. The seed fixes delays and sizes. */
#include "work.h"

#include "base/check.h"
#include "base/clock.h"
#include "store/store_impl.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SLOTS = 4, WORKS_MAX = 16, THINGS_MAX = 16384, ROUNDS_MAX = 100000 };

static uint64_t seed;
static uint64_t acknowledged[WORKS_MAX][THINGS_MAX]; /* values */
static uint32_t open_us[ROUNDS_MAX];

static _Noreturn void lost(const char *what, unsigned work, unsigned thing, uint64_t value)
{
    fprintf(stderr, "kill9: %s %u, value %llu: %s (seed %llu)\n", works[work].name, thing,
            (unsigned long long)value, what, (unsigned long long)seed);
    exit(1);
}

/* --- the child -----------------------------------------------------------------------------------
 */

/* Each slot has one thing of one kind in work, the next when that has come to its end. */
struct slot {
    struct store *store;
    struct loop *loop;
    unsigned work, thing;
    uint64_t value;
    int tell;
};
struct told {
    uint32_t work, thing;
    uint64_t value;
};

static void step(struct slot *slot);

static void stepped(struct store_command *command)
{
    struct slot *slot = command->context;
    struct told told;

    if (command->error.code != ERROR_NONE)
        lost(command->error.message, slot->work, slot->thing, slot->value);
    slot->value++;
    store_command_free(command);
    told = (struct told){slot->work, slot->thing, slot->value};
    CHECK(write(slot->tell, &told, sizeof told) == (ssize_t)sizeof told);
    if (slot->value == works[slot->work].most) {
        slot->thing += SLOTS;
        slot->value = 0;
    }
    CHECK(slot->thing < THINGS_MAX);
    step(slot);
}

static void step(struct slot *slot)
{
    struct store_command *command = works[slot->work].step(seed, slot->thing, slot->value);

    command->loop = slot->loop;
    command->done = stepped;
    command->context = slot;
    store_submit(slot->store, command);
}

static uint64_t read_value(struct store *store, unsigned work, unsigned thing)
{
    char why[WORK_WHY_CHARS];
    uint64_t value;

    if (!works[work].read(store, seed, thing, &value, why))
        lost(why, work, thing, acknowledged[work][thing]);
    return value;
}

static _Noreturn void fail(const struct error *err)
{
    fprintf(stderr, "kill9: %s: %s (seed %llu)\n", err->at, err->message, (unsigned long long)seed);
    exit(1);
}

static struct store *open_store(const char *folder)
{
    struct error err = {0};
    struct store *store = store_open_lmdb_sized(text_of(folder), (size_t)8 << 30, &err);

    if (store == NULL)
        fail(&err);
    work_recover(store);
    return store;
}

/* Every slot goes on where the last one acknowledged, or stored, left it. */
static _Noreturn void run_child(const char *folder, int tell)
{
    static struct slot slots[WORKS_MAX][SLOTS];
    struct store *store = open_store(folder);
    struct loop *loop = loop_open();

    CHECK(loop != NULL);
    for (unsigned work = 0; work < work_count; work++)
        for (unsigned i = 0; i < SLOTS; i++) {
            struct slot *slot = &slots[work][i];

            *slot = (struct slot){store, loop, work, i, 0, tell};
            while (acknowledged[work][slot->thing] == works[work].most ||
                   (acknowledged[work][slot->thing] > 0 && works[work].of_one_process))
                slot->thing += SLOTS;
            slot->value = read_value(store, work, slot->thing);
            if (slot->value == works[work].most ||
                (slot->value > 0 && works[work].of_one_process)) {
                slot->thing += SLOTS;
                slot->value = 0;
            }
            step(slot);
        }
    for (;;)
        loop_turn(loop, 1000);
}

/* --- the parent ----------------------------------------------------------------------------------
 */

/* Gives the number of steps acknowledged. */
static uint64_t collect(int from)
{
    struct told told;
    uint64_t count = 0;
    ssize_t got;

    while ((got = read(from, &told, sizeof told)) == (ssize_t)sizeof told) {
        CHECK(told.work < work_count && told.thing < THINGS_MAX);
        if (told.value != acknowledged[told.work][told.thing] + 1)
            lost("acknowledged out of order", told.work, told.thing, told.value);
        acknowledged[told.work][told.thing] = told.value;
        count++;
    }
    CHECK(got == 0);
    return count;
}

static void check_thing(struct store *store, unsigned work, unsigned thing)
{
    uint64_t value = read_value(store, work, thing), least = acknowledged[work][thing];

    if (value < least)
        lost("what was acknowledged is gone", work, thing, value);
    if (value > least + 1)
        lost("there is more than was ever under way", work, thing, value);
    acknowledged[work][thing] = value; /* it was stored, so it may not be lost later either */
}

static void check_store(struct store *store, bool all)
{
    struct store_census census;
    struct error err = {0};

    if (!store_verify_lmdb(store, &census, &err))
        fail(&err);
    for (unsigned work = 0; work < work_count; work++)
        for (unsigned thing = 0; thing < THINGS_MAX; thing++) {
            bool begun = thing < SLOTS || acknowledged[work][thing - SLOTS] > 0;
            bool over = thing + SLOTS < THINGS_MAX && acknowledged[work][thing + SLOTS] > 0;

            if (begun && (all || !over))
                check_thing(store, work, thing);
        }
}

static uint64_t run_round(const char *folder, unsigned round)
{
    uint64_t delay_us = 5000 + work_mix(seed + round) % 95000, begin_us, count;
    struct timespec delay = {0, (long)delay_us * 1000};
    struct store *store;
    int ends[2], status;
    pid_t child;

    CHECK(pipe(ends) == 0);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        close(ends[0]);
        run_child(folder, ends[1]);
    }
    close(ends[1]);
    CHECK(fcntl(ends[0], F_SETPIPE_SZ, 1 << 20) > 0);
    nanosleep(&delay, NULL);
    kill(child, SIGKILL);
    count = collect(ends[0]);
    close(ends[0]);
    CHECK(waitpid(child, &status, 0) == child);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
        exit(1); /* it has said why */
    begin_us = clock_monotonic_us();
    store = open_store(folder);
    open_us[round] = (uint32_t)(clock_monotonic_us() - begin_us);
    check_store(store, false);
    store_close(store);
    return count;
}

static int by_size(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return left < right ? -1 : left > right;
}

static void finish(const char *folder, unsigned rounds, uint64_t steps)
{
    struct store *store = open_store(folder);

    check_store(store, true);
    qsort(open_us, rounds, sizeof *open_us, by_size);
    printf("kill9: %u rounds, %llu steps acknowledged, none lost; ready after p50 %u us, max %u "
           "us; store %llu MiB\n",
           rounds, (unsigned long long)steps, open_us[rounds / 2], open_us[rounds - 1],
           (unsigned long long)(store_stats(store).used_bytes >> 20));
    store_close(store);
}

/* The store's folder holds files only. */
static void remove_folder(const char *folder)
{
    DIR *list = opendir(folder);
    struct dirent *entry;

    CHECK(list != NULL);
    while ((entry = readdir(list)) != NULL)
        unlinkat(dirfd(list), entry->d_name, 0);
    closedir(list);
    rmdir(folder);
}

int main(int argc, char **argv)
{
    char folder[] = "/tmp/pinion-kill9-XXXXXX";
    unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 30;
    uint64_t steps = 0;

    CHECK(work_count <= WORKS_MAX);
    seed = argc > 2 ? strtoull(argv[2], NULL, 10) : clock_monotonic_us();
    if (rounds == 0 || rounds > ROUNDS_MAX || mkdtemp(folder) == NULL) {
        fprintf(stderr, "kill9 [rounds [seed]], at most %d rounds\n", ROUNDS_MAX);
        return 2;
    }
    for (unsigned round = 0; round < rounds; round++)
        steps += run_round(folder, round);
    finish(folder, rounds, steps);
    remove_folder(folder);
    return 0;
}
