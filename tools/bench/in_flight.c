/* The transport alone: keeps calls in flight to a provider over one loop, each started again when
 * it is done, and says what they waited and cost: in_flight [http|https]://HOST:PORT CALLS SECONDS
 * [CA-FILE]. The first answers of all calls, which have to connect, are counted apart. */
#include "base/check.h"
#include "base/clock.h"
#include "transport/transport.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { CALLS_MAX = 100000, SECONDS_MAX = 600, SAMPLES_MAX = 20000000, PATIENCE_MS = 60000 };

struct times {
    uint32_t *us;
    size_t count;
};

struct bench {
    struct loop *loop;
    struct transport *transport;
    struct provider provider;
    struct wire_request wire;
    struct call *calls;
    size_t call_count, running, failed;
    bool ending;
    struct times first, later;
    struct error err; /* of a call that failed */
};

struct call {
    struct bench *bench;
    uint64_t start_us;
    bool asked; /* before */
};

static void start(struct call *call);

static void take_head(void *context, const struct http_head *head)
{
    struct call *call = context;

    if (head->status != 200)
        call->bench->failed++;
}

static void take_body(void *context, struct text piece)
{
    (void)context;
    (void)piece;
}

static void note(struct times *times, uint64_t us)
{
    if (times->count < SAMPLES_MAX)
        times->us[times->count++] = (uint32_t)us;
}

static void take_end(void *context, const struct error *err, const struct exchange_facts *facts)
{
    struct call *call = context;
    struct bench *bench = call->bench;

    (void)facts;
    bench->running--;
    if (err->code != ERROR_NONE) {
        bench->failed++;
        bench->err = *err;
    }
    note(call->asked ? &bench->later : &bench->first, clock_monotonic_us() - call->start_us);
    call->asked = true;
    if (!bench->ending)
        start(call);
}

static const struct exchange_events events = {take_head, take_body, take_end};

static void start(struct call *call)
{
    struct bench *bench = call->bench;
    const struct exchange_options options = {.provider = &bench->provider,
                                             .wire = &bench->wire,
                                             .times = {.total_ms = PATIENCE_MS},
                                             .events = &events,
                                             .context = call};

    call->start_us = clock_monotonic_us();
    bench->running++;
    exchange_start(bench->transport, &options);
}

static long rss_kb(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long size = 0, resident = 0;

    CHECK(file != NULL && fscanf(file, "%ld %ld", &size, &resident) == 2);
    fclose(file);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static void turn_for(struct bench *bench, uint64_t ms)
{
    uint64_t end_ms = clock_monotonic_ms() + ms;

    while (clock_monotonic_ms() < end_ms)
        loop_turn(bench->loop, 10);
}

static int rising(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return left < right ? -1 : left > right;
}

static void print_times(const char *name, const struct times *times)
{
    qsort(times->us, times->count, sizeof *times->us, rising);
    if (times->count > 0)
        printf(",\"%s\":{\"count\":%zu,\"p50_us\":%" PRIu32 ",\"p99_us\":%" PRIu32
               ",\"max_us\":%" PRIu32 "}",
               name, times->count, times->us[times->count / 2], times->us[times->count * 99 / 100],
               times->us[times->count - 1]);
}

static void run(struct bench *bench, uint64_t seconds)
{
    long idle_kb, busy_kb;
    uint64_t cpu_us;
    size_t count;

    for (size_t i = 0; i < bench->call_count; i++)
        bench->calls[i].bench = bench;
    idle_kb = rss_kb();
    for (size_t i = 0; i < bench->call_count; i++)
        start(&bench->calls[i]);
    while (bench->first.count < bench->call_count && bench->failed == 0)
        loop_turn(bench->loop, 10);
    turn_for(bench, 500);
    bench->later.count = 0;
    cpu_us = clock_thread_us();
    turn_for(bench, seconds * 1000);
    cpu_us = clock_thread_us() - cpu_us;
    count = bench->later.count;
    busy_kb = rss_kb();
    printf("{\"calls\":%zu,\"failed\":%zu,\"rps\":%.0f,\"cpu_us\":%.2f,\"call_kb\":%.1f,"
           "\"connected\":%" PRIu64,
           bench->call_count, bench->failed, (double)count / (double)seconds,
           (double)cpu_us / (double)(count > 0 ? count : 1),
           (double)(busy_kb - idle_kb) / (double)bench->call_count,
           transport_counts(bench->transport).connected);
    print_times("connecting", &bench->first);
    print_times("connected_calls", &bench->later);
    printf("}\n");
    if (bench->failed > 0)
        fprintf(stderr, "in_flight: %s\n", bench->err.message);
    bench->ending = true;
    while (bench->running > 0)
        loop_turn(bench->loop, 10);
}

static long number(const char *text, long most)
{
    char *end;
    long value = strtol(text, &end, 10);

    return *end == '\0' && value > 0 && value <= most ? value : 0;
}

int main(int count, char **arguments)
{
    static const struct dialect remote = {.name = "bench"};
    static char body[1200];
    struct bench bench = {.wire = {.path = TEXT("/v1/chat/completions"),
                                   .headers = TEXT("Content-Type: application/json\r\n")}};
    const struct transport_options options = {.idle_per_pool = CALLS_MAX};
    struct text origin = text_of(count > 1 ? arguments[1] : ""), host = origin;
    long calls = count > 2 ? number(arguments[2], CALLS_MAX) : 0;
    long seconds = count > 3 ? number(arguments[3], SECONDS_MAX) : 0;

    if (calls == 0 || seconds == 0 || text_find(origin, TEXT("://")) == origin.len) {
        fputs("usage: in_flight [http|https]://HOST:PORT CALLS SECONDS [CA-FILE]\n", stderr);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    memset(body, ' ', sizeof body);
    body[0] = '{';
    body[sizeof body - 1] = '}';
    bench.wire.body = (struct text){body, sizeof body};
    host = text_after(host, text_find(host, TEXT("://")) + 3);
    bench.provider = (struct provider){.name = TEXT("bench"),
                                       .dialect = &remote,
                                       .https = text_starts(origin, TEXT("https")),
                                       .host = text_split(&host, ':'),
                                       .ca_file = text_of(count > 4 ? arguments[4] : ""),
                                       .allow_private = true,
                                       .origin = origin};
    bench.call_count = (size_t)calls;
    bench.calls = calloc(bench.call_count, sizeof *bench.calls);
    bench.first.us = calloc(SAMPLES_MAX, sizeof *bench.first.us);
    bench.later.us = calloc(SAMPLES_MAX, sizeof *bench.later.us);
    bench.loop = loop_open();
    CHECK(bench.calls && bench.first.us && bench.later.us && bench.loop);
    bench.transport = transport_open(bench.loop, &options);
    run(&bench, (uint64_t)seconds);
    transport_close(bench.transport);
    loop_close(bench.loop);
    free(bench.calls);
    free(bench.first.us);
    free(bench.later.us);
    return bench.failed > 0;
}
