/* A key is one word: until when it rests, its state, and how many limits it ran into in a row. A
 * trial is given by moving the end of the rest on by another one: whoever does that has it, and if
 * it never reports, the next one comes after that rest. */
#include "health/key_pool.h"

#include "base/check.h"

#include <stddef.h>

#define HINT_MAX_MS (7 * UINT64_C(86400000))

const struct key_pool_rule key_pool_rule_default = {
    .limited_ms = 1000,
    .limited_max_ms = 60000,
    .spent_ms = 600000,
    .refused_ms = 3600000,
};

enum { STRIKES_MAX = 15, STATE_BITS = 2, UNTIL_SHIFT = 8 };

struct key {
    enum key_state state;
    unsigned strikes;
    uint64_t until_ms;
};

static struct key unpack(uint64_t word)
{
    return (struct key){(enum key_state)(word % 4), (unsigned)(word >> STATE_BITS) & STRIKES_MAX,
                        word >> UNTIL_SHIFT};
}

static uint64_t pack(struct key key)
{
    return key.until_ms << UNTIL_SHIFT | (uint64_t)key.strikes << STATE_BITS | key.state;
}

/* ---- Picking ---- */

static bool rests_long(struct key key)
{
    return key.state >= KEY_SPENT;
}

static uint64_t long_rest_ms(const struct key_pool_rule *rule, enum key_state state)
{
    return state == KEY_SPENT ? rule->spent_ms : rule->refused_ms;
}

static bool take_trial(_Atomic uint64_t *place, const struct key_pool_rule *rule, uint64_t word,
                       uint64_t now_ms)
{
    struct key key = unpack(word);

    key.until_ms = now_ms + long_rest_ms(rule, key.state);
    return atomic_compare_exchange_strong(place, &word, pack(key));
}

/* A rest that is over here is one whose trial another thread has just taken. */
static uint64_t wait_for(struct key key, const struct key_pool_rule *rule, uint64_t now_ms)
{
    return key.until_ms > now_ms ? key.until_ms - now_ms : long_rest_ms(rule, key.state);
}

/* The next in turn among the set bits; there is at least one. */
static uint32_t rotate(struct key_pool *pool, uint64_t ready)
{
    uint32_t skip = atomic_fetch_add(&pool->turn, 1) % (uint32_t)__builtin_popcountll(ready);

    while (skip-- > 0)
        ready &= ready - 1;
    return (uint32_t)__builtin_ctzll(ready);
}

struct key_pick key_pool_pick(struct key_pool *pool, const struct key_pool_rule *rule,
                              uint64_t tried, uint64_t now_ms)
{
    struct key_pick soonest = {.state = KEY_REFUSED, .wait_ms = UINT64_MAX};
    uint64_t ready = 0;

    CHECK(pool->count <= KEY_POOL_MAX);
    for (uint32_t i = 0; i < pool->count; i++) {
        uint64_t word = pool->keys[i];
        struct key key = unpack(word);

        if ((tried >> i & 1) != 0)
            continue;
        if (key.until_ms <= now_ms && !rests_long(key)) {
            ready |= UINT64_C(1) << i;
        } else if (key.until_ms <= now_ms && take_trial(&pool->keys[i], rule, word, now_ms)) {
            return (struct key_pick){.key = i, .trial = true};
        } else if (wait_for(key, rule, now_ms) < soonest.wait_ms) {
            soonest = (struct key_pick){i, key.state, wait_for(key, rule, now_ms), false};
        }
    }
    return ready != 0 ? (struct key_pick){.key = rotate(pool, ready)} : soonest;
}

bool key_pool_ready(const struct key_pool *pool, uint64_t tried, uint64_t now_ms)
{
    for (uint32_t i = 0; i < pool->count; i++)
        if ((tried >> i & 1) == 0 && unpack(pool->keys[i]).until_ms <= now_ms)
            return true;
    return false;
}

/* ---- Reporting ---- */

static uint64_t rest_ms(const struct key_pool_rule *rule, struct key key, uint64_t hint_ms)
{
    uint64_t ms = hint_ms < HINT_MAX_MS ? hint_ms : HINT_MAX_MS;

    if (key.state == KEY_REFUSED)
        return rule->refused_ms;
    if (key.state == KEY_SPENT)
        return ms > rule->spent_ms ? ms : rule->spent_ms;
    if (ms > 0)
        return ms;
    ms = (uint64_t)rule->limited_ms << (key.strikes - 1);
    return ms < rule->limited_max_ms ? ms : rule->limited_max_ms;
}

/* What a key is after it failed in a way that leads to `state`. */
static struct key failed(struct key key, const struct key_pool_rule *rule, bool trial,
                         enum key_state state, uint64_t hint_ms, uint64_t now_ms)
{
    struct key next = {state, key.strikes, 0};

    if (!trial && state < key.state)
        return key; /* worse is known */
    if (!trial && state == key.state && key.until_ms > now_ms) {
        next.until_ms = hint_ms > 0 ? now_ms + rest_ms(rule, next, hint_ms) : 0;
        return next.until_ms > key.until_ms ? next : key;
    }
    if (state != KEY_COOLING)
        next.strikes = 0;
    else if (next.strikes < STRIKES_MAX)
        next.strikes++;
    next.until_ms = now_ms + rest_ms(rule, next, hint_ms);
    return next;
}

static struct key after(struct key key, const struct key_pool_rule *rule, bool trial,
                        enum key_verdict verdict, uint64_t hint_ms, uint64_t now_ms)
{
    trial = trial && rests_long(key);
    switch (verdict) {
    case KEY_WORKED:
        return trial || (!rests_long(key) && key.until_ms <= now_ms) ? (struct key){0} : key;
    case KEY_UNTOLD:
        if (trial)
            key.until_ms = now_ms;
        return key;
    case KEY_LIMITED:
        return failed(key, rule, trial, KEY_COOLING, hint_ms, now_ms);
    case KEY_EXHAUSTED:
        return failed(key, rule, trial, KEY_SPENT, hint_ms, now_ms);
    case KEY_DENIED:
        return failed(key, rule, trial, KEY_REFUSED, hint_ms, now_ms);
    }
    NEVER("a verdict is one of the five");
}

enum key_change key_pool_report(struct key_pool *pool, const struct key_pool_rule *rule,
                                struct key_pick pick, enum key_verdict verdict, uint64_t hint_ms,
                                uint64_t now_ms)
{
    _Atomic uint64_t *place = &pool->keys[pick.key];
    struct key key, next;
    uint64_t word;

    CHECK(pick.key < pool->count && pool->count <= KEY_POOL_MAX);
    word = *place;
    do {
        key = unpack(word);
        next = after(key, rule, pick.trial, verdict, hint_ms, now_ms);
        if (pack(next) == word)
            return KEY_SAME;
    } while (!atomic_compare_exchange_weak(place, &word, pack(next)));
    if (next.state > key.state && rests_long(next))
        return KEY_LOST;
    return rests_long(key) && !rests_long(next) ? KEY_BACK : KEY_SAME;
}

enum key_state key_pool_state(const struct key_pool *pool, uint32_t key, uint64_t now_ms)
{
    struct key now = unpack(pool->keys[key]);

    return now.state == KEY_COOLING && now.until_ms <= now_ms ? KEY_READY : now.state;
}

uint64_t key_pool_rest_ms(const struct key_pool *pool, uint32_t key, uint64_t now_ms)
{
    struct key now = unpack(pool->keys[key]);

    return now.state != KEY_READY && now.until_ms > now_ms ? now.until_ms - now_ms : 0;
}
