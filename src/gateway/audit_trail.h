/* gateway/audit_trail.h
 * What the process itself leaves in the audit log, besides what admin calls do (admin_audit.h): its
 * start and end, its configuration, refused callers, keys. None of it keeps a request waiting, and
 * nothing is given up because it cannot be recorded: what is lost, because the store is full or has
 * failed, is told in the log of the process and counted, and the count is recorded when there is
 * room again. */
#pragma once
#include "gateway/gateway.h"

/* Records it and waits until that is durable: not in a worker's thread. */
void audit_trail_append(struct gateway *gateway, const struct audit_event *event);
