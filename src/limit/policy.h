/* limit/policy.h
 * The limits that hold for one call, as a list of policies: what counts (calls, tokens, calls at
 * once), for whom, how much of it in how long. All of them hold, and they are taken all or none: a
 * refusal gives back what the others had given. Takes no lock; time is an argument (monotonic).
 *
 * Of threads that are refused at the same instant by different policies, one may be told of a
 * policy out of which another has just taken and is about to give back; that other one is refused,
 * too. */
#pragma once
#include "limit/rate.h"
#include "store/call_limits.h"

/* Whose calls count together; from narrow to broad. */
enum policy_scope {
    POLICY_ENDPOINT, /* of one token at one endpoint */
    POLICY_TOKEN,    /* of one token, wherever */
    POLICY_PROJECT,  /* of all tokens of a project */
    POLICY_SCOPE_COUNT
};
enum policy_kind {
    POLICY_MINUTE,
    POLICY_HOUR,
    POLICY_TOKENS,
    POLICY_CONCURRENT,
    POLICY_KIND_COUNT
};
enum policy_unit { POLICY_CALLS, POLICY_WEIGHT, POLICY_PLACES };

struct policy {
    enum policy_scope scope;
    enum policy_kind kind;
    uint64_t key;
    uint32_t quota;
    bool taken;
    struct rate_verdict verdict; /* as taken, or as it refused */
};
struct policies {
    struct policy items[POLICY_SCOPE_COUNT * POLICY_KIND_COUNT];
    size_t count;
};

/* What is said of a kind: the key of files, what is counted, the window (0: at once). */
struct policy_row {
    const char *word; /* "per_minute" */
    enum policy_unit unit;
    uint32_t window_ms;
};
const struct policy_row *policy_row(enum policy_kind kind);
/* "endpoint" */
const char *policy_scope_word(enum policy_scope scope);
/* As headers and metrics name it: "min", "hour", "tokens", "concurrent", and those of the broader
 * scopes "token-min", "project-hour". */
const char *policy_name(const struct policy *policy);

/* Adds what the limits set. `subject` is a hash of whom they are about, drawn with the process
 * seed; subjects of different scopes may be the same. */
void policies_add(struct policies *policies, const struct call_limits *limits,
                  enum policy_scope scope, uint64_t subject);

/* Takes one call, and a place among those at once, out of each policy of calls and places. NULL, or
 * the policy that refuses; of several the one with the longest wait, so that after it the call
 * passes if nothing else comes in between. */
const struct policy *policies_enter(struct policies *policies, struct rate_table *table,
                                    uint64_t now_ms);
/* Takes `weight` (at least 1) tokens out of each policy of tokens, likewise. */
const struct policy *policies_charge(struct policies *policies, struct rate_table *table,
                                     uint64_t weight, uint64_t now_ms);
/* The tokens taken have turned out to be `used`; for the first time only. */
void policies_correct(struct policies *policies, struct rate_table *table, uint64_t used,
                      uint64_t now_ms);
/* Gives places back, those that were taken. */
void policies_leave(struct policies *policies, struct rate_table *table);
/* Gives everything back, as if there had been no call: so say the verdicts of calls from then on.
 */
void policies_undo(struct policies *policies, struct rate_table *table, uint64_t now_ms);
