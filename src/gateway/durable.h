/* gateway/durable.h
 * What requests ask of the store. A worker counts what it has asked, because an answer comes
 * through its loop even when nobody wants it any more: the loop must live until then. */
#pragma once
#include "gateway/request_state.h"

/* Submits the command (taken) for the request, which has none under way. `done` gets both, the
 * command to keep or free, unless the request forgets it. */
void durable_submit(struct request *request, struct store_command *command,
                    void (*done)(struct request *request, struct store_command *command));
/* Likewise for an effect that more than this request needs to know: `done` is called in any case,
 * with NULL for a request that has gone. `with` lives as long as the command. */
void durable_submit_kept(struct request *request, struct store_command *command,
                         void (*done)(struct request *request, struct worker *worker,
                                      struct store_command *command, void *with),
                         void *with);
/* The request no longer waits; the effect still happens. Nothing under way: does nothing. */
void durable_forget(struct request *request);
/* Waits until everything the worker has asked is answered; no request is left. */
void durable_wait(struct worker *worker);
