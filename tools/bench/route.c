/* What a routing decision costs: nanoseconds per decision by ten rules of mixed conditions, none of
 * which holds but the last, beside those by no rules at all, in the same run and in turn. Rounds of
 * either as the arguments say: bench_route [ROUNDS [DECISIONS]]. Prints min, median and max. */
#include "base/check.h"
#include "base/clock.h"
#include "document/json_read.h"
#include "document/yaml_read.h"
#include "route/rule.h"

#include <stdio.h>
#include <stdlib.h>

static const char ten_rules[] =
    "- {name: long, when: {input_tokens: '>= 30000'}, use: {model: m}}\n"
    "- {name: night, when: {time_of_day: '22:00-06:00', timezone: Europe/Berlin}, use: {model: "
    "m}}\n"
    "- {name: late, when: {monthly_spend_pct: '>= 80', not: {caller: {tags: {tier: gold}}}}, use: "
    "{model: m}}\n"
    "- {name: weekend, when: {any: [{day: [sat, sun]}, {streaming: true}], timezone: "
    "Europe/Berlin},"
    " use: {model: m}}\n"
    "- {name: canary, when: {percent: 0.5, sticky: caller}, use: {model: m}}\n"
    "- {name: tier, when: {header: {x-tier: gold}}, use: {model: m}}\n"
    "- {name: large, when: {input: {/customer/tier: [gold, silver], /pages: '>= 10'}}, use: "
    "{model: "
    "m}}\n"
    "- {name: down, when: {provider_health: {openai: down}}, use: {model: m}}\n"
    "- {name: slow, when: {p95_ms: {default: '> 2000'}}, use: {model: m}}\n"
    "- {name: rest, when: {all: [{has_tools: false}, {messages_count: '>= 1'}]}, use: {model: "
    "m}}\n";

static bool header(const void *from, struct text name, struct text *out)
{
    static const struct text names[] = {TEXT_INIT("authorization"), TEXT_INIT("content-type"),
                                        TEXT_INIT("user-agent"), TEXT_INIT("accept"),
                                        TEXT_INIT("x-tier")};

    (void)from;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_equal(names[i], name)) {
            *out = TEXT("silver");
            return true;
        }
    return false;
}

static enum route_health health(const void *from, size_t need)
{
    (void)from;
    (void)need;
    return ROUTE_UP;
}

static bool p95_ms(const void *from, size_t need, int64_t *out_ms)
{
    (void)from;
    (void)need;
    *out_ms = 800;
    return true;
}

static const struct route_source source = {header, health, p95_ms, NULL};

static void compile(struct arena *arena, const char *yaml, struct route_rules *out)
{
    struct diagnostics *diagnostics = ARENA_NEW(arena, struct diagnostics);
    struct document document;

    diagnostics->arena = arena;
    if (!yaml_read(text_of(yaml), TEXT("rules.yaml"), arena, &document, diagnostics) ||
        !route_compile(&document, 0, arena, diagnostics, out)) {
        fprintf(stderr, "%.*s\n", TEXT_ARG(diagnostics->items[0].message));
        exit(1);
    }
}

static double round_of(const struct route_rules *rules, struct route_facts *facts, long decisions,
                       size_t expected)
{
    struct route_look looks[ROUTE_LOOKS_MAX];
    struct route_trace trace = {.looks = looks};
    uint64_t start_us = clock_monotonic_us();

    for (long i = 0; i < decisions; i++) {
        facts->input_tokens = i & 1023;
        CHECK(route_first_match(rules, facts, &trace) == expected);
    }
    return (double)(clock_monotonic_us() - start_us) * 1000 / (double)decisions;
}

static int by_value(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static void report(const char *what, double *rounds, long count)
{
    qsort(rounds, (size_t)count, sizeof *rounds, by_value);
    printf("%-24s %8.1f / %8.1f / %8.1f ns a decision\n", what, rounds[0], rounds[count / 2],
           rounds[count - 1]);
}

int main(int argc, char **argv)
{
    long count = argc > 1 ? atol(argv[1]) : 15, decisions = argc > 2 ? atol(argv[2]) : 200000;
    double *none = calloc((size_t)count, sizeof *none), *ten = calloc((size_t)count, sizeof *ten);
    const struct token_tag tags[] = {{TEXT_INIT("region"), TEXT_INIT("eu")},
                                     {TEXT_INIT("tier"), TEXT_INIT("silver")}};
    struct arena arena = {0};
    struct route_rules rules, no_rules = {0};
    struct document input;
    struct route_facts facts = {.messages_count = 1,
                                .monthly_spend_pct = 12,
                                .wall_ms = INT64_C(1795600800000), /* a Wednesday, at noon */
                                .endpoint = TEXT("summarize"),
                                .caller = TEXT("tok_01m8csdfe9e0085gjt4w1arbdd"),
                                .request = TEXT("req_01m8csda24e00bc3151c5d27c6"),
                                .caller_name = TEXT("nightly"),
                                .project = TEXT("default"),
                                .tags = tags,
                                .tag_count = 2,
                                .source = &source};

    if (count < 1 || decisions < 1 || none == NULL || ten == NULL)
        return 2;
    compile(&arena, ten_rules, &rules);
    CHECK(json_read(TEXT("{\"text\":\"...\",\"customer\":{\"name\":\"a\",\"tier\":\"bronze\"},"
                         "\"pages\":3}"),
                    NULL, &arena, &input, NULL, NULL));
    facts.input = &input;
    for (long i = 0; i < count; i++) {
        none[i] = round_of(&no_rules, &facts, decisions, ROUTE_DEFAULT);
        ten[i] = round_of(&rules, &facts, decisions, 9);
    }
    report("no rules", none, count);
    report("ten rules, the last", ten, count);
    arena_release(&arena);
    free(none);
    free(ten);
    return 0;
}
