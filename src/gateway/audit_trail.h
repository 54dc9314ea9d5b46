/* gateway/audit_trail.h
 * What the process itself leaves in the audit log, besides what admin calls do (admin/audit.h): its
 * start and end, its configuration, refused callers, keys. None of it keeps a request waiting, and
 * nothing is given up because it cannot be recorded: what is lost, because the store is full or has
 * failed, is told in the log of the process and counted, and the count is recorded when there is
 * room again.
 *
 * All of it is for any thread, unless it says otherwise. */
#pragma once
#include "gateway/gateway.h"

/* A record is durable: told in the log of the process as an event `audit.` and its action, with its
 * number and hash. For store_on_audit; the context is the gateway. */
void audit_trail_told(void *gateway, const struct audit_event *event,
                      const struct audit_link *place);

struct audit_trail *audit_trail_new(void);
/* NULL does nothing. */
void audit_trail_free(struct audit_trail *trail);

/* Records it and waits until that is durable: not in a worker's thread. */
void audit_trail_append(struct gateway *gateway, const struct audit_event *event);
/* Records it without waiting. */
void audit_trail_post(struct gateway *gateway, const struct audit_event *event);

/* The start, with the configuration in force and the sealed secrets that were opened for it. */
void audit_trail_start(struct gateway *gateway, const struct config *config);
/* The end: everything that is still to be recorded, and where the log ends. No worker runs. */
void audit_trail_stop(struct gateway *gateway);
/* What came of reading the configuration anew: `after` is NULL when it was refused. */
void audit_trail_reload(struct gateway *gateway, const struct audit_event *act,
                        const struct config *before, const struct config *after);

/* A caller, or somebody at the admin listener, was refused: counted, and recorded with the next
 * tick. */
void audit_trail_failure(struct gateway *gateway, struct text peer, enum error_code reason,
                         int64_t wall_ms);
/* An admin credential was used: recorded once an hour. */
void audit_trail_use(struct gateway *gateway, struct text credential, struct text peer,
                     int64_t wall_ms);
/* What happened to the key of that number (from 1) at a provider. */
void audit_trail_key(struct gateway *gateway, enum audit_action action, struct text provider,
                     unsigned key, int64_t wall_ms);

enum { AUDIT_TICK_MS = 60000, AUDIT_HEAD_EVERY_MS = 3600000 };
/* To be called every AUDIT_TICK_MS or a little later, with the monotonic time: records the refused
 * callers, and tells once an hour, if it has moved, where the log ends: an event `audit.head` in
 * the log of the process, and the file audit.head beside the store; and lets go of records that
 * the configuration does not keep any more, a bounded number at a time. Waits for the store: in the
 * main thread. */
void audit_trail_tick(struct gateway *gateway, uint64_t now_ms);
