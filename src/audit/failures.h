/* audit/failures.h
 * Callers that were refused, counted by address and reason, so that whoever knocks as often as he
 * likes, from as many addresses as he likes, leaves a bounded number of records: at most
 * AUDIT_FAILURES_MAX + 1 each time they are taken, and beyond AUDIT_FAILURES_A_DAY only the one in
 * which all others are counted together. A network of IPv6 (/64) is one address.
 *
 * Time is an argument; a zeroed one is empty; there is nothing to release. Not for several threads
 * at once. */
#pragma once
#include "base/text.h"

#include <stdint.h>

enum { AUDIT_FAILURES_MAX = 32, AUDIT_FAILURES_A_DAY = 5000, AUDIT_ADDRESS_BYTES = 48 };

struct audit_failure {
    char address[AUDIT_ADDRESS_BYTES]; /* empty: of several */
    const char *reason;                /* the word of an error; "various" of several */
    uint64_t count;
    int64_t first_ms, last_ms; /* wall */
};

struct audit_failures {
    struct audit_failure known[AUDIT_FAILURES_MAX];
    size_t count;
    struct audit_failure others; /* those that have no place any more */
    int64_t day;
    uint64_t taken_today;
};

/* `reason` is kept. */
void audit_failures_note(struct audit_failures *failures, struct text peer, const char *reason,
                         int64_t wall_ms);
/* Moves what was counted out, and begins anew; gives how many. */
size_t audit_failures_take(struct audit_failures *failures,
                           struct audit_failure out[AUDIT_FAILURES_MAX + 1]);
