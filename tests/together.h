/* tests/together.h
 * Threads that begin at the same moment, for tests of what they share. */
#pragma once
#include "unit.h"

#include <pthread.h>

enum { TOGETHER_MAX = 64 };

/* Runs `run(shared)` in so many threads and waits for all of them. Each is to pass `start` first, a
 * barrier for that many, which is made and unmade here. */
static inline void run_together(size_t threads, pthread_barrier_t *start,
                                void *(*run)(void *shared), void *shared)
{
    pthread_t ids[TOGETHER_MAX];

    assert_true(threads <= TOGETHER_MAX);
    pthread_barrier_init(start, NULL, (unsigned)threads);
    for (size_t i = 0; i < threads; i++)
        assert_int_equal(pthread_create(&ids[i], NULL, run, shared), 0);
    for (size_t i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    pthread_barrier_destroy(start);
}
