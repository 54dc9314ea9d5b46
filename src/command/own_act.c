#include "command/own_act.h"

#include "base/clock.h"

#include <unistd.h>

struct audit_event own_act(struct arena *arena)
{
    return (struct audit_event){.wall_ms = clock_wall_ms(),
                                .actor = AUDIT_BY_OWNER,
                                .actor_id = arena_printf(arena, "%u", (unsigned)getuid()),
                                .peer = TEXT("command line")};
}

void own_record(struct store_command *command, enum audit_action action, struct text object)
{
    struct audit_event act = own_act(&command->arena);

    act.action = action;
    act.object = object;
    command->audit = audit_event_copy(&command->arena, &act);
}

bool own_append(struct store *store, enum audit_action action, struct text object,
                struct error *err)
{
    struct store_command *command = store_command_new(STORE_AUDIT_APPEND);

    own_record(command, action, object);
    store_wait(store, command);
    *err = command->error;
    store_command_free(command);
    return err->code == ERROR_NONE;
}
