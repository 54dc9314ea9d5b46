#include "gateway/chores.h"

#include "base/clock.h"
#include "budget/budgets.h"
#include "gateway/anomalies.h"
#include "gateway/audit_trail.h"
#include "gateway/shared_config.h"

enum { PURGE_EVERY_MS = 600000, SWEEP_EVERY_MS = 15000 };

/* The earliest that a session may have begun; 0: there is no retention. */
static int64_t begun_after(struct gateway *gateway, int64_t now_ms)
{
    uint64_t retention_ms;

    pthread_mutex_lock(&gateway->lock);
    retention_ms = gateway->current->config->settings.session_retention_ms;
    pthread_mutex_unlock(&gateway->lock);
    return retention_ms > 0 && (int64_t)retention_ms < now_ms ? now_ms - (int64_t)retention_ms : 0;
}

/* Whether there may be more. */
static bool purge_batch(struct gateway *gateway, enum store_kind kind)
{
    struct store_command *command = store_command_new(kind);
    bool more;

    command->now_ms = clock_wall_ms();
    command->created_before_ms = begun_after(gateway, command->now_ms);
    store_wait(gateway->store, command);
    more = command->error.code == ERROR_NONE && command->purged > 0;
    store_command_free(command);
    return more;
}

/* --- the chores: true when there is more to do at once
 * ---------------------------------------------- */

/* One batch of each kind at a time, so that signals are heard in between. */
static bool purge(struct chores *chores, struct gateway *gateway, uint64_t now_ms)
{
    static const enum store_kind kinds[] = {STORE_SESSION_PURGE, STORE_CACHE_PURGE,
                                            STORE_RESPONSE_PURGE, STORE_IDEMPOTENCY_PURGE,
                                            STORE_WEBHOOK_PURGE};
    bool more = false;

    (void)chores;
    (void)now_ms;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        more = purge_batch(gateway, kinds[i]) || more;
    return more;
}

/* What budgets at rest have leased, others may spend, and a crash would count as spent. */
static bool sweep(struct chores *chores, struct gateway *gateway, uint64_t now_ms)
{
    (void)chores;
    budgets_sweep(gateway->budgets, now_ms);
    return false;
}

static bool record(struct chores *chores, struct gateway *gateway, uint64_t now_ms)
{
    (void)chores;
    audit_trail_tick(gateway, now_ms);
    return false;
}

static bool look(struct chores *chores, struct gateway *gateway, uint64_t now_ms)
{
    room_look(&chores->room, gateway->store, gateway->store_folder, gateway->log, now_ms);
    return false;
}

static bool compare(struct chores *chores, struct gateway *gateway, uint64_t now_ms)
{
    (void)chores;
    (void)now_ms;
    anomalies_look(gateway->anomalies, clock_wall_ms());
    return false;
}

static const struct chore {
    bool (*run)(struct chores *chores, struct gateway *gateway, uint64_t now_ms);
    uint64_t every_ms;
} rows[CHORE_COUNT] = {
    {purge, PURGE_EVERY_MS},
    {sweep, SWEEP_EVERY_MS},
    {record, AUDIT_TICK_MS},
    {look, ROOM_LOOK_EVERY_MS},
    {compare, ANOMALIES_LOOK_EVERY_MS},
};

int chores_run(struct chores *chores, struct gateway *gateway)
{
    uint64_t now_ms = clock_monotonic_ms(), next_ms = UINT64_MAX;

    for (size_t i = 0; i < CHORE_COUNT; i++) {
        if (now_ms >= chores->due_ms[i])
            chores->due_ms[i] =
                rows[i].run(chores, gateway, now_ms) ? now_ms : now_ms + rows[i].every_ms;
        if (chores->due_ms[i] < next_ms)
            next_ms = chores->due_ms[i];
    }
    now_ms = clock_monotonic_ms();
    return next_ms > now_ms ? (int)(next_ms - now_ms) : 0;
}
