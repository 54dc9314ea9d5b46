#include "gateway/log_purge.h"

#include "base/clock.h"
#include "base/log.h"
#include "calendar/period.h"
#include "gateway/reserve.h"
#include "gateway/worker.h"

enum { DAY_MS = 86400000 };

static void sweep(struct log_purge *purge);
static void sweep_budgets(struct log_purge *purge, struct text after);

static void wait_for(struct log_purge *purge, uint64_t ms)
{
    struct loop *loop = purge->worker->loop;

    loop_start_timer(loop, &purge->timer, loop_now_ms(loop) + ms);
}

static void submit(struct log_purge *purge, struct store_command *command,
                   void (*done)(struct store_command *command))
{
    command->loop = purge->worker->loop;
    command->done = done;
    command->context = purge;
    purge->worker->commands++;
    store_submit(purge->worker->gateway->store, command);
}

static void end(struct log_purge *purge, const struct store_command *command)
{
    purge->worker->commands--;
    if (command->error.code != ERROR_NONE)
        log_event(purge->worker->gateway->log, LOG_WARN, "log_purge",
                  "what was kept for long enough could not be deleted", "error",
                  command->error.message, NULL);
}

static void swept(struct store_command *command)
{
    struct log_purge *purge = command->context;
    bool more = command->error.code == ERROR_NONE && command->purged > 0;

    end(purge, command);
    store_command_free(command);
    if (purge->closing)
        return;
    if (more)
        sweep(purge);
    else
        sweep_budgets(purge, TEXT(""));
}

static void swept_budgets(struct store_command *command)
{
    struct log_purge *purge = command->context;

    end(purge, command);
    if (!purge->closing && command->error.code == ERROR_NONE && command->more)
        sweep_budgets(purge, command->last);
    else if (!purge->closing)
        wait_for(purge, LOG_PURGE_EVERY_MS);
    store_command_free(command);
}

static void sweep_budgets(struct log_purge *purge, struct text after)
{
    struct store_command *command = store_command_new(STORE_BUDGET_PURGE);

    command->prefix = TEXT(RESERVE_ORGANISATION "/");
    command->after = arena_copy(&command->arena, after);
    submit(purge, command, swept_budgets);
}

static void sweep(struct log_purge *purge)
{
    struct store_command *command = store_command_new(STORE_LOG_PURGE);
    const struct settings *settings = &purge->worker->lease->config->settings;
    struct period day;

    command->now_ms = clock_wall_ms();
    command->created_before_ms = command->now_ms - (int64_t)settings->log_retention_ms;
    period_at(settings->zone, PERIOD_DAY, command->now_ms - (int64_t)USAGE_DAYS_KEPT * DAY_MS,
              &day);
    command->after = arena_copy(&command->arena, text_of(day.name));
    submit(purge, command, swept);
}

static void on_timer(struct loop_timer *timer)
{
    sweep((struct log_purge *)((char *)timer - offsetof(struct log_purge, timer)));
}

void log_purge_open(struct log_purge *purge, struct worker *worker, uint64_t first_ms)
{
    *purge = (struct log_purge){.worker = worker, .timer = {.fire = on_timer}};
    if (worker->index == 0)
        wait_for(purge, first_ms);
}

void log_purge_close(struct log_purge *purge)
{
    purge->closing = true;
    loop_stop_timer(purge->worker->loop, &purge->timer);
}
