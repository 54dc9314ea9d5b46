#include "route/draw.h"

#include "unit.h"

#include <math.h>
#include <stdio.h>

enum { CALLERS = 100000 };

static struct text caller(char out[32], int i)
{
    int len = snprintf(out, 32, "tok_%026d", i);

    return (struct text){out, (size_t)len};
}

/* Callers whose lot is below `share`. */
static int count_in(uint64_t salt, uint32_t share)
{
    char name[32];
    int in = 0;

    for (int i = 0; i < CALLERS; i++)
        in += route_draw(salt, TEXT("summarize"), caller(name, i)) < share;
    return in;
}

/* Five standard deviations of a fair draw. */
static void expect_share(int in, double share)
{
    EXPECT(fabs(in - CALLERS * share) < 5 * sqrt(CALLERS * share * (1 - share)));
}

TEST(a_share_of_the_callers_is_drawn)
{
    uint64_t salt = route_draw_salt(TEXT("canary"));

    EXPECT_EQ(count_in(salt, 0), 0);
    expect_share(count_in(salt, 10), 0.001);
    expect_share(count_in(salt, 500), 0.05);
    expect_share(count_in(salt, 5000), 0.5);
    EXPECT_EQ(count_in(salt, ROUTE_DRAWS), CALLERS);
}

TEST(the_lots_are_spread_evenly)
{
    static int counts[100];
    uint64_t salt = route_draw_salt(TEXT("canary"));
    double chi = 0, each = CALLERS / 100.0;
    char name[32];

    for (int i = 0; i < CALLERS; i++)
        counts[route_draw(salt, TEXT("summarize"), caller(name, i)) / 100]++;
    for (int i = 0; i < 100; i++)
        chi += (counts[i] - each) * (counts[i] - each) / each;
    EXPECT(chi < 160); /* 99 degrees of freedom: beyond it once in 10,000 fair draws */
}

/* Were they not, the callers of one canary would be those of every canary. */
TEST(rules_and_endpoints_draw_independently)
{
    uint64_t one = route_draw_salt(TEXT("canary")), other = route_draw_salt(TEXT("canary 2"));
    int rules = 0, endpoints = 0;
    char name[32];

    for (int i = 0; i < CALLERS; i++) {
        struct text who = caller(name, i);
        bool in = route_draw(one, TEXT("summarize"), who) < 2000;

        rules += in && route_draw(other, TEXT("summarize"), who) < 2000;
        endpoints += in && route_draw(one, TEXT("translate"), who) < 2000;
    }
    expect_share(rules, 0.04);
    expect_share(endpoints, 0.04);
}

/* Whoever was drawn stays drawn over restarts, upgrades and machines: these never change. */
TEST(a_lot_is_drawn_for_ever)
{
    uint64_t salt = route_draw_salt(TEXT("canary"));

    EXPECT_EQ(route_draw(salt, TEXT("summarize"), TEXT("tok_a")), 3385);
    EXPECT_EQ(route_draw(salt, TEXT("summarize"), TEXT("tok_b")), 4198);
    EXPECT_EQ(route_draw(salt, TEXT("translate"), TEXT("tok_a")), 6736);
    EXPECT_EQ(route_draw(salt, TEXT("summarize"), TEXT("")), 4432);
}
