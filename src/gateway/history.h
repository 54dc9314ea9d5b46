/* gateway/history.h
 * The versions of the endpoints that a gateway serves, in their history (store/history_record.h).
 * All of it waits for the store: not in a worker's thread. */
#pragma once
#include "gateway/gateway.h"

/* Reads what is pinned, in the arena, into the options of a load. */
bool history_pins(struct gateway *gateway, struct config_options *options, struct arena *arena,
                  struct error *err);
/* A whole configuration is to be in force: what is new in it becomes a version, and every endpoint
 * learns its number. Where the store fails that is logged, and numbers are those of `before` (NULL:
 * none) where that has the same version. Rollbacks that have ended with it are told in the log and,
 * unless that is NULL, appended to the report. */
void history_note(struct gateway *gateway, struct config *config, const struct config *before,
                  const struct audit_event *act, const char *cause, struct buffer *report);
/* `made` of the configuration, which is the version `of` again, becomes a new version, recorded as
 * `act`; other endpoints are as they are in force. */
bool history_roll(struct gateway *gateway, struct config *config, const struct endpoint *made,
                  uint64_t of, const struct audit_event *act, struct error *err);
