/* How fast the store is: measure [folder [seconds]]. Appends of a turn of two messages of 400
 * bytes, to sessions of their own, each asked for in a loop as a worker does: one at a time, then
 * 64 and 256 at once, then reads of a session of 20 messages. */
#include "base/check.h"
#include "base/clock.h"
#include "store/store_impl.h"

#include <stdio.h>
#include <stdlib.h>

enum { FLIGHT_MAX = 256, SAMPLES_MAX = 1 << 20, TURN_BYTES = 400 };

struct asker {
    struct run *run;
    char id[31];
    uint64_t revision;
    uint64_t asked_us;
};

struct run {
    struct store *store;
    struct loop *loop;
    struct asker askers[FLIGHT_MAX];
    uint32_t *samples_us;
    size_t sample_count, waiting;
    uint64_t until_us;
    bool reading;
};

static void ask(struct asker *asker);

static void answered(struct store_command *command)
{
    struct asker *asker = command->context;
    struct run *run = asker->run;
    uint64_t now_us = clock_monotonic_us();

    CHECK(command->error.code == ERROR_NONE);
    asker->revision = command->revision;
    if (run->sample_count < SAMPLES_MAX)
        run->samples_us[run->sample_count++] = (uint32_t)(now_us - asker->asked_us);
    store_command_free(command);
    run->waiting--;
    if (now_us < run->until_us)
        ask(asker);
}

static void ask(struct asker *asker)
{
    static char words[TURN_BYTES];
    struct run *run = asker->run;
    struct store_command *command =
        store_command_new(run->reading ? STORE_SESSION_READ : STORE_SESSION_APPEND);
    struct chat_message *turn = ARENA_ARRAY(&command->arena, struct chat_message, 2);

    memset(words, 'w', sizeof words);
    turn[0] = (struct chat_message){.role = CHAT_USER, .text = {words, sizeof words}};
    turn[1] = (struct chat_message){.role = CHAT_ASSISTANT, .text = {words, sizeof words}};
    command->session.id = text_of(asker->id);
    if (!run->reading) {
        command->session.endpoint = TEXT("summarize");
        command->session.token_id = TEXT("tok_00000000000000000000000001");
        command->session.expires_ms = 2000000000000 + (int64_t)asker->revision;
        command->session.revision = asker->revision;
        command->session.messages = turn;
        command->session.message_count = 2;
        command->keep_messages = 20;
    }
    command->loop = run->loop;
    command->done = answered;
    command->context = asker;
    asker->asked_us = clock_monotonic_us();
    run->waiting++;
    store_submit(run->store, command);
}

static int by_size(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return left < right ? -1 : left > right;
}

static void measure(struct run *run, const char *what, size_t flight, double seconds)
{
    uint64_t begin_us = clock_monotonic_us(), commits = store_stats(run->store).commits;
    double took_s;

    run->sample_count = 0;
    run->until_us = begin_us + (uint64_t)(seconds * 1e6);
    for (size_t i = 0; i < flight; i++)
        ask(&run->askers[i]);
    while (run->waiting > 0)
        loop_turn(run->loop, 1000);
    took_s = (double)(clock_monotonic_us() - begin_us) / 1e6;
    commits = store_stats(run->store).commits - commits;
    qsort(run->samples_us, run->sample_count, sizeof *run->samples_us, by_size);
    printf("%-8s %3zu in flight: %8.0f/s, %6.0f commits/s, latency us p50 %u, p99 %u, max %u\n",
           what, flight, (double)run->sample_count / took_s, (double)commits / took_s,
           run->samples_us[run->sample_count / 2], run->samples_us[run->sample_count * 99 / 100],
           run->samples_us[run->sample_count - 1]);
}

int main(int argc, char **argv)
{
    char folder[] = "/tmp/pinion-measure-XXXXXX";
    struct run run = {0};
    struct error err = {0};
    double seconds = argc > 2 ? atof(argv[2]) : 3;

    if (argc <= 1 && mkdtemp(folder) == NULL)
        return 1;
    run.store = store_open_lmdb(text_of(argc > 1 ? argv[1] : folder), &err);
    if (run.store == NULL) {
        fprintf(stderr, "%s: %s\n", err.at, err.message);
        return 1;
    }
    run.loop = loop_open();
    run.samples_us = calloc(SAMPLES_MAX, sizeof *run.samples_us);
    CHECK(run.loop != NULL && run.samples_us != NULL);
    for (unsigned i = 0; i < FLIGHT_MAX; i++) {
        run.askers[i].run = &run;
        snprintf(run.askers[i].id, sizeof run.askers[i].id, "ses_%026u", i);
    }
    measure(&run, "append", 1, seconds);
    measure(&run, "append", 64, seconds);
    measure(&run, "append", 256, seconds);
    run.reading = true;
    measure(&run, "read", 1, seconds);
    measure(&run, "read", 64, seconds);
    store_close(run.store);
    loop_close(run.loop);
    free(run.samples_us);
    return 0;
}
