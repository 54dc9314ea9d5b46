/* A thread goes on while there is work and then ends: there is none most of the time. */
#include "gateway/aside.h"

#include "base/check.h"
#include "gateway/gateway.h"

#include <stdlib.h>

enum { THREADS_MAX = 4 };

struct aside {
    pthread_mutex_t lock;
    struct aside_work *first, **end;
    unsigned threads;
};

struct aside *aside_new(void)
{
    struct aside *aside = calloc(1, sizeof *aside);

    CHECK(aside != NULL);
    pthread_mutex_init(&aside->lock, NULL);
    aside->end = &aside->first;
    return aside;
}

void aside_free(struct aside *aside)
{
    if (aside == NULL)
        return;
    CHECK(aside->first == NULL && aside->threads == 0);
    pthread_mutex_destroy(&aside->lock);
    free(aside);
}

static void put(struct aside *aside, struct aside_work *work)
{
    work->next = NULL;
    *aside->end = work;
    aside->end = &work->next;
}

/* NULL: there is none, and the thread that asked is one less. */
static struct aside_work *next(struct aside *aside)
{
    struct aside_work *work;

    pthread_mutex_lock(&aside->lock);
    work = aside->first;
    if (work == NULL) {
        aside->threads--;
    } else {
        aside->first = work->next;
        if (aside->first == NULL)
            aside->end = &aside->first;
    }
    pthread_mutex_unlock(&aside->lock);
    return work;
}

static void work_on(struct aside *aside)
{
    struct aside_work *work;

    while ((work = next(aside)) != NULL) {
        work->run(work);
        loop_post(work->loop, &work->done);
    }
}

static void *run(void *thing)
{
    struct gateway *gateway = thing;

    work_on(gateway->aside);
    gateway_job_end(gateway);
    return NULL;
}

static bool start_thread(struct gateway *gateway)
{
    pthread_attr_t detached;
    pthread_t thread;
    int failed;

    gateway_job_begin(gateway);
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    failed = pthread_create(&thread, &detached, run, gateway);
    pthread_attr_destroy(&detached);
    if (failed != 0)
        gateway_job_end(gateway);
    return failed == 0;
}

/* Where the system gives no thread, the loop's own does what there is to do. */
void aside_start(struct gateway *gateway, struct aside_work *work)
{
    struct aside *aside = gateway->aside;
    bool one_more;

    pthread_mutex_lock(&aside->lock);
    put(aside, work);
    one_more = aside->threads < THREADS_MAX;
    aside->threads += one_more;
    pthread_mutex_unlock(&aside->lock);
    if (one_more && !start_thread(gateway))
        work_on(aside);
}
