/* gateway/shared_config.h
 * A configuration that several workers hold, each as a whole: the last one to let go frees it. */
#pragma once
#include "gateway/canaries.h"
#include "gateway/health.h"
#include "gateway/mcp_tools.h"
#include "gateway/openapi_pieces.h"
#include "gateway/shadow_table.h"
#include "gateway/worker.h"

struct shared_config {
    struct config *config;
    struct health_table health;
    struct canary_table canaries;
    struct shadow_table shadows;
    struct mcp_tools tools;
    struct openapi_pieces openapi;
    bool lent;              /* it is not freed */
    uint64_t generation;    /* how many were in force before it */
    _Atomic size_t holders; /* the gateway while it is current, and one per worker's lease */
};

/* Takes the configuration; one holder. The gateway has what is known of its targets and rules. */
struct shared_config *shared_config_new(struct config *config, const struct gateway *gateway);
void shared_config_hold(struct shared_config *shared);
void shared_config_release(struct shared_config *shared);
/* Gives what is in force, with a holder. Any thread. */
struct shared_config *gateway_hold_current(struct gateway *gateway);
/* What calls may cost, and how many there may be, is no matter of a version or a draft: whoever may
 * name one must not get around what is in force. Of a configuration with one endpoint, which is
 * nobody's yet. */
void shared_config_limit(struct config *config, const struct config *current);

/* Joining and leaving, under the gateway's lock; a joining worker gets the current configuration
 * with a holder for it. */
struct shared_config *gateway_join(struct gateway *gateway, struct worker *worker);
void gateway_leave(struct gateway *gateway, struct worker *worker);
/* The worker's half of a reload: new requests get this one (taken). In the worker's thread. */
void worker_adopt(struct worker *worker, struct shared_config *shared);
