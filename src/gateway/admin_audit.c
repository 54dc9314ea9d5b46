#include "gateway/admin_audit.h"

#include "gateway/admin_job.h"
#include "gateway/durable.h"
#include "gateway/surface.h"

struct audit_event admin_act(const struct request *request, enum audit_action action,
                             struct text object)
{
    const struct token_record *credential = request->token;

    return (struct audit_event){.wall_ms = request->wall_ms,
                                .actor = credential != NULL ? AUDIT_BY_ADMIN : AUDIT_BY_OWNER,
                                .actor_id =
                                    credential != NULL ? credential->id : request->http.user,
                                .peer = request->http.peer,
                                .action = action,
                                .object = object,
                                .request_id = request->id};
}

struct audit_event *admin_audit(struct request *request, struct store_command *command,
                                enum audit_action action, struct text object)
{
    struct audit_event act = admin_act(request, action, object);

    command->audit = audit_event_copy(&command->arena, &act);
    return command->audit;
}

/* What is to follow once the act is recorded. */
struct recorded {
    struct text object;
    admin_call *then;
};

static void recorded(struct request *request, struct store_command *command)
{
    const struct recorded *follow = request->recorded;

    request->error = command->error;
    store_command_free(command);
    if (request->error.code != ERROR_NONE)
        surface_refuse(request);
    else
        follow->then(request, follow->object);
}

void admin_record(struct request *request, enum audit_action action, struct text object,
                  admin_call *then)
{
    struct store_command *command = store_command_new(STORE_AUDIT_APPEND);
    struct recorded *follow = ARENA_NEW(&request->arena, struct recorded);

    *follow = (struct recorded){object, then};
    request->recorded = follow;
    admin_audit(request, command, action, object);
    admin_park(request);
    durable_submit(request, command, recorded);
}
