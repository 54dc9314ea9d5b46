#include "gateway/admin_job.h"

#include "base/check.h"
#include "document/json_write.h"
#include "gateway/admin_audit.h"
#include "gateway/surface.h"
#include "schema/schema.h"

#include <stdlib.h>

void admin_park(struct request *request)
{
    request->at = STAGE_COUNT;
    request->waiting = true;
}

static void let_go(struct admin_job *job)
{
    if (--job->holders > 0)
        return;
    arena_release(&job->arena);
    free(job);
}

static void forget_request(void *thing)
{
    struct admin_job *job = thing;

    job->request = NULL;
    let_go(job);
}

static void answer(struct loop_task *task)
{
    struct admin_job *job = (struct admin_job *)task;
    struct request *request = job->request;

    if (request != NULL && !request->finished) {
        request->error = job->error;
        if (job->error.code != ERROR_NONE)
            surface_refuse(request);
        else
            surface_reply(request, job->status,
                          job->content_type.len > 0 ? job->content_type : TEXT("application/json"),
                          arena_copy(&request->arena, job->body));
    }
    let_go(job);
}

static void *run(void *thing)
{
    struct admin_job *job = thing;
    struct gateway *gateway = job->gateway;

    job->run(job);
    loop_post(job->loop, &job->task);
    gateway_job_end(gateway);
    return NULL;
}

struct admin_job *admin_job_new(struct request *request, void (*run_it)(struct admin_job *job))
{
    struct audit_event act = admin_act(request, AUDIT_CONFIG_RELOAD, TEXT("configuration"));
    struct admin_job *job = calloc(1, sizeof *job);

    CHECK(job != NULL);
    *job = (struct admin_job){.task = {.run = answer},
                              .request = request,
                              .gateway = request->worker->gateway,
                              .loop = request->worker->loop,
                              .run = run_it,
                              .holders = 2};
    job->act = *audit_event_copy(&job->arena, &act);
    arena_defer(&request->arena, forget_request, job);
    return job;
}

static bool start_thread(struct admin_job *job)
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

void admin_job_start(struct admin_job *job)
{
    struct request *request = job->request;

    admin_park(request);
    if (start_thread(job))
        return;
    let_go(job);
    error_set(&request->error, ERROR_OVERLOADED, NULL, "no thread could be started");
    surface_refuse(request);
}

void admin_job_drop(struct admin_job *job)
{
    let_go(job);
}

bool admin_job_reload(struct admin_job *job, struct buffer *out)
{
    struct text report;
    bool good = gateway_reload(job->gateway, &job->act, &job->arena, &report);

    buffer_put(out, good ? TEXT("{\"ok\":true,\"report\":") : TEXT("{\"ok\":false,\"report\":"));
    json_put_string(out, report);
    buffer_put_byte(out, '}');
    return good;
}
