#include "gateway/audit_trail.h"

static void lose(struct gateway *gateway, const struct store_command *command)
{
    log_event(gateway->log, LOG_ERROR, "audit.lost", command->error.message, "action",
              audit_action_word(command->audit->action), NULL);
}

void audit_trail_append(struct gateway *gateway, const struct audit_event *event)
{
    struct store_command *command = store_command_new(STORE_AUDIT_APPEND);

    command->audit = audit_event_copy(&command->arena, event);
    store_wait(gateway->store, command);
    if (command->error.code != ERROR_NONE)
        lose(gateway, command);
    store_command_free(command);
}
