/* command/own_act.h
 * What a command that works on the store itself leaves in the audit log. */
#pragma once
#include "store/store.h"

/* An act of the user who runs this command, now; action and object are the caller's to fill in. The
 * user's number is in the arena. */
struct audit_event own_act(struct arena *arena);
/* Has it recorded with the command. */
void own_record(struct store_command *command, enum audit_action action, struct text object);
/* Records an act that is no command of the store, such as an export; it is not to be done when that
 * fails. */
bool own_append(struct store *store, enum audit_action action, struct text object,
                struct error *err);
