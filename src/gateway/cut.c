/* A revocation that ends what goes on already: each worker looks through its own requests. */
#include "gateway/cut.h"
#include "base/check.h"
#include "gateway/stages.h"

#include <stdlib.h>

struct cut {
    struct loop_task task;
    struct worker *worker;
    size_t id_len;
    char id[64];
};

static void end_call(struct request *request)
{
    error_set(&request->error, ERROR_REVOKED_TOKEN, NULL,
              "the token was revoked while the call was under way");
    request_cut_loose(request);
    pipeline_resume(request);
}

/* Whether a provider is asked or may still be asked. What is answered is let out; and what is no
 * call at all stands at the first stage. */
static bool is_open(const struct request *request)
{
    return request->at > STAGE_AUTHENTICATE && request->at <= STAGE_CALL && request->waiting &&
           !request->gone && !request->finished;
}

static void run(struct loop_task *task)
{
    struct cut *cut = (struct cut *)task;
    struct text id = {cut->id, cut->id_len};
    struct request *request = cut->worker->requests, *next;

    for (; request != NULL; request = next) {
        next = request->next;
        if (request->token != NULL && text_equal(request->token->id, id) && is_open(request))
            end_call(request);
    }
    free(cut);
}

void token_cut(struct gateway *gateway, struct text token_id)
{
    CHECK(token_id.len <= sizeof((struct cut *)0)->id);
    pthread_mutex_lock(&gateway->lock);
    for (size_t i = 0; i < GATEWAY_WORKERS_MAX; i++) {
        struct cut *cut;

        if (gateway->workers[i] == NULL)
            continue;
        cut = calloc(1, sizeof *cut);
        CHECK(cut != NULL);
        cut->task.run = run;
        cut->worker = gateway->workers[i];
        cut->id_len = token_id.len;
        memcpy(cut->id, token_id.at, token_id.len);
        loop_post(gateway->workers[i]->loop, &cut->task);
    }
    pthread_mutex_unlock(&gateway->lock);
}
