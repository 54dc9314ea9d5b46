#include "gateway/aside.h"

#include "base/check.h"
#include "gateway/gateway.h"
#include "unit.h"

#include <stdlib.h>

enum { WORKS = 200 };

struct job {
    struct aside_work work; /* first */
    int in, out;
    struct counts *counts;
};
struct counts {
    struct job jobs[WORKS];
    int done, sum;
    pthread_t loop_thread;
};

static void double_it(struct aside_work *work)
{
    struct job *job = (struct job *)work;

    EXPECT(!pthread_equal(pthread_self(), job->counts->loop_thread));
    job->out = 2 * job->in;
}

static void count(struct loop_task *task)
{
    struct job *job = (struct job *)task;

    EXPECT(pthread_equal(pthread_self(), job->counts->loop_thread));
    job->counts->done++;
    job->counts->sum += job->out;
}

TEST(what_is_done_aside_comes_back_to_the_loop_that_ordered_it)
{
    struct gateway gateway = {0};
    struct counts *counts = calloc(1, sizeof *counts);
    struct loop *loop = loop_open();

    EXPECT(counts != NULL && loop != NULL);
    pthread_mutex_init(&gateway.lock, NULL);
    pthread_cond_init(&gateway.jobs_done, NULL);
    gateway.aside = aside_new();
    counts->loop_thread = pthread_self();
    for (int i = 0; i < WORKS; i++) {
        counts->jobs[i] =
            (struct job){.work = {.done = {.run = count}, .run = double_it, .loop = loop},
                         .in = i,
                         .counts = counts};
        aside_start(&gateway, &counts->jobs[i].work);
    }
    while (counts->done < WORKS)
        loop_turn(loop, 1000);
    EXPECT_EQ(counts->sum, WORKS * (WORKS - 1));
    gateway_jobs_wait(&gateway);
    aside_free(gateway.aside);
    pthread_cond_destroy(&gateway.jobs_done);
    pthread_mutex_destroy(&gateway.lock);
    loop_close(loop);
    free(counts);
}

TEST(nothing_was_ever_ordered)
{
    struct aside *aside = aside_new();

    aside_free(aside);
    aside_free(NULL);
}
