/* health/breaker.h
 * A circuit breaker for one target: after too many faults of the target's own nobody calls it for a
 * while, then one call at a time tries whether it is back. Shared by all threads without a lock:
 * asking reads one atomic word, reporting swaps one more. Time (monotonic) and randomness are
 * arguments. A zeroed breaker is closed, has seen nothing, and needs no release.
 *
 * How exact it is between threads: there is never more than one probe, one thread alone is told of
 * each change, and every report is counted once. Reports of calls that began before the last change
 * are known by their ticket and count for nothing; only a thread that stands still inside
 * breaker_report for a whole open period can carry its one report over. */
#pragma once
#include <stdatomic.h>
#include <stdint.h>

struct breaker_rule {
    uint32_t faults_in_row;     /* opens it; 0: however many */
    uint32_t window_ms;         /* kept in tenths: the last nine to ten of them are looked at */
    uint32_t window_calls_min;  /* of that many calls in the window or more ... */
    uint32_t window_faults_pct; /* ... this share were faults: opens it; 0: no window */
    uint32_t open_ms;           /* the first time; twice as long each further time in a row ... */
    uint32_t open_max_ms;       /* ... up to this */
    uint32_t probe_ms;          /* a probe that has not reported by then is given up */
};
/* 5 in a row, or 50 % of 20 or more in 10 s; open 30 s up to 300 s; a probe has 120 s. */
extern const struct breaker_rule breaker_rule_default;

enum { BREAKER_SLOTS = 10 };
struct breaker {
    _Atomic uint64_t gate; /* the state, packed: breaker.c */
    _Atomic uint32_t faults_in_row;
    _Atomic uint64_t slots[BREAKER_SLOTS]; /* calls and faults of a tenth of the window each */
};

enum breaker_answer {
    BREAKER_CALL,
    BREAKER_PROBE, /* call, and be sure to report: nobody else may until then */
    BREAKER_WAIT,
};
struct breaker_pass {
    enum breaker_answer answer;
    uint32_t ticket;  /* to report with; of a call or a probe */
    uint64_t wait_ms; /* BREAKER_WAIT: when to ask again. While a probe is out nobody knows: 1 s */
};
/* Whether the target may be called now. */
struct breaker_pass breaker_ask(struct breaker *breaker, const struct breaker_rule *rule,
                                uint64_t now_ms);

enum breaker_verdict {
    BREAKER_OK,
    BREAKER_FAULT,   /* the target's fault: unreachable, timed out, 5xx, nonsense */
    BREAKER_NEUTRAL, /* says nothing of the target: a bad request, a key's limit, cancelled */
};
enum breaker_change {
    BREAKER_SAME,
    BREAKER_OPENED, /* by this very report; also when a probe fails */
    BREAKER_CLOSED_AGAIN,
};
/* What became of a call or probe. A probe's success closes the breaker, its fault opens it for
 * longer, a neutral end frees the place for the next probe. `random` is any uniform number; it
 * shortens an open period by up to a quarter, so that gateways do not probe in step. */
enum breaker_change breaker_report(struct breaker *breaker, const struct breaker_rule *rule,
                                   uint32_t ticket, enum breaker_verdict verdict, uint64_t now_ms,
                                   uint32_t random);

enum breaker_state { BREAKER_CLOSED, BREAKER_HALF_OPEN, BREAKER_OPEN };
/* For metrics and conditions; changes nothing. Half-open: a probe is out, or the next may go. */
enum breaker_state breaker_state(const struct breaker *breaker, uint64_t now_ms);
