/* trial/trial.h
 * A gateway without sockets, for commands that show or test what an endpoint does: the pipeline
 * that serves callers, over a configuration that was read, with one caller and a store of its own
 * that is gone afterwards. Whatever a trial shows is therefore what a caller would have met;
 * nothing is worked out a second time.
 *
 * A trial belongs to one thread. What one call leaves behind (limits, budgets, sessions, the health
 * of targets) counts for the next one; whoever wants calls that know nothing of each other opens a
 * trial for each. */
#pragma once
#include "auth/token.h"
#include "config/config.h"
#include "gateway/http.h"
#include "gateway/pipeline.h"

struct request;
struct trial;

struct trial_options {
    /* Whose id, name, tags, project, scopes, models, limits and budgets the caller has; borrowed.
     * NULL: a caller who may call everything. Addresses do not matter: a trial has none. */
    const struct token_record *caller;
    int64_t at_ms;                      /* the wall time at which every call is made; 0: now */
    struct transport_options transport; /* how providers are reached */
    struct text scratch; /* the folder that its store is made in; empty: that of temporary files */
};

/* Opens it. The configuration is kept, and still the caller's after trial_close. NULL with *err
 * when there is no room for the store, no descriptors, or the caller cannot be one (an expired
 * token). */
struct trial *trial_open(struct config *config, const struct trial_options *options,
                         struct error *err);
/* Every call must have ended. NULL does nothing. */
void trial_close(struct trial *trial);

struct trial_call {
    struct text slug;
    struct text body;                  /* as a caller would send it */
    const struct http_header *headers; /* names in lower case */
    size_t header_count;
    /* The last stage that is run, where none fails before it; STAGE_COUNT: the whole life. What
     * fails is answered in either case, as a caller would be. */
    enum stage_id until;
    bool explains; /* as with Pinion-Explain, whatever the caller's verbs */
};
struct trial_reply {
    int status; /* 0: the call rests behind the stage that was wanted, and nothing was answered */
    const struct http_header *headers;
    size_t header_count;
    struct text body; /* of a stream: all its events */
    bool streamed;
    bool broken; /* the stream was cut */
};

/* Makes a call and waits for its end, or for its rest: as long as the endpoint's own timeouts let
 * it. Texts of `call` are kept until trial_end. Gives the request as it stands then, to be looked
 * at (gateway/request_state.h); it and *out are good until trial_end. At most one call at a time.
 */
struct request *trial_call(struct trial *trial, const struct trial_call *call,
                           struct trial_reply *out);
void trial_end(struct trial *trial);
