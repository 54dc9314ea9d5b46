#include "gateway/audit_trail.h"

#include "base/check.h"
#include "base/clock.h"
#include "gateway/audit_trail_state.h"

#include <stdlib.h>

struct audit_trail *audit_trail_new(void)
{
    struct audit_trail *trail = calloc(1, sizeof *trail);

    CHECK(trail != NULL);
    CHECK(pthread_mutex_init(&trail->lock, NULL) == 0);
    return trail;
}

void audit_trail_free(struct audit_trail *trail)
{
    if (trail == NULL)
        return;
    pthread_mutex_destroy(&trail->lock);
    free(trail);
}

/* --- writing -----------------------------------------------------------------------------------
 */

static struct store_command *command_of(const struct audit_event *event)
{
    struct store_command *command = store_command_new(STORE_AUDIT_APPEND);

    command->audit = audit_event_copy(&command->arena, event);
    return command;
}

static void note_loss(struct gateway *gateway, const struct store_command *command)
{
    atomic_fetch_add(&gateway->audit->lost, 1);
    log_event(gateway->log, LOG_ERROR, "audit.lost", command->error.message, "action",
              audit_action_word(command->audit->action), NULL);
}

static bool append(struct gateway *gateway, const struct audit_event *event, bool count)
{
    struct store_command *command = command_of(event);
    bool good;

    store_wait(gateway->store, command);
    good = command->error.code == ERROR_NONE;
    if (!good && count)
        note_loss(gateway, command);
    store_command_free(command);
    return good;
}

/* That records are missing is itself recorded, as soon as it can be. */
static void record_losses(struct gateway *gateway)
{
    uint64_t lost = atomic_exchange(&gateway->audit->lost, 0);
    struct arena arena = {0};
    const struct audit_event event = {
        .wall_ms = clock_wall_ms(),
        .action = AUDIT_AUDIT_LOST,
        .object = TEXT("audit log"),
        .details = lost > 0 ? arena_printf(&arena, "{\"records\":%llu}", (unsigned long long)lost)
                            : TEXT("")};

    if (lost > 0 && !append(gateway, &event, false))
        atomic_fetch_add(&gateway->audit->lost, lost);
    arena_release(&arena);
}

void audit_trail_append(struct gateway *gateway, const struct audit_event *event)
{
    record_losses(gateway);
    append(gateway, event, true);
}

/* In the store's thread. */
static void posted(struct store_command *command)
{
    if (command->error.code != ERROR_NONE)
        note_loss(command->context, command);
    store_command_free(command);
}

void audit_trail_post(struct gateway *gateway, const struct audit_event *event)
{
    struct store_command *command = command_of(event);

    command->done = posted;
    command->context = gateway;
    store_submit(gateway->store, command);
}

/* --- refused callers ---------------------------------------------------------------------------
 */

void audit_trail_failure(struct gateway *gateway, struct text peer, enum error_code reason,
                         int64_t wall_ms)
{
    struct audit_trail *trail = gateway->audit;

    pthread_mutex_lock(&trail->lock);
    audit_failures_note(&trail->failures, peer, error_row(reason)->word, wall_ms);
    pthread_mutex_unlock(&trail->lock);
}

static void record_failure(struct gateway *gateway, const struct audit_failure *failure)
{
    struct arena arena = {0};
    char first[CLOCK_RFC3339_BYTES];
    const struct audit_event event = {
        .wall_ms = failure->last_ms,
        .actor = AUDIT_BY_UNKNOWN,
        .peer = failure->address[0] != '\0' ? text_of(failure->address) : TEXT("several"),
        .action = AUDIT_AUTH_FAILURE,
        .outcome = text_of(failure->reason),
        .details = arena_printf(&arena, "{\"count\":%llu,\"since\":\"%.*s\"}",
                                (unsigned long long)failure->count,
                                TEXT_ARG(clock_rfc3339(failure->first_ms, first)))};

    audit_trail_append(gateway, &event);
    arena_release(&arena);
}

void audit_trail_flush(struct gateway *gateway)
{
    struct audit_trail *trail = gateway->audit;
    struct audit_failure failures[AUDIT_FAILURES_MAX + 1];
    size_t count;

    pthread_mutex_lock(&trail->lock);
    count = audit_failures_take(&trail->failures, failures);
    pthread_mutex_unlock(&trail->lock);
    for (size_t i = 0; i < count; i++)
        record_failure(gateway, &failures[i]);
    record_losses(gateway);
}

/* --- keys --------------------------------------------------------------------------------------
 */

void audit_trail_key(struct gateway *gateway, enum audit_action action, struct text provider,
                     unsigned key, int64_t wall_ms)
{
    struct arena arena = {0};
    const struct audit_event event = {.wall_ms = wall_ms,
                                      .action = action,
                                      .object = arena_printf(&arena, "%.*s", TEXT_ARG(provider)),
                                      .details = arena_printf(&arena, "{\"key\":%u}", key)};

    audit_trail_post(gateway, &event);
    arena_release(&arena);
}

void audit_trail_use(struct gateway *gateway, struct text credential, struct text peer,
                     int64_t wall_ms)
{
    struct audit_trail *trail = gateway->audit;
    const struct audit_event event = {.wall_ms = wall_ms,
                                      .actor = AUDIT_BY_ADMIN,
                                      .actor_id = credential,
                                      .peer = peer,
                                      .action = AUDIT_ADMIN_USE,
                                      .object = credential};
    bool first;

    pthread_mutex_lock(&trail->lock);
    first = audit_uses_note(&trail->uses, credential, wall_ms);
    pthread_mutex_unlock(&trail->lock);
    if (first)
        audit_trail_post(gateway, &event);
}
