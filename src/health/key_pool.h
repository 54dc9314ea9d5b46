/* health/key_pool.h
 * The credentials of one provider: which to use next, and which to leave alone for a while. Calls
 * rotate evenly among the keys that are ready. Knows no secrets, only their places 0 to count - 1.
 * Shared by all threads without a lock, at most 64 loads per pick; time (monotonic) is an argument.
 * A zeroed pool with a count has all keys ready; there is nothing to release.
 *
 * Every report changes one key by one compare-and-swap, so none is lost, exactly one thread is told
 * of a change, and a key that is tried again after a long rest is given to exactly one call. Ready
 * keys are picked as they were seen: calls that are under way when a key begins to rest still end
 * with it. */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { KEY_POOL_MAX = 64 };

struct key_pool_rule {
    uint32_t limited_ms; /* rest after a limit without a hint; twice as long each further time */
    uint32_t limited_max_ms; /* ... up to this */
    uint32_t spent_ms;       /* rest when there is no money or quota left; a longer hint wins */
    uint32_t refused_ms;     /* rest of a key that is not accepted */
};
/* 1 s up to 60 s; 10 minutes; 1 hour. */
extern const struct key_pool_rule key_pool_rule_default;

struct key_pool {
    uint32_t count;                      /* keys there are, at most KEY_POOL_MAX; set once */
    _Atomic uint32_t turn;               /* of the rotation */
    _Atomic uint64_t keys[KEY_POOL_MAX]; /* packed: key_pool.c */
};

/* In order of gravity. */
enum key_state {
    KEY_READY,
    KEY_COOLING, /* over a limit (429): ready again by itself */
    KEY_SPENT,   /* no money or quota (402): one call tries it again after the rest */
    KEY_REFUSED, /* not accepted (401, 403): likewise */
};
struct key_pick {
    uint32_t key;
    enum key_state state; /* KEY_READY: use it. Otherwise none is ready, and this is ... */
    uint64_t wait_ms; /* ... the one that will be soonest, in so long; UINT64_MAX: none is left */
    bool trial;       /* of a key after a long rest; its report decides for all */
};
/* The next key to use that is not in `tried`, a bit for each. A key whose long rest is over comes
 * before the ready ones, once. */
struct key_pick key_pool_pick(struct key_pool *pool, const struct key_pool_rule *rule,
                              uint64_t tried, uint64_t now_ms);

/* Whether a pick would find one; takes no turn and no trial. */
bool key_pool_ready(const struct key_pool *pool, uint64_t tried, uint64_t now_ms);

enum key_verdict {
    KEY_WORKED,
    KEY_UNTOLD, /* the call says nothing of its key: cancelled, no connection, 5xx */
    KEY_LIMITED,
    KEY_EXHAUSTED, /* of money or quota */
    KEY_DENIED,
};
enum key_change {
    KEY_SAME,
    KEY_LOST, /* spent or refused, by this very report: worth an alarm, once */
    KEY_BACK, /* a trial succeeded */
};
/* What a call told of the key it was given. `hint_ms` is how long the provider asks to be left
 * alone (0: not said), taken up to a week. A success that ends while its key rests does not end the
 * rest, and limits reported together are one. */
enum key_change key_pool_report(struct key_pool *pool, const struct key_pool_rule *rule,
                                struct key_pick pick, enum key_verdict verdict, uint64_t hint_ms,
                                uint64_t now_ms);

/* For metrics; a key that is due for its trial is still spent or refused. */
enum key_state key_pool_state(const struct key_pool *pool, uint32_t key, uint64_t now_ms);
/* How long it rests yet; 0: it is ready, or due for its trial. */
uint64_t key_pool_rest_ms(const struct key_pool *pool, uint32_t key, uint64_t now_ms);
