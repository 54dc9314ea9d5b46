/* canary/watch.h
 * Whether the calls that a routing rule takes fare worse than those it lets pass: how many are
 * answered with a 422 because the output does not fit, and what a call costs. Time is an argument
 * (monotonic), so that a test lives a day in a moment. A zeroed watch has seen nothing.
 *
 * What is noise does not switch a rule off. Two questions are asked, and both must be answered yes:
 * is the rate (or the ratio) above what the author allows, and would chance alone have done that
 * less than once in WATCH_CHANCE looks?
 *
 * Of 422: the exact binomial tail: so many refused of so many calls, if the true rate were the
 * greatest that is allowed. Where as many calls of the rest were seen as the rule asks for, also
 * the exact tail of Fisher's test: so many of all the refused ones among the rule's, if both sides
 * had the same rate. So nothing happens where inputs, and not the rule, are at fault.
 *
 * Of cost: one-sided, of the means: how far the rule's mean is above the allowed ratio times that
 * of the rest, in standard errors. As a few dear calls can move a mean, the same is asked of the
 * logarithms: a usual call must be dearer, too. Both sides need as many calls as the rule asks for,
 * and a rest that costs nothing says nothing.
 *
 * Counts are kept in WATCH_SLOTS parts of the window, of which the oldest goes as a new one begins:
 * the window is that long or up to one part shorter. */
#pragma once
#include "store/canary_record.h"

#include <stdbool.h>

enum { WATCH_SLOTS = 30, WATCH_CHANCE = 100000 };

struct watch_rule {
    bool refusals;       /* refused answers are looked at: */
    double refused_most; /* ... the greatest rate, 0 to 1 */
    double cost_ratio;   /* the greatest, of the means; 0: cost is not looked at */
    uint64_t min_calls;  /* of the rule in the window, before anything is concluded */
    uint64_t window_ms;  /* at least WATCH_SLOTS */
};

enum watch_side { WATCH_TAKEN, WATCH_REST, WATCH_SIDES };
struct watch_call {
    bool refused;
    int64_t cost_nano; /* -1: not known */
};

struct watch_counts {
    uint64_t calls, refused, costed;
    double cost, cost_squares; /* nano-USD */
    double logs, log_squares;  /* of the costs */
};
struct watch {
    struct watch_slot {
        uint64_t number; /* of the part of time; counts of an older one are gone */
        struct watch_counts sides[WATCH_SIDES];
    } slots[WATCH_SLOTS];
};

/* Counts a call that is over. */
void watch_note(struct watch *watch, const struct watch_rule *rule, enum watch_side side,
                const struct watch_call *call, uint64_t now_ms);
/* What was seen in the window. */
void watch_sum(const struct watch *watch, const struct watch_rule *rule, uint64_t now_ms,
               struct watch_counts out[WATCH_SIDES]);
/* In what the rule fares worse than it may; CANARY_FINE: in nothing that chance would not do. */
enum canary_why watch_judge(const struct watch_rule *rule,
                            const struct watch_counts counts[WATCH_SIDES]);

/* The chance of `hits` or more of `calls` when each has the chance `rate`. */
double watch_binomial_tail(uint64_t hits, uint64_t calls, double rate);
/* The chance of `hits` or more among `calls` drawn from `all_calls` of which `all_hits` are hits.
 */
double watch_drawn_tail(uint64_t hits, uint64_t calls, uint64_t all_hits, uint64_t all_calls);
