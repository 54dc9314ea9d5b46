#include "gateway/token_uses.h"

enum { WRITE_EVERY_MS = 60000, USES_MAX = 256 };

/* Commands are filled one after the other and handed to `send`. */
struct batch {
    struct store_command *command; /* NULL: none begun */
    struct token_use *uses;
    void (*send)(struct batch *batch);
    void *to;
};

static void send(struct batch *batch)
{
    batch->command->uses = batch->uses;
    batch->send(batch);
    batch->command = NULL;
}

static void add(struct text id, int64_t used_ms, void *context)
{
    struct batch *batch = context;

    if (batch->command == NULL) {
        batch->command = store_command_new(STORE_TOKEN_USED);
        batch->uses = ARENA_ARRAY(&batch->command->arena, struct token_use, USES_MAX);
    }
    batch->uses[batch->command->use_count++] =
        (struct token_use){arena_copy(&batch->command->arena, id), used_ms};
    if (batch->command->use_count == USES_MAX)
        send(batch);
}

static void write_all(struct gateway *gateway, struct batch *batch)
{
    token_table_take_uses(gateway->tokens, add, batch);
    if (batch->command != NULL)
        send(batch);
}

/* What could not be written is of no more use than what a crash forgets. */
static void written(struct store_command *command)
{
    ((struct worker *)command->context)->commands--;
    store_command_free(command);
}

static void submit(struct batch *batch)
{
    struct worker *worker = batch->to;

    batch->command->loop = worker->loop;
    batch->command->done = written;
    batch->command->context = worker;
    worker->commands++;
    store_submit(worker->gateway->store, batch->command);
}

static void fire(struct loop_timer *timer)
{
    struct worker *worker = (struct worker *)((char *)timer - offsetof(struct worker, token_uses));

    write_all(worker->gateway, &(struct batch){.send = submit, .to = worker});
    token_uses_start(worker);
}

void token_uses_start(struct worker *worker)
{
    worker->token_uses.fire = fire;
    loop_start_timer(worker->loop, &worker->token_uses, loop_now_ms(worker->loop) + WRITE_EVERY_MS);
}

void token_uses_stop(struct worker *worker)
{
    loop_stop_timer(worker->loop, &worker->token_uses);
}

static void write_now(struct batch *batch)
{
    struct gateway *gateway = batch->to;

    store_wait(gateway->store, batch->command);
    store_command_free(batch->command);
}

void token_uses_flush(struct gateway *gateway)
{
    write_all(gateway, &(struct batch){.send = write_now, .to = gateway});
}
