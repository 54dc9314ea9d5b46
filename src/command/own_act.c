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
