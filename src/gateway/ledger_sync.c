/* A visit goes to each worker's loop and stays there until the ledger's command is answered. It is
 * posted under the gateway's lock, while the worker is among those that run: one that leaves looks
 * into its loop once more afterwards. The asker counts a command, so that its loop lives as long.
 */
#include "gateway/ledger_sync.h"

#include "base/check.h"

#include <stdlib.h>

struct ledger_sync {
    struct loop_task task;
    struct worker *asker;
    struct request *request; /* NULL: it has ended; only the asker's thread looks */
    void (*done)(struct request *request);
    _Atomic size_t visits; /* under way, and one while they are being sent */
    int holders;           /* the request, and the answer on its way; both in the asker's thread */
};

struct ledger_visit {
    struct loop_task task;
    struct ledger_waiter waiter;
    struct worker *worker;
    struct ledger_sync *sync;
};

static void let_go(struct ledger_sync *sync)
{
    if (--sync->holders == 0)
        free(sync);
}

static void forget_request(void *thing)
{
    struct ledger_sync *sync = thing;

    sync->request = NULL;
    let_go(sync);
}

static void answer(struct loop_task *task)
{
    struct ledger_sync *sync = (struct ledger_sync *)task;
    struct request *request = sync->request;

    sync->asker->commands--;
    if (request != NULL && !request->finished)
        sync->done(request);
    let_go(sync);
}

static void end_visit(struct ledger_sync *sync)
{
    if (atomic_fetch_sub(&sync->visits, 1) == 1)
        loop_post(sync->asker->loop, &sync->task);
}

static void written(struct ledger_waiter *waiter)
{
    struct ledger_visit *visit =
        (struct ledger_visit *)((char *)waiter - offsetof(struct ledger_visit, waiter));

    end_visit(visit->sync);
    free(visit);
}

static void arrive(struct loop_task *task)
{
    struct ledger_visit *visit = (struct ledger_visit *)task;

    visit->waiter.done = written;
    ledger_wait(&visit->worker->ledger, &visit->waiter);
}

static void send_visit(struct ledger_sync *sync, struct worker *worker)
{
    struct ledger_visit *visit = calloc(1, sizeof *visit);

    CHECK(visit != NULL);
    *visit = (struct ledger_visit){.task = {.run = arrive}, .worker = worker, .sync = sync};
    atomic_fetch_add(&sync->visits, 1);
    loop_post(worker->loop, &visit->task);
}

void ledger_sync(struct request *request, void (*done)(struct request *request))
{
    struct gateway *gateway = request->worker->gateway;
    struct ledger_sync *sync = calloc(1, sizeof *sync);

    CHECK(sync != NULL);
    *sync = (struct ledger_sync){.task = {.run = answer},
                                 .asker = request->worker,
                                 .request = request,
                                 .done = done,
                                 .visits = 1,
                                 .holders = 2};
    arena_defer(&request->arena, forget_request, sync);
    request->worker->commands++;
    pthread_mutex_lock(&gateway->lock);
    for (size_t i = 0; i < GATEWAY_WORKERS_MAX; i++)
        if (gateway->workers[i] != NULL)
            send_visit(sync, gateway->workers[i]);
    pthread_mutex_unlock(&gateway->lock);
    end_visit(sync);
}
