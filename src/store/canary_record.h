/* store/canary_record.h
 * A routing rule that was switched off because its calls fared worse than the rest, and what was
 * seen of both by then. It stays off as long as this record is there and the rule's content, whose
 * digest is part of the key, is the same. */
#pragma once
#include "base/text.h"

#include <stdint.h>

enum {
    STORE_CANARIES_MAX = 256, /* one more, and the oldest goes: nobody has that rule any more */
    CANARY_DIGEST_BYTES = 32,
    CANARY_ENDPOINT_BYTES_MAX = 64,
    CANARY_RULE_BYTES_MAX = 64,
};

/* What keeps its number, as it is stored. */
enum canary_why {
    CANARY_FINE = 0,
    CANARY_REFUSED = 1, /* its answers did not fit the output schema too often */
    CANARY_COST = 2,    /* its calls cost too much */
};

/* Of the calls that were compared, on either side. */
struct canary_sums {
    uint64_t calls, refused; /* the latter: answered with a 422 because of the output */
    uint64_t costed;         /* calls whose cost is known */
    int64_t cost_nano;       /* of those */
};

struct canary_record {
    struct text endpoint; /* its slug */
    unsigned char digest[CANARY_DIGEST_BYTES];
    struct text rule; /* its name */
    int64_t off_ms;   /* wall time */
    enum canary_why why;
    uint64_t window_ms; /* in which the calls were counted */
    struct canary_sums taken, rest;
};
