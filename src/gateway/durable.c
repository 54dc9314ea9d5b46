#include "gateway/durable.h"

#include "base/check.h"

enum { WAIT_MS = 100 };

/* Behind a command's context, in its own memory. */
struct asked {
    struct worker *worker;
    struct request *request; /* NULL: it has forgotten the command */
    void (*done)(struct request *request, struct store_command *command);
    void (*done_anyway)(struct request *request, struct worker *worker,
                        struct store_command *command, void *with); /* NULL: `done` is meant */
    void *with;
};

static void answered(struct store_command *command)
{
    struct asked *asked = command->context;
    struct request *request = asked->request;

    asked->worker->commands--;
    if (request != NULL) {
        CHECK(request_of(request)->store == command);
        request->store = NULL;
    }
    if (asked->done_anyway != NULL)
        asked->done_anyway(request, asked->worker, command, asked->with);
    else if (request != NULL)
        asked->done(request, command);
    else
        store_command_free(command);
}

static void submit(struct request *request, struct store_command *command, const struct asked *how)
{
    struct asked *asked = ARENA_NEW(&command->arena, struct asked);

    CHECK(request->store == NULL);
    *asked = *how;
    asked->worker = request->worker;
    asked->request = request;
    command->loop = request->worker->loop;
    command->done = answered;
    command->context = asked;
    request->store = command;
    request->worker->commands++;
    store_submit(request->worker->gateway->store, command);
}

void durable_submit(struct request *request, struct store_command *command,
                    void (*done)(struct request *request, struct store_command *command))
{
    submit(request, command, &(struct asked){.done = done});
}

void durable_submit_kept(struct request *request, struct store_command *command,
                         void (*done)(struct request *request, struct worker *worker,
                                      struct store_command *command, void *with),
                         void *with)
{
    submit(request, command, &(struct asked){.done_anyway = done, .with = with});
}

void durable_forget(struct request *request)
{
    if (request->store == NULL)
        return;
    ((struct asked *)request->store->context)->request = NULL;
    request->store = NULL;
}

void durable_wait(struct worker *worker)
{
    CHECK(worker->requests == NULL);
    while (worker->commands > 0)
        loop_turn(worker->loop, WAIT_MS);
}
