/* gateway/plan.h
 * What to try next when a call has failed: the same target again, with another credential, the next
 * target of the chain, or nothing. Pure: time (monotonic) and randomness are arguments.
 *
 *   - A credential that is refused, spent or limited: another one of the same provider, at once.
 *   - Nothing could be reached, or the provider asks to wait: the next target at once, where there
 * is one that takes this failure; otherwise the same again, after a while.
 *   - The provider stumbled: the same again first, then the next.
 *   - The call took too long, or its answer cannot be used: the next.
 * The same target is asked again only `retry.times`, only while the gateway's budget of retries
 * lasts, and where it may be at work on the first call only if the endpoint says so (reliability
 * P4). Everything happens before one deadline (P5). */
#pragma once
#include "config/config.h"
#include "health/retry.h"

enum { PLAN_CALLS_MAX = 16 }; /* of one request, whatever its endpoint says */

struct plan {
    const struct endpoint *endpoint;
    const struct target *routed;      /* the first of the chain; the endpoint's failover follows */
    const struct token_record *token; /* whose models alone are asked; NULL: all */
    const struct chat *chat;          /* that is to be understood there; NULL: all are */
    uint64_t deadline_ms;
    size_t at;           /* place in the chain: 0 is the routed one */
    unsigned tries;      /* at this target, beyond the first */
    unsigned calls;      /* that were made */
    uint64_t tried_keys; /* of this target's provider, a bit each */
};

const struct target *plan_target(const struct plan *plan);
/* Goes on from that target, which is one of the chain: of two that were asked at once, the one that
 * answers. */
void plan_stand_at(struct plan *plan, const struct target *target);
/* The next place in the chain behind the present one that takes a failure of that condition;
 * that the token may use, and that does what is asked; SIZE_MAX: none. */
size_t plan_next_place(const struct plan *plan, enum failover_on on);

/* What is known of the failure. */
struct plan_failure {
    enum failure_kind kind;
    uint64_t hint_ms; /* the provider asks to be left alone so long; 0: not said */
    bool unanswered;  /* it may be at work on the call: all was sent, and no status came */
    bool other_key;   /* another credential of this provider is ready */
};
enum plan_step {
    PLAN_GIVE_UP,
    PLAN_OTHER_KEY, /* the same target, now */
    PLAN_RETRY,     /* the same target, after wait_ms; a place in the budget is needed */
    PLAN_NEXT       /* target `place`, now */
};
struct plan_choice {
    enum plan_step step;
    uint64_t wait_ms;
    size_t place;
};
/* `budget_left`: a retry would be allowed. Changes nothing. */
struct plan_choice plan_choose(const struct plan *plan, const struct plan_failure *failure,
                               bool budget_left, uint64_t now_ms, uint32_t random);
/* Does it: the plan then stands at the chosen target. */
void plan_take(struct plan *plan, const struct plan_choice *choice);
