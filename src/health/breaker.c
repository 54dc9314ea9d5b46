/* All that decides is in one word, the gate: the phase; how many times in a row the breaker opened;
 * an instant; and a generation that counts the phases there have been. A change of phase is one
 * compare-and-swap of that word, so exactly one thread makes it. The generation is the ticket of
 * calls and probes: a report with another one is about a phase that is over.
 *
 * Faults in a row and the window are kept beside the gate and count only while it is closed. The
 * probe that closes it empties them first, when nobody counts.
 *
 * A breaker that opens again sooner after closing than it was open before goes on doubling: a
 * target that answers one probe in ten is no healthier for it. */
#include "health/breaker.h"

#include <stdbool.h>
#include <stddef.h>

#define PROBING_WAIT_MS 1000u

const struct breaker_rule breaker_rule_default = {
    .faults_in_row = 5,
    .window_ms = 10000,
    .window_calls_min = 20,
    .window_faults_pct = 50,
    .open_ms = 30000,
    .open_max_ms = 300000,
    .probe_ms = 120000,
};

/* ---- The gate ---- */

enum phase { CLOSED, OPEN, PROBING };
enum { AT_BITS = 40, GENERATION_BITS = 18, OPENINGS_BITS = 4, OPENINGS_MAX = 15 };

struct gate {
    enum phase phase;
    unsigned openings;   /* in a row; 0: it never opened, or long ago */
    uint32_t generation; /* wraps; a report older than a whole round is none that a call makes */
    uint64_t at_ms;      /* closed since, open until, or when the probe is given up */
};

static struct gate unpack(uint64_t word)
{
    struct gate gate = {.at_ms = word & ((UINT64_C(1) << AT_BITS) - 1)};

    word >>= AT_BITS;
    gate.generation = (uint32_t)(word & ((1u << GENERATION_BITS) - 1));
    word >>= GENERATION_BITS;
    gate.openings = (unsigned)(word & OPENINGS_MAX);
    gate.phase = (enum phase)(word >> OPENINGS_BITS);
    return gate;
}

static uint64_t pack(struct gate gate)
{
    uint64_t word = (uint64_t)gate.phase;

    word = word << OPENINGS_BITS | gate.openings;
    word = word << GENERATION_BITS | (gate.generation & ((1u << GENERATION_BITS) - 1));
    return word << AT_BITS | (gate.at_ms & ((UINT64_C(1) << AT_BITS) - 1));
}

/* Into the next phase, unless another thread was first. */
static bool enter(struct breaker *breaker, uint64_t *word, struct gate next)
{
    next.generation = unpack(*word).generation + 1;
    return atomic_compare_exchange_strong(&breaker->gate, word, pack(next));
}

static uint64_t open_ms(const struct breaker_rule *rule, unsigned openings)
{
    uint64_t ms = (uint64_t)rule->open_ms << (openings - 1);

    return ms < rule->open_max_ms ? ms : rule->open_max_ms;
}

static struct gate opened(const struct breaker_rule *rule, unsigned openings, uint64_t now_ms,
                          uint32_t random)
{
    uint64_t most_ms;

    if (openings > OPENINGS_MAX)
        openings = OPENINGS_MAX;
    most_ms = open_ms(rule, openings);
    return (struct gate){OPEN, openings, 0, now_ms + most_ms - (most_ms / 4 * random >> 32)};
}

/* ---- Counting, while closed ---- */

enum { TICK_BITS = 28, COUNT_BITS = 18, COUNT_MAX = (1 << COUNT_BITS) - 1 };

/* A slot: which tenth of which window it counts, then faults, then all calls. */
struct slot {
    uint32_t tick, faults, calls;
};

static struct slot unpack_slot(uint64_t word)
{
    return (struct slot){(uint32_t)(word >> 2 * COUNT_BITS),
                         (uint32_t)(word >> COUNT_BITS) & COUNT_MAX, (uint32_t)word & COUNT_MAX};
}

static uint64_t pack_slot(struct slot slot)
{
    return ((uint64_t)slot.tick << COUNT_BITS | slot.faults) << COUNT_BITS | slot.calls;
}

static uint64_t tick_of(const struct breaker_rule *rule, uint64_t now_ms)
{
    return now_ms / ((rule->window_ms + BREAKER_SLOTS - 1) / BREAKER_SLOTS);
}

static void count_in_window(struct breaker *breaker, uint64_t now_tick, bool fault)
{
    _Atomic uint64_t *place = &breaker->slots[now_tick % BREAKER_SLOTS];
    uint32_t tick = now_tick & ((1u << TICK_BITS) - 1);
    uint64_t word = *place;
    struct slot slot;

    do {
        slot = unpack_slot(word);
        if (slot.tick != tick)
            slot = (struct slot){.tick = tick};
        if (slot.calls == COUNT_MAX) /* a quarter of a million in this tenth have told enough */
            return;
        slot.calls++;
        slot.faults += fault;
    } while (!atomic_compare_exchange_weak(place, &word, pack_slot(slot)));
}

static bool window_trips(struct breaker *breaker, const struct breaker_rule *rule,
                         uint64_t now_tick)
{
    uint64_t calls = 0, faults = 0;

    for (size_t i = 0; i < BREAKER_SLOTS; i++) {
        struct slot slot = unpack_slot(breaker->slots[i]);

        if ((((uint32_t)now_tick - slot.tick) & ((1u << TICK_BITS) - 1)) >= BREAKER_SLOTS)
            continue;
        calls += slot.calls;
        faults += slot.faults;
    }
    return calls >= rule->window_calls_min && faults * 100 >= calls * rule->window_faults_pct;
}

/* Counts a call's end; true when it is one too many. */
static bool count(struct breaker *breaker, const struct breaker_rule *rule, bool fault,
                  uint64_t now_ms)
{
    bool trips = false;
    uint64_t now_tick;

    if (fault)
        trips = ++breaker->faults_in_row >= rule->faults_in_row && rule->faults_in_row > 0;
    else if (breaker->faults_in_row > 0) /* read first: a healthy target's line stays shared */
        breaker->faults_in_row = 0;
    if (rule->window_faults_pct == 0 || rule->window_ms == 0)
        return trips;
    now_tick = tick_of(rule, now_ms);
    count_in_window(breaker, now_tick, fault);
    return trips || window_trips(breaker, rule, now_tick);
}

static void forget(struct breaker *breaker)
{
    breaker->faults_in_row = 0;
    for (size_t i = 0; i < BREAKER_SLOTS; i++)
        breaker->slots[i] = 0;
}

/* ---- Asking and reporting ---- */

static struct breaker_pass wait_for(struct gate gate, uint64_t now_ms)
{
    uint64_t wait_ms = gate.at_ms - now_ms;

    if (gate.phase == PROBING && wait_ms > PROBING_WAIT_MS)
        wait_ms = PROBING_WAIT_MS;
    return (struct breaker_pass){.answer = BREAKER_WAIT, .wait_ms = wait_ms};
}

struct breaker_pass breaker_ask(struct breaker *breaker, const struct breaker_rule *rule,
                                uint64_t now_ms)
{
    uint64_t word = breaker->gate;

    for (;;) {
        struct gate gate = unpack(word);

        if (gate.phase == CLOSED)
            return (struct breaker_pass){BREAKER_CALL, gate.generation, 0};
        if (now_ms < gate.at_ms)
            return wait_for(gate, now_ms);
        gate.phase = PROBING;
        gate.at_ms = now_ms + rule->probe_ms;
        if (enter(breaker, &word, gate))
            return (struct breaker_pass){BREAKER_PROBE,
                                         (gate.generation + 1) & ((1u << GENERATION_BITS) - 1), 0};
    }
}

static enum breaker_change end_probe(struct breaker *breaker, const struct breaker_rule *rule,
                                     uint64_t word, enum breaker_verdict verdict, uint64_t now_ms,
                                     uint32_t random)
{
    struct gate gate = unpack(word), next = {CLOSED, gate.openings, 0, now_ms};
    enum breaker_change change = BREAKER_CLOSED_AGAIN;

    if (verdict == BREAKER_OK) {
        forget(breaker);
    } else if (verdict == BREAKER_FAULT) {
        next = opened(rule, gate.openings + 1, now_ms, random);
        change = BREAKER_OPENED;
    } else {
        next.phase = OPEN; /* until now */
        change = BREAKER_SAME;
    }
    return enter(breaker, &word, next) ? change : BREAKER_SAME;
}

static enum breaker_change trip(struct breaker *breaker, const struct breaker_rule *rule,
                                uint64_t word, uint64_t now_ms, uint32_t random)
{
    struct gate gate = unpack(word);
    bool flaps = gate.openings > 0 && now_ms < gate.at_ms + open_ms(rule, gate.openings);

    if (!flaps)
        gate.openings = 0;
    return enter(breaker, &word, opened(rule, gate.openings + 1, now_ms, random)) ? BREAKER_OPENED
                                                                                  : BREAKER_SAME;
}

enum breaker_change breaker_report(struct breaker *breaker, const struct breaker_rule *rule,
                                   uint32_t ticket, enum breaker_verdict verdict, uint64_t now_ms,
                                   uint32_t random)
{
    uint64_t word = breaker->gate;
    struct gate gate = unpack(word);

    if (gate.generation != ticket)
        return BREAKER_SAME;
    if (gate.phase == PROBING)
        return end_probe(breaker, rule, word, verdict, now_ms, random);
    if (gate.phase != CLOSED || verdict == BREAKER_NEUTRAL ||
        !count(breaker, rule, verdict == BREAKER_FAULT, now_ms))
        return BREAKER_SAME;
    return trip(breaker, rule, word, now_ms, random);
}

enum breaker_state breaker_state(const struct breaker *breaker, uint64_t now_ms)
{
    struct gate gate = unpack(breaker->gate);

    if (gate.phase == CLOSED)
        return BREAKER_CLOSED;
    return gate.phase == OPEN && now_ms < gate.at_ms ? BREAKER_OPEN : BREAKER_HALF_OPEN;
}
