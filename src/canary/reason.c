#include "canary/reason.h"

#include "base/check.h"
#include "base/clock.h"

const char *canary_why_word(enum canary_why why)
{
    switch (why) {
    case CANARY_FINE:
        return "";
    case CANARY_REFUSED:
        return "422";
    case CANARY_COST:
        return "cost";
    }
    NEVER("a reason that is none");
}

static double percent(const struct canary_sums *sums)
{
    return sums->calls > 0 ? (double)sums->refused * 100 / (double)sums->calls : 0;
}

static double mean_usd(const struct canary_sums *sums)
{
    return sums->costed > 0 ? (double)sums->cost_nano / (double)sums->costed / 1e9 : 0;
}

static void put_refused(struct buffer *out, const struct canary_record *canary)
{
    const struct canary_sums *taken = &canary->taken, *rest = &canary->rest;

    buffer_printf(out, "%llu of %llu calls (%.1f %%) were answered with a 422",
                  (unsigned long long)taken->refused, (unsigned long long)taken->calls,
                  percent(taken));
    if (rest->calls == 0)
        buffer_put(out, TEXT(", and there were no others"));
    else
        buffer_printf(out, ", of %llu others %llu (%.1f %%)", (unsigned long long)rest->calls,
                      (unsigned long long)rest->refused, percent(rest));
}

static void put_cost(struct buffer *out, const struct canary_record *canary)
{
    double ours = mean_usd(&canary->taken), others = mean_usd(&canary->rest);

    buffer_printf(out, "a call cost %.6f USD on average of %llu, and %.6f of %llu others", ours,
                  (unsigned long long)canary->taken.costed, others,
                  (unsigned long long)canary->rest.costed);
    if (others > 0)
        buffer_printf(out, " (%.2f times as much)", ours / others);
}

void canary_put_reason(struct buffer *out, const struct canary_record *canary)
{
    if (canary->why == CANARY_COST)
        put_cost(out, canary);
    else
        put_refused(out, canary);
}

void canary_put_off(struct buffer *out, const struct canary_record *canary)
{
    char when[CLOCK_RFC3339_BYTES];

    buffer_put(out, TEXT("no, since "));
    buffer_put(out, clock_rfc3339(canary->off_ms, when));
    buffer_put(out, TEXT(": "));
    canary_put_reason(out, canary);
}
