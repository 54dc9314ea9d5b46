/* admin/audit.h
 * What admin calls leave in the audit log (audit/event.h). An act that writes to the store has its
 * record in the same transaction, so it is answered only when that is durable; an act that does not
 * is recorded first, and not done where it cannot be. */
#pragma once
#include "admin/admin.h"

/* Has the act recorded with the command, unless the command is refused. What it returns, and the
 * texts put there, are in the command's arena: details and outcome may be added until it is
 * submitted. */
struct audit_event *admin_audit(struct request *request, struct store_command *command,
                                enum audit_action action, struct text object);
/* Records an act that is no command of the store, such as an export, and then goes on with `then`,
 * which gets the same object; refuses the request where it cannot be recorded. */
void admin_record(struct request *request, enum audit_action action, struct text object,
                  admin_call *then);
