/* What is said of hours that are written down, and of weeks that are simulated: endpoints of many
 * kinds, with nights, weekends, bad days and heavy tails, looked at every five minutes. */
#include "anomaly/anomaly.h"

#include "anomaly/track.h"

#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- hours that are written down -----------------------------------------------------------------
 */

static struct anomaly_hour usual_hour(void)
{
    return (struct anomaly_hour){.calls = 200,
                                 .errors = 2,
                                 .invalid_output = 4,
                                 .timed = 196,
                                 .p95_us = 800000,
                                 .cost_nano = INT64_C(2000000000)};
}

static struct anomaly_past *usual_past(size_t same, size_t week)
{
    static struct anomaly_past past;

    past = (struct anomaly_past){.same_count = same, .week_count = week};
    for (size_t i = 0; i < same; i++)
        past.same[i] = usual_hour();
    for (size_t i = 0; i < week; i++)
        past.week[i] = usual_hour();
    return &past;
}

static bool is_strange(enum anomaly_kind kind, const struct anomaly_past *past,
                       struct anomaly_hour now)
{
    struct anomaly_sight sight;

    return anomaly_judge(kind, past, &now, &sight);
}

TEST(what_is_as_usual_is_not_strange_and_what_is_far_from_it_is)
{
    const struct anomaly_past *past = usual_past(12, 168);
    struct anomaly_hour now = usual_hour();
    struct anomaly_sight sight;

    for (int kind = 0; kind < ANOMALY_KIND_COUNT; kind++)
        EXPECT(!is_strange(kind, past, now));
    now.errors = 40;
    EXPECT(anomaly_judge(ANOMALY_ERRORS, past, &now, &sight));
    EXPECT(fabs(sight.usual - 0.01) < 1e-9 && fabs(sight.now - 0.2) < 1e-9);
    EXPECT(fabs(sight.allowed - 0.03) < 1e-9);
    now.invalid_output = 40;
    EXPECT(is_strange(ANOMALY_INVALID_OUTPUT, past, now));
    now.invalid_input = 30;
    EXPECT(is_strange(ANOMALY_INVALID_INPUT, past, now));
    now.p95_us = 2500000;
    EXPECT(anomaly_judge(ANOMALY_LATENCY, past, &now, &sight));
    EXPECT(fabs(sight.usual - 800) < 1e-6 && fabs(sight.now - 2500) < 1e-6);
    now.cost_nano = INT64_C(9000000000);
    EXPECT(anomaly_judge(ANOMALY_SPEND, past, &now, &sight));
    EXPECT(fabs(sight.usual - 2) < 1e-6 && fabs(sight.now - 9) < 1e-6);
}

TEST(of_little_nothing_is_concluded)
{
    struct anomaly_hour now = usual_hour(), few = {.calls = 29, .errors = 29};

    now.errors = 100;
    EXPECT(!is_strange(ANOMALY_ERRORS, usual_past(12, 168), few));
    EXPECT(!is_strange(ANOMALY_ERRORS, usual_past(5, 23), now));
    EXPECT(is_strange(ANOMALY_ERRORS, usual_past(6, 0), now));
    EXPECT(is_strange(ANOMALY_ERRORS, usual_past(5, 24), now));
    now.timed = 49;
    now.p95_us = 60000000;
    EXPECT(!is_strange(ANOMALY_LATENCY, usual_past(12, 168), now));
    few = (struct anomaly_hour){.calls = 40, .cost_nano = 480000000};
    EXPECT(!is_strange(ANOMALY_SPEND, usual_past(12, 168), few));
}

TEST(an_outage_of_the_past_does_not_make_another_one_usual)
{
    struct anomaly_past *past = usual_past(12, 168);
    struct anomaly_hour now = usual_hour();

    past->same[3].errors = past->same[4].errors = 200;
    past->same[3].p95_us = past->same[4].p95_us = 30000000;
    now.errors = 40;
    now.p95_us = 2500000;
    EXPECT(is_strange(ANOMALY_ERRORS, past, now));
    EXPECT(is_strange(ANOMALY_LATENCY, past, now));
}

TEST(where_hours_differ_much_more_is_usual)
{
    struct anomaly_past *past = usual_past(12, 168);
    struct anomaly_hour now = usual_hour();

    for (size_t i = 0; i < 12; i++) {
        past->same[i].errors = i % 2 ? 0 : 40;
        past->same[i].p95_us = i % 2 ? 200000 : 2000000;
    }
    now.errors = 40;
    now.p95_us = 2500000;
    EXPECT(!is_strange(ANOMALY_ERRORS, past, now));
    EXPECT(!is_strange(ANOMALY_LATENCY, past, now));
}

TEST(one_strange_look_is_none_and_one_usual_look_ends_nothing)
{
    struct track track = {0};

    EXPECT_EQ(track_look(&track, true), TRACK_STAYS);
    EXPECT_EQ(track_look(&track, false), TRACK_STAYS);
    EXPECT_EQ(track_look(&track, true), TRACK_STAYS);
    EXPECT_EQ(track_look(&track, true), TRACK_BEGINS);
    EXPECT_EQ(track_look(&track, true), TRACK_STAYS);
    EXPECT_EQ(track_look(&track, false), TRACK_STAYS);
    EXPECT_EQ(track_look(&track, false), TRACK_STAYS);
    EXPECT_EQ(track_look(&track, true), TRACK_STAYS);
    EXPECT_EQ(track_look(&track, false), TRACK_STAYS);
    EXPECT_EQ(track_look(&track, false), TRACK_STAYS);
    EXPECT_EQ(track_look(&track, false), TRACK_ENDS);
    EXPECT_EQ(track_look(&track, false), TRACK_STAYS);
}

/* --- weeks that are simulated --------------------------------------------------------------------
 */

enum {
    SLOTS_PER_HOUR = 12,
    HOURS_PER_WEEK = 168,
    WEEKS = 5, /* four of the past, one that is looked at */
    HOURS = WEEKS * HOURS_PER_WEEK,
    SLOTS = HOURS * SLOTS_PER_HOUR,
    BINS = 160 /* of times: eight to a doubling, from a millisecond on */
};

/* An endpoint as it is when nothing is wrong. */
struct habit {
    double calls;                   /* in an hour of the day */
    double night, weekend;          /* what is left of them then */
    double errors, invalid, inputs; /* rates */
    double wobble;   /* of rates and times from hour to hour: deviation of the logarithm */
    double ms, tail; /* median of times, deviation of the logarithm */
    double usd;      /* a call */
};
/* What is wrong with it from a slot on; factors and parts that are added. */
struct trouble {
    int from;
    double errors, invalid, inputs, slower, dearer;
};

struct slot {
    uint32_t calls, errors, invalid, inputs, timed;
    double usd;
    uint16_t bins[BINS];
};

static uint64_t seed;
static double uniform(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return ((double)(seed >> 11) + 0.5) / 9007199254740992.0;
}
static double normal(void)
{
    return sqrt(-2 * log(uniform())) * cos(6.283185307179586 * uniform());
}
static uint32_t poisson(double mean)
{
    double left = exp(-mean), product = uniform();
    uint32_t count = 0;

    if (mean > 60)
        return (uint32_t)fmax(0, round(mean + sqrt(mean) * normal()));
    for (; product > left; count++)
        product *= uniform();
    return count;
}

static double calls_at(const struct habit *habit, int hour)
{
    bool night = hour % 24 < 7, weekend = hour % HOURS_PER_WEEK >= 120;

    return habit->calls * (night ? habit->night : 1) * (weekend ? habit->weekend : 1);
}

static void put_call(struct slot *slot, const struct habit *habit, const struct trouble *trouble,
                     double rates, double times)
{
    bool wrong = trouble != NULL;
    double draw = uniform(), ms;
    int bin;

    slot->calls++;
    if (draw < habit->inputs * rates + (wrong ? trouble->inputs : 0)) {
        slot->inputs++;
        return;
    }
    draw = uniform();
    if (draw < habit->errors * rates + (wrong ? trouble->errors : 0)) {
        slot->errors++;
        return;
    }
    if (uniform() < habit->invalid * rates + (wrong ? trouble->invalid : 0))
        slot->invalid++;
    ms = habit->ms * times * exp(habit->tail * normal()) * (wrong ? trouble->slower : 1);
    bin = (int)(8 * log2(ms));
    slot->bins[bin < 0 ? 0 : bin < BINS ? bin : BINS - 1]++;
    slot->timed++;
    slot->usd += habit->usd * exp(0.5 * normal()) * (wrong ? trouble->dearer : 1);
}

static void simulate(const struct habit *habit, const struct trouble *trouble, struct slot *slots)
{
    double rates = 1, times = 1, more = 1;

    memset(slots, 0, SLOTS * sizeof *slots);
    for (int s = 0; s < SLOTS; s++) {
        bool wrong = trouble != NULL && s >= trouble->from;
        uint32_t calls;

        if (s % SLOTS_PER_HOUR == 0) {
            rates = exp(habit->wobble * normal());
            times = exp(habit->wobble / 4 * normal());
            more = exp(habit->wobble / 4 * normal());
        }
        calls = poisson(calls_at(habit, s / SLOTS_PER_HOUR) * more / SLOTS_PER_HOUR);
        for (uint32_t i = 0; i < calls; i++)
            put_call(&slots[s], habit, wrong ? trouble : NULL, rates, times);
    }
}

/* The hour that ends before the slot. */
static struct anomaly_hour hour_before(const struct slot *slots, int end)
{
    struct anomaly_hour hour = {0};
    uint64_t bins[BINS] = {0}, seen = 0;
    double usd = 0;

    for (int s = end - SLOTS_PER_HOUR; s < end; s++) {
        hour.calls += slots[s].calls;
        hour.errors += slots[s].errors;
        hour.invalid_output += slots[s].invalid;
        hour.invalid_input += slots[s].inputs;
        hour.timed += slots[s].timed;
        usd += slots[s].usd;
        for (int b = 0; b < BINS; b++)
            bins[b] += slots[s].bins[b];
    }
    hour.cost_nano = (int64_t)(usd * 1e9);
    for (int b = 0; b < BINS && hour.p95_us == 0; b++) {
        seen += bins[b];
        if (seen * 100 >= hour.timed * 95 && hour.timed > 0)
            hour.p95_us = (uint64_t)(exp2((b + 0.5) / 8) * 1000);
    }
    return hour;
}

static void past_of(const struct anomaly_hour *hours, int hour, struct anomaly_past *out)
{
    *out = (struct anomaly_past){0};
    for (int week = 1; week <= 4; week++)
        for (int h = hour - week * HOURS_PER_WEEK - 1; h <= hour - week * HOURS_PER_WEEK + 1; h++)
            if (h >= 0 && hours[h].calls > 0)
                out->same[out->same_count++] = hours[h];
    for (int h = hour - 1 - HOURS_PER_WEEK; h < hour - 1; h++)
        if (h >= 0 && hours[h].calls > 0)
            out->week[out->week_count++] = hours[h];
}

struct outcome {
    int notes[ANOMALY_KIND_COUNT];
    int first[ANOMALY_KIND_COUNT]; /* slot of the first note; 0: there was none */
};

/* Looks every five minutes from the slot on. */
static struct outcome look(const struct slot *slots, int from)
{
    static struct anomaly_hour hours[HOURS];
    struct track tracks[ANOMALY_KIND_COUNT] = {0};
    struct outcome outcome = {0};
    struct anomaly_past past;
    struct anomaly_sight sight;

    for (int h = 0; h < HOURS; h++)
        hours[h] = hour_before(slots, (h + 1) * SLOTS_PER_HOUR);
    for (int s = from; s < SLOTS; s++) {
        struct anomaly_hour now = hour_before(slots, s);

        if (s % SLOTS_PER_HOUR == 0 || s == from)
            past_of(hours, s / SLOTS_PER_HOUR, &past);
        for (int kind = 0; kind < ANOMALY_KIND_COUNT; kind++) {
            if (track_look(&tracks[kind], anomaly_judge(kind, &past, &now, &sight)) != TRACK_BEGINS)
                continue;
            if (outcome.notes[kind]++ == 0)
                outcome.first[kind] = s;
        }
    }
    return outcome;
}

static const struct habit habits[] = {
    {600, 0.1, 0.5, 0.002, 0.01, 0.005, 0.3, 900, 0.5, 0.004},
    {300, 0.05, 0.3, 0.01, 0.03, 0.02, 0.5, 2500, 0.8, 0.02},
    {120, 0.3, 1.0, 0, 0, 0, 0.3, 400, 1.0, 0.001},
    {60, 0.2, 0.1, 0.02, 0.05, 0.1, 0.7, 1500, 0.6, 0.05},
    {40, 1.0, 1.0, 0.005, 0.10, 0.01, 0.6, 6000, 1.1, 0.1},
    {900, 0.6, 0.9, 0.0005, 0.002, 0.30, 0.4, 250, 0.4, 0.0005},
};
enum { HABITS = sizeof habits / sizeof *habits };

TEST(in_weeks_in_which_nothing_is_wrong_hardly_a_note_is_made)
{
    struct slot *slots = malloc(SLOTS * sizeof *slots);
    const char *rounds = getenv("PINION_ANOMALY_ROUNDS");
    int weeks = 0, notes[ANOMALY_KIND_COUNT] = {0}, all = 0;

    for (int round = 0; round < (rounds != NULL ? atoi(rounds) : 1); round++)
        for (int i = 0; i < HABITS; i++, weeks++) {
            struct outcome outcome;

            seed = (uint64_t)(round * 100 + i) * 0x9E3779B97F4A7C15u + 1;
            simulate(&habits[i], NULL, slots);
            outcome = look(slots, 4 * HOURS_PER_WEEK * SLOTS_PER_HOUR);
            for (int kind = 0; kind < ANOMALY_KIND_COUNT; kind++) {
                notes[kind] += outcome.notes[kind];
                all += outcome.notes[kind];
            }
        }
    if (rounds != NULL) {
        for (int kind = 0; kind < ANOMALY_KIND_COUNT; kind++)
            printf("%-20s %d\n", anomaly_kind_word(kind), notes[kind]);
        printf("%d notes in %d weeks of an endpoint\n", all, weeks);
    }
    EXPECT(all * 10 <= weeks); /* less than one in ten weeks of an endpoint */
    free(slots);
}

TEST(what_goes_wrong_is_noted_soon)
{
    static const struct {
        struct trouble trouble;
        enum anomaly_kind kind;
        int within; /* minutes */
    } cases[] = {
        {{0, 0.5, 0, 0, 1, 1}, ANOMALY_ERRORS, 30},
        {{0, 0, 0.5, 0, 1, 1}, ANOMALY_INVALID_OUTPUT, 40},
        {{0, 0, 0, 0.7, 1, 1}, ANOMALY_INVALID_INPUT, 60},
        {{0, 0, 0, 0, 20, 1}, ANOMALY_LATENCY, 60},
        {{0, 0, 0, 0, 1, 30}, ANOMALY_SPEND, 60},
    };
    struct slot *slots = malloc(SLOTS * sizeof *slots);
    const int noon = (4 * HOURS_PER_WEEK + 2 * 24 + 12) * SLOTS_PER_HOUR;

    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        for (int i = 0; i < 2; i++) {
            struct trouble trouble = cases[c].trouble;
            struct outcome outcome;
            int after;

            seed = (c * 100 + (uint64_t)i) * 0x9E3779B97F4A7C15u + 7;
            trouble.from = noon;
            simulate(&habits[i], &trouble, slots);
            outcome = look(slots, noon - 60);
            after = (outcome.first[cases[c].kind] - noon) * 5;
            if (getenv("PINION_ANOMALY_ROUNDS") != NULL)
                printf("%s of %d: after %d minutes\n", anomaly_kind_word(cases[c].kind), i, after);
            EXPECT(after > 0 && after <= cases[c].within);
        }
    free(slots);
}
