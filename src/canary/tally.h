/* canary/tally.h
 * How the copies of calls that went to another target compare with the calls that were answered.
 * A zeroed tally has seen nothing. */
#pragma once
#include "base/text.h"

#include <stdint.h>

/* One row per outcome: name, and the word in logs, metrics and answers. */
#define TALLY_RESULTS(X)                                                                           \
    X(SAME, "same")                   /* both answers are good, and equal */                       \
    X(DIFFERENT, "different")         /* ... and not equal */                                      \
    X(ONLY_ANSWERED, "only_answered") /* the copy's answer was refused, the caller's was not */    \
    X(ONLY_SHADOW, "only_shadow")     /* the other way round */                                    \
    X(BOTH_REFUSED, "both_refused")                                                                \
    X(FAILED, "failed")           /* the copy got no answer */                                     \
    X(OVER_BUDGET, "over_budget") /* what shadows may spend is spent */                            \
    X(DROPPED, "dropped")         /* too many were under way, or the gateway shut down */

enum tally_result {
#define X(name, word) TALLY_##name,
    TALLY_RESULTS(X)
#undef X
        TALLY_RESULT_COUNT
};

/* Of both answers of one comparison. */
struct tally_side {
    int64_t cost_nano; /* -1: not known */
    uint64_t duration_us;
    int64_t tokens;
};
enum { TALLY_KEPT = 20, TALLY_ID_BYTES = 128 };
struct tally {
    uint64_t results[TALLY_RESULT_COUNT];
    uint64_t timed, costed;                /* comparisons in the sums below */
    uint64_t duration_us[2], cost_nano[2]; /* of the answered, of the shadows */
    uint64_t tokens[2];
    struct tally_odd {
        int64_t wall_ms;
        enum tally_result result;
        size_t id_len, shadow_id_len;
        char id[TALLY_ID_BYTES], shadow_id[TALLY_ID_BYTES]; /* of the requests */
    } odd[TALLY_KEPT]; /* the last that did not agree, in a ring */
    uint64_t odd_count;
};

const char *tally_word(enum tally_result result);
/* Whether both calls were made and judged. */
bool tally_compared(enum tally_result result);
/* One that ended so, whose sides are known where they were compared; else they may be NULL. */
void tally_add(struct tally *tally, enum tally_result result, const struct tally_side *answered,
               const struct tally_side *shadow, struct text id, struct text shadow_id,
               int64_t wall_ms);
/* The part of comparisons that agree, 0 to 1: the same, or both refused; -1: there are none. */
double tally_agreement(const struct tally *tally);
