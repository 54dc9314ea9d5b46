#include "gateway/durable.h"

#include "base/check.h"

enum { WAIT_MS = 100 };

/* Behind a command's context, in its own memory. */
struct asked {
    struct worker *worker;
    struct request *request; /* NULL: it has forgotten the command */
    void (*done)(struct request *request, struct store_command *command);
};

static void answered(struct store_command *command)
{
    struct asked *asked = command->context;
    struct request *request = asked->request;

    asked->worker->commands--;
    if (request == NULL) {
        store_command_free(command);
        return;
    }
    CHECK(request_of(request)->store == command);
    request->store = NULL;
    asked->done(request, command);
}

void durable_submit(struct request *request, struct store_command *command,
                    void (*done)(struct request *request, struct store_command *command))
{
    struct asked *asked = ARENA_NEW(&command->arena, struct asked);

    CHECK(request->store == NULL);
    *asked = (struct asked){request->worker, request, done};
    command->loop = request->worker->loop;
    command->done = answered;
    command->context = asked;
    request->store = command;
    request->worker->commands++;
    store_submit(request->worker->gateway->store, command);
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
