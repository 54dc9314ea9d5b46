#include "base/random.h"

#include "base/check.h"

#include <errno.h>
#include <pthread.h>
#include <sys/random.h>

static uint64_t process_seed;
static pthread_once_t seeded = PTHREAD_ONCE_INIT;

void random_fill(void *out, size_t bytes)
{
    char *at = out;

    while (bytes > 0) {
        ssize_t got = getrandom(at, bytes, 0);

        if (got < 0) {
            CHECK(errno == EINTR);
            continue;
        }
        at += got;
        bytes -= (size_t)got;
    }
}

uint32_t random_below(uint32_t bound)
{
    uint32_t value, reject_from;

    CHECK(bound > 0);
    reject_from = UINT32_MAX - UINT32_MAX % bound;
    do
        random_fill(&value, sizeof value);
    while (value >= reject_from);
    return value % bound;
}

static void draw_seed(void)
{
    random_fill(&process_seed, sizeof process_seed);
}

uint64_t random_process_seed(void)
{
    pthread_once(&seeded, draw_seed);
    return process_seed;
}
