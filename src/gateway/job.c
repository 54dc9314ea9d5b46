#include "gateway/job.h"
#include "gateway/request_act.h"

#include "base/check.h"
#include "document/json_write.h"
#include "gateway/paths.h"
#include "gateway/request_act.h"
#include "schema/schema.h"

#include <stdlib.h>

void job_park(struct request *request)
{
    request->at = STAGE_COUNT;
    request->waiting = true;
}

static void let_go(struct job *job)
{
    if (--job->holders > 0)
        return;
    arena_release(&job->arena);
    free(job);
}

static void forget_request(void *thing)
{
    struct job *job = thing;

    job->request = NULL;
    let_go(job);
}

static void answer(struct loop_task *task)
{
    struct job *job = (struct job *)task;
    struct request *request = job->request;

    if (request != NULL && !request->finished) {
        request->error = job->error;
        if (job->then != NULL)
            job->then(job); /* which may free the request, but not the job */
        else if (job->error.code != ERROR_NONE)
            request_refuse(request);
        else
            request_reply(request, job->status,
                          job->content_type.len > 0 ? job->content_type : TEXT("application/json"),
                          job->body); /* the request holds the job */
    }
    let_go(job);
}

static void *run(void *thing)
{
    struct job *job = thing;
    struct gateway *gateway = job->gateway;

    job->run(job);
    loop_post(job->loop, &job->task);
    gateway_job_end(gateway);
    return NULL;
}

struct job *job_new(struct request *request, void (*run_it)(struct job *job))
{
    struct audit_event act = request_act(request, AUDIT_CONFIG_RELOAD, TEXT("configuration"));
    struct job *job = calloc(1, sizeof *job);

    CHECK(job != NULL);
    *job = (struct job){.task = {.run = answer},
                        .request = request,
                        .gateway = request->worker->gateway,
                        .loop = request->worker->loop,
                        .run = run_it,
                        .holders = 2};
    job->act = *audit_event_copy(&job->arena, &act);
    arena_defer(&request->arena, forget_request, job);
    return job;
}

static bool start_thread(struct job *job)
{
    pthread_attr_t detached;
    pthread_t thread;
    int failed;

    gateway_job_begin(job->gateway);
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&detached, SCHEMA_STACK_BYTES);
    failed = pthread_create(&thread, &detached, run, job);
    pthread_attr_destroy(&detached);
    if (failed != 0)
        gateway_job_end(job->gateway);
    return failed == 0;
}

void job_start(struct job *job)
{
    struct request *request = job->request;

    job_park(request);
    if (start_thread(job))
        return;
    let_go(job);
    error_set(&request->error, ERROR_OVERLOADED, NULL, "no thread could be started");
    request_refuse(request);
}

void job_drop(struct job *job)
{
    let_go(job);
}

bool job_reload(struct job *job, struct buffer *out)
{
    struct text report;
    bool good = gateway_reload(job->gateway, &job->act, &job->arena, &report);

    buffer_put(out, good ? TEXT("{\"ok\":true,\"report\":") : TEXT("{\"ok\":false,\"report\":"));
    json_put_string(out, report);
    buffer_put_byte(out, '}');
    return good;
}
