/* Rules and facts are drawn at random, from a seed, and everything that decides is asked the same
 * question in each of the ways there are. */
#include "route/condition.h"

#include "document/json_read.h"
#include "unit.h"

#include <stdlib.h>

enum { RULE_SETS = 2500, FACTS_EACH = 40 }; /* 100,000 decisions */

static uint64_t seed;

static unsigned draw(unsigned below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % below;
}

static const char *draw_word(void)
{
    static const char *const words[] = {"a", "b", "c", "gold"};

    return words[draw(4)];
}

/* --- rules
 * --------------------------------------------------------------------------------------- */

static const char *const relations[] = {">=", "<=", ">", "<", "==", "!="};

static void draw_number(struct buffer *out)
{
    static const char *const names[] = {"input_tokens",     "input_chars",       "messages_count",
                                        "session_messages", "monthly_spend_pct", "daily_spend_pct"};

    buffer_printf(out, "\"%s\":\"%s %u\"", names[draw(6)], relations[draw(6)], draw(4));
}

static void draw_flag(struct buffer *out)
{
    static const char *const names[] = {"has_input_schema", "has_output_schema", "has_tools",
                                        "streaming"};

    buffer_printf(out, "\"%s\":%s", names[draw(4)], draw(2) ? "true" : "false");
}

static void draw_time(struct buffer *out)
{
    if (draw(2))
        buffer_printf(out, "\"time_of_day\":\"%02u:%02u-%02u:59\"", draw(24), draw(59), draw(24));
    else
        buffer_printf(out, "\"day\":[\"%s\",\"%s\"]", route_day_names[draw(7)].at,
                      route_day_names[draw(7)].at);
    if (draw(2))
        buffer_put(out, TEXT(",\"timezone\":\"Europe/Berlin\""));
}

static void draw_percent(struct buffer *out)
{
    static const char *const sticky[] = {"caller", "session", "request"};

    buffer_printf(out, "\"percent\":%u.%u,\"sticky\":\"%s\"", draw(100), draw(10), sticky[draw(3)]);
}

static void draw_caller(struct buffer *out)
{
    switch (draw(3)) {
    case 0:
        buffer_printf(out, "\"caller\":{\"name\":\"%s\"}", draw_word());
        break;
    case 1:
        buffer_printf(out, "\"caller\":{\"tags\":{\"%s\":[\"%s\",\"x\"],\"b\":\"%s\"}}",
                      draw_word(), draw_word(), draw_word());
        break;
    default:
        buffer_printf(out, "\"caller\":{\"project\":\"%s\",\"tags\":{\"a\":\"%s\"}}", draw_word(),
                      draw_word());
    }
}

static void draw_header(struct buffer *out)
{
    if (draw(2))
        buffer_printf(out, "\"header\":{\"%s\":\"%s\"}", draw_word(), draw_word());
    else
        buffer_printf(out, "\"header\":{\"%s\":%s}", draw_word(), draw(2) ? "true" : "false");
}

static void draw_input(struct buffer *out)
{
    switch (draw(4)) {
    case 0:
        buffer_printf(out, "\"input\":{\"/n\":\"%s %u.5\"}", relations[draw(6)], draw(4));
        break;
    case 1:
        buffer_printf(out, "\"input\":{\"/w\":\"%s\",\"/l/%u\":%u}", draw_word(), draw(3), draw(4));
        break;
    case 2:
        buffer_printf(out, "\"input\":{\"/%s\":[\"%s\",%u,true]}", draw(2) ? "w" : "n", draw_word(),
                      draw(4));
        break;
    default:
        buffer_printf(out, "\"input\":{\"/%s\":\"!= %s\"}", draw(2) ? "w" : "none", draw_word());
    }
}

static void draw_target(struct buffer *out)
{
    const char *state = route_health_words[draw(3)].at;

    switch (draw(4)) {
    case 0:
        buffer_printf(out, "\"provider_health\":\"%s\"", state);
        break;
    case 1:
        buffer_printf(out, "\"provider_health\":{\"%s\":[\"%s\",\"up\"]}", draw_word(), state);
        break;
    case 2:
        buffer_printf(out, "\"p95_ms\":\"%s %u\"", relations[draw(6)], draw(4));
        break;
    default:
        buffer_printf(out, "\"p95_ms\":{\"%s:m\":\"%s %u\"}", draw_word(), relations[draw(6)],
                      draw(4));
    }
}

static void draw_object(struct buffer *out, unsigned depth);

static void draw_group(struct buffer *out, unsigned depth)
{
    static const char *const groups[] = {"all", "any"};

    if (draw(3) == 0) {
        buffer_put(out, TEXT("\"not\":"));
        draw_object(out, depth - 1);
        return;
    }
    buffer_printf(out, "\"%s\":[", groups[draw(2)]);
    draw_object(out, depth - 1);
    buffer_put_byte(out, ',');
    draw_object(out, depth - 1);
    buffer_put_byte(out, ']');
}

static void draw_member(struct buffer *out, unsigned depth)
{
    static void (*const leaves[])(struct buffer * out) = {draw_number,  draw_flag,   draw_time,
                                                          draw_percent, draw_caller, draw_header,
                                                          draw_input,   draw_target};
    unsigned which = draw(depth > 0 ? 11 : 8);

    if (which < 8)
        leaves[which](out);
    else
        draw_group(out, depth);
}

static void draw_object(struct buffer *out, unsigned depth)
{
    buffer_put_byte(out, '{');
    draw_member(out, depth);
    if (draw(2)) {
        buffer_put_byte(out, ',');
        draw_member(out, depth);
    }
    buffer_put_byte(out, '}');
}

/* Keys drawn twice in an object keep their first value. */
static struct text draw_rules(struct arena *arena)
{
    struct buffer out = buffer_in(arena);
    unsigned count = 1 + draw(6);

    buffer_put_byte(&out, '[');
    for (unsigned i = 0; i < count; i++) {
        buffer_printf(&out, "%s{\"name\":\"r%u\",\"use\":{\"model\":\"m\"},\"when\":", i ? "," : "",
                      i);
        draw_object(&out, 3);
        buffer_put_byte(&out, '}');
    }
    buffer_put_byte(&out, ']');
    return buffer_text(&out);
}

/* --- facts
 * --------------------------------------------------------------------------------------- */

/* What is asked for changes with every question, so that asking twice would be noticed. */
static unsigned questions;

static bool some_header(const void *from, struct text name, struct text *out)
{
    (void)from;
    *out = questions++ % 3 ? TEXT("gold") : TEXT("a");
    return ((unsigned char)name.at[0] + questions) % 2;
}

static enum route_health some_health(const void *from, size_t need)
{
    (void)from;
    return (enum route_health)((questions++ + need) % 3);
}

static bool some_p95(const void *from, size_t need, int64_t *out_ms)
{
    (void)from;
    *out_ms = (questions++ + need) % 4;
    return questions % 5;
}

static const struct route_source some_source = {some_header, some_health, some_p95, NULL};

/* As long as nothing changes between two decisions. */
static bool same_header(const void *from, struct text name, struct text *out)
{
    (void)from;
    *out = name.at[0] % 2 ? TEXT("gold") : TEXT("a");
    return name.at[0] % 3;
}

static enum route_health same_health(const void *from, size_t need)
{
    return (enum route_health)((*(const unsigned *)from + need) % 3);
}

static bool same_p95(const void *from, size_t need, int64_t *out_ms)
{
    *out_ms = (*(const unsigned *)from + (int64_t)need) % 4;
    return (*(const unsigned *)from + need) % 5;
}

static const struct route_source same_source = {same_header, same_health, same_p95, NULL};

static void draw_input_value(struct arena *arena, struct document *out)
{
    struct text json = arena_printf(arena, "{\"n\":%u.%u,\"w\":\"%s\",\"l\":[%u,%u]}", draw(4),
                                    draw(2) * 5, draw_word(), draw(4), draw(4));

    EXPECT(json_read(json, NULL, arena, out, NULL, NULL));
}

static struct text draw_name(void)
{
    return draw(4) ? text_of(draw_word()) : TEXT("");
}

static struct route_facts draw_facts(struct token_tag tags[2], const struct document *input)
{
    tags[0] = (struct token_tag){text_of(draw_word()), text_of(draw_word())};
    tags[1] = (struct token_tag){text_of(draw_word()), text_of(draw_word())};
    return (struct route_facts){
        .input_tokens = draw(4),
        .input_chars = draw(4),
        .messages_count = draw(4),
        .session_messages = draw(4),
        .monthly_spend_pct = draw(4),
        .daily_spend_pct = draw(4),
        .has_input_schema = draw(2),
        .has_output_schema = draw(2),
        .has_tools = draw(2),
        .streaming = draw(2),
        .wall_ms = (int64_t)draw(1000000000) * 3000,
        .endpoint = TEXT("summarize"),
        .caller = draw_name(),
        .session = draw_name(),
        .request = draw_name(),
        .caller_name = draw_name(),
        .project = draw_name(),
        .tags = tags,
        .tag_count = draw(3),
        .input = draw(8) ? input : NULL,
    };
}

/* --- decisions
 * ----------------------------------------------------------------------------------- */

/* The first line of each rule is its outcome, so the explanation alone names the match. */
static void expect_told(const struct route_rules *rules, size_t match,
                        const struct route_reason *reasons, size_t count)
{
    size_t said = ROUTE_DEFAULT, rule = SIZE_MAX;

    for (size_t i = 0; i < count; i++)
        if (reasons[i].rule != rule) {
            EXPECT(said == ROUTE_DEFAULT); /* nothing is said behind the match */
            EXPECT(reasons[i].rule == rule + 1);
            rule = reasons[i].rule;
            if (reasons[i].held)
                said = rule;
        }
    EXPECT(said == match);
    EXPECT(match != ROUTE_DEFAULT || rule == rules->count - 1);
}

/* Of what a decision was made of, what is first told of a rule is its outcome. */
static void expect_traced(const struct route_trace *trace, struct arena *arena)
{
    const struct route_reason *reasons;
    size_t count = route_trace_reasons(trace, false, arena, &reasons), rule = ROUTE_DEFAULT;

    for (size_t i = 0; i < count; i++) {
        if (reasons[i].rule != rule)
            EXPECT(reasons[i].held == (reasons[i].rule == trace->rule));
        rule = reasons[i].rule;
    }
    EXPECT(trace->rule == ROUTE_DEFAULT || rule == trace->rule);
}

static void expect_same(const struct route_rules *rules, struct route_facts *facts,
                        struct arena *arena)
{
    unsigned state = draw(1000);
    const struct route_reason *reasons;
    struct route_look looks[ROUTE_LOOKS_MAX];
    struct route_trace trace = {.looks = looks}, whole = {.arena = arena};
    size_t match, count;

    facts->source = &same_source;
    facts->from = &state;
    match = route_first_match(rules, facts, &trace);
    EXPECT(trace.rule == match);
    if (draw(8) == 0)
        expect_traced(&trace, arena);
    EXPECT(route_explain(rules, facts, &whole) == match);
    count = route_trace_reasons(&whole, true, arena, &reasons);
    expect_told(rules, match, reasons, count);
    /* A decision that is explained tells of itself, whatever has changed since another one. */
    facts->source = &some_source;
    match = route_explain(rules, facts, &whole);
    count = route_trace_reasons(&whole, true, arena, &reasons);
    expect_told(rules, match, reasons, count);
}

static void draw_compiled(struct arena *arena, struct route_rules *out)
{
    const struct json_limits limits = {.allow_duplicate_names = true};
    struct diagnostics *diagnostics = ARENA_NEW(arena, struct diagnostics);
    struct document document;

    diagnostics->arena = arena;
    EXPECT(json_read(draw_rules(arena), &limits, arena, &document, NULL, NULL));
    EXPECT(route_compile(&document, 0, arena, diagnostics, out));
}

TEST(an_explanation_never_differs_from_the_decision)
{
    seed = 20261120;
    for (int round = 0; round < RULE_SETS; round++) {
        struct arena arena = {0};
        struct document input;
        struct route_rules rules;
        struct token_tag tags[2];

        draw_compiled(&arena, &rules);
        draw_input_value(&arena, &input);
        for (int i = 0; i < FACTS_EACH; i++) {
            struct route_facts facts = draw_facts(tags, &input);

            expect_same(&rules, &facts, &arena);
        }
        arena_release(&arena);
    }
}

/* --- memory
 * -------------------------------------------------------------------------------------- */

/* The linker leads every allocation of the program through these: tests/CMakeLists.txt. */
static size_t allocations;

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *old, size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes);

void *__wrap_malloc(size_t bytes)
{
    allocations++;
    return __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
    allocations++;
    return __real_calloc(count, bytes);
}

void *__wrap_realloc(void *old, size_t bytes)
{
    allocations++;
    return __real_realloc(old, bytes);
}

TEST(a_decision_allocates_nothing)
{
    struct arena arena = {0};
    struct token_tag tags[2];
    struct document input;

    seed = 7;
    draw_input_value(&arena, &input);
    for (int round = 0; round < 200; round++) {
        struct route_rules rules;
        struct route_facts facts = draw_facts(tags, &input);
        struct route_look looks[ROUTE_LOOKS_MAX];
        struct route_trace trace = {.looks = looks};
        size_t arena_before, heap_before;

        draw_compiled(&arena, &rules);
        facts.source = &some_source;
        arena_before = arena.total_bytes;
        heap_before = allocations;
        for (int i = 0; i < 100; i++) {
            facts.input_tokens = i % 4;
            route_first_match(&rules, &facts, &trace);
        }
        EXPECT_EQ(allocations, heap_before);
        EXPECT_EQ(arena.total_bytes, arena_before);
    }
    EXPECT(allocations > 0); /* making the rules was counted */
    arena_release(&arena);
}
