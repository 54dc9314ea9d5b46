/* bench_budget FOLDER [SECONDS [THREADS [HOLDS]]]: how many pairs of hold and settle a store in
 * FOLDER carries, and what a hold adds to a call.
 *
 * Each thread is a worker as the gateway has them: up to HOLDS calls hold at once, each against the
 * organisation (no limit) and one endpoint (a limit that is not reached), day and month each; a
 * settlement goes into a page of the worker's ledger, which goes to the store as one command every
 * 50 ms. "covered" are holds that no disk was waited for; "waited" those that a lease was asked for
 * first, or that came while one was under way. `cold` begins a new account with every hold, so that
 * no lease ever covers it: that is the price of the disk, to be compared with `commit`, a lone
 * write to the same store. */
#include "base/check.h"
#include "base/clock.h"
#include "budget/budgets.h"
#include "gateway/ledger_page.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { THREADS_MAX = 64, HOLDS_MAX = 4096, SAMPLES_MAX = 1 << 22, PAGE_MS = 50 };

struct samples {
    uint32_t *ns_or_us;
    size_t count;
};
struct run {
    struct store *store;
    struct budgets *budgets;
    uint64_t until_us;
    size_t holds;
    bool cold;
};
static _Atomic uint64_t accounts; /* that were begun cold */

struct caller;
struct thread {
    struct run *run;
    unsigned number;
    pthread_t id;
    struct loop *loop;
    struct ledger_page *page;
    uint64_t page_due_ms;
    size_t flying, waiting;
    uint64_t pairs;
    struct samples covered_ns, waited_us;
    struct caller *callers;
};
struct caller {
    struct budget_waiter waiter; /* first */
    struct thread *thread;
    struct budget_hold hold;
    enum { CALLER_FREE, CALLER_WAITS, CALLER_HOLDS } state;
    uint64_t began_ns;
    char account[48];
};

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void add(struct samples *samples, uint64_t value)
{
    if (samples->count < SAMPLES_MAX)
        samples->ns_or_us[samples->count++] = (uint32_t)value;
}

static void written(struct store_command *command)
{
    ((struct thread *)command->context)->flying--;
    CHECK(command->error.code == ERROR_NONE);
    store_command_free(command);
}

static void hand_over(struct thread *thread)
{
    struct store_command *command;

    if (thread->page == NULL)
        return;
    command = ledger_page_close(thread->page, 0);
    thread->page = NULL;
    command->loop = thread->loop;
    command->done = written;
    command->context = thread;
    thread->flying++;
    store_submit(thread->run->store, command);
}

static void settle(struct caller *caller)
{
    struct thread *thread = caller->thread;
    struct budget_crossing crossings[BUDGET_CLAIMS_MAX];
    uint64_t now_ms = clock_monotonic_ms();

    if (thread->page == NULL) {
        thread->page = ledger_page_new();
        thread->page_due_ms = now_ms + PAGE_MS;
    }
    for (size_t i = 0; i < caller->hold.count; i++)
        ledger_page_settle(thread->page, budget_part_key(&caller->hold.parts[i]), 700000);
    budgets_settle(thread->run->budgets, &caller->hold, 700000, crossings);
    thread->pairs++;
    if (now_ms >= thread->page_due_ms && thread->flying == 0)
        hand_over(thread);
}

static void ready(struct budget_waiter *waiter)
{
    struct caller *caller = (struct caller *)waiter;

    CHECK(!waiter->refused);
    caller->thread->waiting--;
    caller->state = CALLER_HOLDS;
    add(&caller->thread->waited_us, (now_ns() - caller->began_ns) / 1000);
}

static void hold(struct caller *caller)
{
    struct thread *thread = caller->thread;
    struct run *run = thread->run;
    struct budget_claim claims[] = {
        {.account = TEXT("organisation"), .kind = PERIOD_DAY, .limit = STORE_BUDGET_UNLIMITED},
        {.account = TEXT("organisation"), .kind = PERIOD_MONTH, .limit = STORE_BUDGET_UNLIMITED},
        {.account = text_of(caller->account), .kind = PERIOD_DAY, .limit = INT64_MAX / 4},
        {.account = text_of(caller->account), .kind = PERIOD_MONTH, .limit = INT64_MAX / 4}};
    struct budget_refusal refusal;
    int64_t wall_ms = clock_wall_ms();

    snprintf(caller->account, sizeof caller->account, "endpoint/slug-%u-%llu", thread->number,
             run->cold ? (unsigned long long)++accounts : 0ULL);
    claims[2].account = claims[3].account = text_of(caller->account);
    caller->began_ns = now_ns();
    budgets_open(run->budgets, &caller->hold, claims, 4, NULL, TEXT(""), wall_ms);
    caller->waiter = (struct budget_waiter){.loop = thread->loop, .ready = ready};
    switch (budgets_hold(run->budgets, &caller->hold, 1000000, &caller->waiter, &refusal)) {
    case BUDGET_HELD:
        add(&thread->covered_ns, now_ns() - caller->began_ns);
        caller->state = CALLER_HOLDS;
        return;
    case BUDGET_WAITS:
        caller->state = CALLER_WAITS;
        thread->waiting++;
        return;
    case BUDGET_REFUSED:
        fprintf(stderr, "refused: %s\n", refusal.error.message);
        exit(1);
    }
}

/* Callers take turns, so that as many hold at once as there are. */
static void *work(void *context)
{
    struct thread *thread = context;
    struct run *run = thread->run;

    while (clock_monotonic_us() < run->until_us) {
        for (size_t i = 0; i < run->holds; i++) {
            struct caller *caller = &thread->callers[i];

            if (caller->state == CALLER_WAITS)
                continue;
            if (caller->state == CALLER_HOLDS)
                settle(caller);
            hold(caller);
        }
        loop_turn(thread->loop, thread->waiting == run->holds ? 1000 : 0);
    }
    while (thread->waiting > 0)
        loop_turn(thread->loop, 1000);
    for (size_t i = 0; i < run->holds; i++)
        if (thread->callers[i].state == CALLER_HOLDS)
            settle(&thread->callers[i]);
    hand_over(thread);
    while (thread->flying > 0)
        loop_turn(thread->loop, 1000);
    return NULL;
}

static int by_size(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return left < right ? -1 : left > right;
}

static uint32_t at(const struct samples *samples, double part)
{
    return samples->count == 0 ? 0
                               : samples->ns_or_us[(size_t)((double)(samples->count - 1) * part)];
}

static void measure(struct run *run, const char *what, size_t threads, size_t holds, double seconds)
{
    static struct thread all[THREADS_MAX];
    struct samples covered = {calloc(SAMPLES_MAX * threads, sizeof(uint32_t)), 0};
    struct samples waited = {calloc(SAMPLES_MAX * threads, sizeof(uint32_t)), 0};
    uint64_t begin_us = clock_monotonic_us(), pairs = 0;
    uint64_t commits = store_stats(run->store).commits;
    double took_s;

    run->holds = holds;
    run->until_us = begin_us + (uint64_t)(seconds * 1e6);
    for (size_t i = 0; i < threads; i++) {
        all[i] = (struct thread){.run = run, .number = (unsigned)i, .loop = loop_open()};
        all[i].covered_ns.ns_or_us = calloc(SAMPLES_MAX, sizeof(uint32_t));
        all[i].waited_us.ns_or_us = calloc(SAMPLES_MAX, sizeof(uint32_t));
        all[i].callers = calloc(holds, sizeof *all[i].callers);
        for (size_t c = 0; c < holds; c++)
            all[i].callers[c].thread = &all[i];
        pthread_create(&all[i].id, NULL, work, &all[i]);
    }
    for (size_t i = 0; i < threads; i++) {
        struct thread *thread = &all[i];

        pthread_join(thread->id, NULL);
        memcpy(covered.ns_or_us + covered.count, thread->covered_ns.ns_or_us,
               thread->covered_ns.count * sizeof(uint32_t));
        covered.count += thread->covered_ns.count;
        memcpy(waited.ns_or_us + waited.count, thread->waited_us.ns_or_us,
               thread->waited_us.count * sizeof(uint32_t));
        waited.count += thread->waited_us.count;
        pairs += thread->pairs;
        free(thread->covered_ns.ns_or_us);
        free(thread->waited_us.ns_or_us);
        free(thread->callers);
        loop_close(thread->loop);
    }
    took_s = (double)(clock_monotonic_us() - begin_us) / 1e6;
    commits = store_stats(run->store).commits - commits;
    qsort(covered.ns_or_us, covered.count, sizeof(uint32_t), by_size);
    qsort(waited.ns_or_us, waited.count, sizeof(uint32_t), by_size);
    printf(
        "%-10s %zu threads, %4zu at once: %9.0f pairs/s, %4.0f commits/s; covered %zu, ns p50 %u "
        "p99 %u; waited %zu, us p50 %u p99 %u\n",
        what, threads, holds, (double)pairs / took_s, (double)commits / took_s, covered.count,
        at(&covered, 0.5), at(&covered, 0.99), waited.count, at(&waited, 0.5), at(&waited, 0.99));
    free(covered.ns_or_us);
    free(waited.ns_or_us);
}

/* One durable write after the other, each waited for. */
static void measure_commits(struct run *run, double seconds)
{
    struct samples samples = {calloc(SAMPLES_MAX, sizeof(uint32_t)), 0};
    uint64_t until_us = clock_monotonic_us() + (uint64_t)(seconds * 1e6);

    while (clock_monotonic_us() < until_us) {
        struct store_command *command = store_command_new(STORE_BUDGET_LEASE);
        uint64_t began_ns = now_ns();

        command->orders = ARENA_NEW(&command->arena, struct budget_order);
        *command->orders = (struct budget_order){
            .key = TEXT("commit/2026-11"), .need = 1, .want = 1, .limit = STORE_BUDGET_UNLIMITED};
        command->order_count = 1;
        store_wait(run->store, command);
        add(&samples, (now_ns() - began_ns) / 1000);
        store_command_free(command);
    }
    qsort(samples.ns_or_us, samples.count, sizeof(uint32_t), by_size);
    printf("%-10s one after the other: us min %u p50 %u p99 %u\n", "commit", at(&samples, 0),
           at(&samples, 0.5), at(&samples, 0.99));
    free(samples.ns_or_us);
}

int main(int argc, char **argv)
{
    double seconds = argc > 2 ? atof(argv[2]) : 3;
    size_t threads = argc > 3 ? (size_t)atoi(argv[3]) : 2;
    size_t holds = argc > 4 ? (size_t)atoi(argv[4]) : 64;
    struct run run = {0};
    struct error err = {0};

    if (argc < 2 || threads < 1 || threads > THREADS_MAX || holds < 1 || holds > HOLDS_MAX) {
        fprintf(stderr, "usage: bench_budget FOLDER [SECONDS [THREADS [HOLDS]]]\n");
        return 2;
    }
    run.store = store_open_lmdb(text_of(argv[1]), &err);
    if (run.store == NULL) {
        fprintf(stderr, "%s: %s\n", err.at, err.message);
        return 1;
    }
    run.budgets = budgets_new(run.store);
    measure_commits(&run, seconds);
    measure(&run, "steady", threads, holds, seconds);
    measure(&run, "lone", 1, 1, seconds);
    run.cold = true;
    measure(&run, "cold", threads, holds, seconds);
    measure(&run, "cold lone", 1, 1, seconds);
    measure_commits(&run, seconds);
    budgets_close(run.budgets);
    store_close(run.store);
    return 0;
}
