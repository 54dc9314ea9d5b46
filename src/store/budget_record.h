/* store/budget_record.h
 * What was spent of one account in one period, as stored. Money is integer nano-USD.
 *
 * A gateway may spend of an account only what it has leased before: a lease is durable before a
 * call that it covers is sent, and drawn down in memory. So what is `settled` and `open` together
 * is never less than what providers have been asked for; when a process dies, what it had open is
 * counted as spent, and listed as `recovered`. */
#pragma once
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

enum { STORE_BUDGET_KEY_BYTES = 200 };
#define STORE_BUDGET_UNLIMITED (-1)

struct budget_record {
    struct text key;      /* account and period: "endpoint/summarize/2026-11" */
    int64_t settled;      /* the cost of calls that are over */
    int64_t recovered;    /* what was open when a process died: counted as spent */
    int64_t open;         /* leased by running gateways, less what they have settled since. Negative
                             where calls have cost more than was thought */
    int64_t recovered_ms; /* when the last of it was recovered; 0: never */
};
/* What counts against a limit: all that was ever leased and not given back. What calls have cost
 * beyond that is in `settled` and taken off in `open`; it counts once the next lease, which is as
 * much larger, fills it. */
static inline int64_t budget_committed(const struct budget_record *record)
{
    return record->settled + record->recovered + record->open;
}

/* One account's part in a STORE_BUDGET_LEASE or _RETURN. */
struct budget_order {
    struct text key;
    int64_t need;  /* LEASE: the least that is of use. RETURN: how much is given back; negative:
                      how much more than was leased has been spent */
    int64_t want;  /* LEASE: the most; at least `need` */
    int64_t limit; /* of the account in the period; STORE_BUDGET_UNLIMITED */
    /* results of a LEASE */
    int64_t granted;             /* 0: `need` does not fit under the limit */
    struct budget_record record; /* afterwards, without its key */
};
/* The cost of calls that are over, summed per account: part of a STORE_LEDGER_APPEND. */
struct budget_settlement {
    struct text key;
    int64_t nano;
};
