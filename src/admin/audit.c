#include "admin/audit.h"

#include "gateway/durable.h"
#include "gateway/job.h"
#include "gateway/request_act.h"
#include "gateway/paths.h"

struct audit_event *admin_audit(struct request *request, struct store_command *command,
                                enum audit_action action, struct text object)
{
    struct audit_event act = request_act(request, action, object);

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
        request_refuse(request);
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
    job_park(request);
    durable_submit(request, command, recorded);
}
