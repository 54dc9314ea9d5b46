/* gateway/job.h
 * The part of an admin call that blocks, because it reads files or waits for the store: it runs in
 * a thread of its own and is answered through the worker's loop. A client that leaves ends nothing:
 * what was begun is done. */
#pragma once
#include "gateway/request_state.h"

struct job {
    struct loop_task task;
    struct request *request; /* NULL: it has gone; only the loop's thread looks */
    struct gateway *gateway;
    struct loop *loop;
    struct audit_event act;       /* whose it is and when; texts in the arena */
    void (*run)(struct job *job); /* in the thread: fills the answer */
    /* Instead of answering, in the loop's thread, with request->error where there is one: the
     * request goes on. Not called for one that has gone. NULL: it is answered. */
    void (*then)(struct job *job);
    struct text name, value; /* what it is about; in the arena */
    void *order;             /* more of it; in the arena */
    struct arena arena;      /* the job's own */
    int status;              /* the answer: this and a JSON body in the arena, or */
    struct text body;
    struct text content_type; /* empty: it is JSON indeed */
    struct error error;       /* why there is none */
    int holders; /* the request, and the answer on its way; both in the loop's thread */
};

/* Gives a job for the request, which is to be filled and started. */
struct job *job_new(struct request *request, void (*run)(struct job *job));
/* Takes it; parks the request, or refuses it when there is no thread. */
void job_start(struct job *job);
/* Takes a job that is not to be started. */
void job_drop(struct job *job);
/* Reads the configuration again, in the job's thread, and writes {"ok", "report"}. */
bool job_reload(struct job *job, struct buffer *out);
/* Parks a request outside of the pipeline; a client that leaves ends it as any other. */
void job_park(struct request *request);
