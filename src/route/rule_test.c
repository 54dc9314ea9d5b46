/* Cases of tests/cases/route: rules.yaml; then either diagnostics.txt, one line each, "line:column-
 * line:column code message | hint", or facts.json, a list of objects with the facts by name and the
 * `time`, and expected.txt with the rule each leads to, what of it is kept for the log, and why.
 * With facts, diagnostics.txt holds warnings. Needs are for config: its cases show them. */
#include "route/condition.h"

#include "base/clock.h"
#include "case_folder.h"
#include "document/yaml_read.h"

static struct text list_diagnostics(const struct diagnostics *diagnostics, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct diagnostic *d = &diagnostics->items[i];

        buffer_printf(&out, "%u:%u-%u:%u %s %.*s", d->range.start.line, d->range.start.column,
                      d->range.end.line, d->range.end.column, diagnostic_name(d->code),
                      TEXT_ARG(d->message));
        if (d->hint.len > 0)
            buffer_printf(&out, " | %.*s", TEXT_ARG(d->hint));
        buffer_put_byte(&out, '\n');
    }
    return buffer_text(&out);
}

static int64_t number_fact(const struct document *document, uint32_t at, const char *name)
{
    uint32_t value = document_member(document, at, text_of(name));

    return value == CELL_NONE ? 0 : document_cell(document, value)->integer;
}

static bool flag_fact(const struct document *document, uint32_t at, const char *name)
{
    uint32_t value = document_member(document, at, text_of(name));

    return value != CELL_NONE && document_cell(document, value)->boolean;
}

static struct text text_fact(const struct document *document, uint32_t at, const char *name)
{
    uint32_t value = document_member(document, at, text_of(name));

    return value == CELL_NONE ? TEXT("") : document_text(document, value);
}

/* Facts that are asked for, in a case. */
struct asked {
    const struct route_rules *rules;
    const struct document *document;
    uint32_t at;
};

static uint32_t find_asked(const struct asked *asked, const char *table, struct text name)
{
    return document_member(asked->document,
                           document_member(asked->document, asked->at, text_of(table)), name);
}

static bool header_asked(const void *from, struct text name, struct text *out)
{
    uint32_t at = find_asked(from, "headers", name);

    if (at != CELL_NONE)
        *out = document_text(((const struct asked *)from)->document, at);
    return at != CELL_NONE;
}

static struct text target_asked(const struct asked *asked, size_t need)
{
    const struct route_need *it = &asked->rules->needs[need];

    EXPECT(need < asked->rules->need_count && it->kind >= ROUTE_NEEDS_PROVIDER);
    if (it->kind == ROUTE_NEEDS_OWN)
        return asked->rules->items[it->rule].name;
    return it->kind == ROUTE_NEEDS_TARGET ? it->model : it->name;
}

static enum route_health health_asked(const void *from, size_t need)
{
    uint32_t at = find_asked(from, "health", target_asked(from, need));

    for (size_t i = 0; at != CELL_NONE && i <= ROUTE_DOWN; i++)
        if (text_equal(document_text(((const struct asked *)from)->document, at),
                       route_health_words[i]))
            return (enum route_health)i;
    return ROUTE_UP;
}

static bool p95_asked(const void *from, size_t need, int64_t *out_ms)
{
    uint32_t at = find_asked(from, "p95", target_asked(from, need));

    if (at != CELL_NONE)
        *out_ms = document_cell(((const struct asked *)from)->document, at)->integer;
    return at != CELL_NONE;
}

/* Only rules that are watched are asked for. */
static bool off_asked(const void *from, size_t rule, struct buffer *out_why)
{
    const struct asked *asked = from;
    uint32_t at = find_asked(asked, "off", asked->rules->items[rule].name);

    EXPECT(asked->rules->items[rule].watch != CELL_NONE);
    if (at != CELL_NONE && out_why != NULL)
        buffer_put(out_why, document_text(asked->document, at));
    return at != CELL_NONE;
}

static const struct route_source asked_source = {header_asked, health_asked, p95_asked, off_asked};

static void read_tags(const struct document *document, uint32_t at, struct arena *arena,
                      struct route_facts *facts)
{
    uint32_t tags = document_member(document, at, TEXT("tags"));
    struct token_tag *items = ARENA_ARRAY(arena, struct token_tag, TOKEN_TAGS_MAX);

    facts->tags = items;
    if (tags == CELL_NONE)
        return;
    for (uint32_t key = tags + 1; key < document_cell(document, tags)->end; key += 2)
        items[facts->tag_count++] =
            (struct token_tag){document_text(document, key), document_text(document, key + 1)};
}

static struct route_facts read_facts(const struct asked *asked, struct arena *arena)
{
    const struct document *document = asked->document;
    uint32_t at = asked->at, time = document_member(document, at, TEXT("time"));
    uint32_t input = document_member(document, at, TEXT("input"));
    struct route_facts facts = {
        .input_tokens = number_fact(document, at, "input_tokens"),
        .input_chars = number_fact(document, at, "input_chars"),
        .messages_count = number_fact(document, at, "messages_count"),
        .session_messages = number_fact(document, at, "session_messages"),
        .monthly_spend_pct = number_fact(document, at, "monthly_spend_pct"),
        .daily_spend_pct = number_fact(document, at, "daily_spend_pct"),
        .has_input_schema = flag_fact(document, at, "has_input_schema"),
        .has_output_schema = flag_fact(document, at, "has_output_schema"),
        .has_tools = flag_fact(document, at, "has_tools"),
        .streaming = flag_fact(document, at, "streaming"),
        .endpoint = text_fact(document, at, "endpoint"),
        .caller = text_fact(document, at, "caller"),
        .session = text_fact(document, at, "session"),
        .request = text_fact(document, at, "request"),
        .caller_name = text_fact(document, at, "caller_name"),
        .project = text_fact(document, at, "project"),
        .input = input != CELL_NONE ? document : NULL,
        .input_at = input,
        .source = &asked_source,
        .from = asked,
    };

    read_tags(document, at, arena, &facts);
    if (time != CELL_NONE && !clock_parse_rfc3339(document_text(document, time), &facts.wall_ms))
        fail_msg("a time in facts.json is no RFC 3339 time");
    return facts;
}

static void explain(const struct route_rules *rules, const struct route_facts *facts,
                    struct buffer *out)
{
    struct route_look looks[ROUTE_LOOKS_MAX];
    struct route_trace trace = {.looks = looks}, whole = {.arena = out->arena};
    size_t match = route_first_match(rules, facts, &trace), count;
    const struct route_reason *reasons;

    EXPECT(route_explain(rules, facts, &whole) == match);
    count = route_trace_reasons(&whole, true, out->arena, &reasons);
    buffer_printf(out, "=> %.*s",
                  TEXT_ARG(match == ROUTE_DEFAULT ? TEXT("default") : rules->items[match].name));
    if (match != ROUTE_DEFAULT && rules->items[match].when != NULL) {
        buffer_put(out, TEXT(": "));
        route_trace_put(&trace, out);
    }
    buffer_put_byte(out, '\n');
    for (size_t i = 0; i < count; i++)
        buffer_printf(out, "   %.*s | %.*s | %.*s | %s\n",
                      TEXT_ARG(rules->items[reasons[i].rule].name), TEXT_ARG(reasons[i].condition),
                      TEXT_ARG(reasons[i].actual), reasons[i].held ? "held" : "did not hold");
}

static void run_facts(const char *folder, const struct route_rules *rules, struct arena *arena)
{
    struct document facts;
    struct buffer out = buffer_in(arena);

    if (!case_json(folder, "facts.json", arena, &facts))
        fail_msg("%s: needs facts.json", folder);
    for (uint32_t at = 1; at < facts.count; at = document_next(&facts, at)) {
        const struct asked asked = {rules, &facts, at};
        struct route_facts one = read_facts(&asked, arena);

        explain(rules, &one, &out);
    }
    case_settle(folder, "expected.txt", arena, buffer_text(&out));
}

static void run_case(const char *folder, struct arena *arena)
{
    struct diagnostics *diagnostics = ARENA_NEW(arena, struct diagnostics);
    struct text yaml, said;
    struct document document;
    struct route_rules rules;
    bool valid;

    diagnostics->arena = arena;
    if (!case_file(folder, "rules.yaml", arena, &yaml) ||
        !yaml_read(yaml, TEXT("rules.yaml"), arena, &document, diagnostics))
        fail_msg("%s: needs a readable rules.yaml", folder);
    valid = route_compile(&document, 0, arena, diagnostics, &rules);
    diagnostics_sort(diagnostics);
    said = list_diagnostics(diagnostics, arena);
    if (said.len > 0 || getenv("PINION_WRITE_CASES") == NULL)
        case_settle(folder, "diagnostics.txt", arena, said);
    assert_int_equal(valid, diagnostics->error_count == 0);
    if (valid)
        run_facts(folder, &rules, arena);
}

TEST(the_cases_of_tests_cases_route_hold)
{
    EXPECT(case_walk("route", run_case) > 0);
}

TEST(no_rules_lead_to_the_default)
{
    const struct route_rules none = {0};
    const struct route_facts facts = {0};
    struct arena arena = {0};
    struct route_trace trace = {.arena = &arena};

    EXPECT(route_first_match(&none, &facts, NULL) == ROUTE_DEFAULT);
    EXPECT(route_explain(&none, &facts, &trace) == ROUTE_DEFAULT);
    EXPECT_EQ(trace.count, 0);
    arena_release(&arena);
}

TEST(rules_outlive_their_document)
{
    struct arena arena = {0}, scratch = {0};
    struct diagnostics *diagnostics = ARENA_NEW(&arena, struct diagnostics);
    struct text text = arena_copy(
        &scratch, TEXT("[{\"name\":\"n\",\"when\":{\"input_tokens\":\">= 3\"},\"use\":{\"model\":"
                       "\"m\"}}]"));
    const struct route_facts facts = {.input_tokens = 3};
    const struct route_reason *reasons;
    struct route_trace trace = {.arena = &arena};
    struct document document;
    struct route_rules rules;
    struct error err;
    size_t count;

    diagnostics->arena = &arena;
    EXPECT(json_read(text, NULL, &scratch, &document, NULL, &err));
    EXPECT(route_compile(&document, 0, &arena, diagnostics, &rules));
    arena_release(&scratch);
    EXPECT_EQ(route_explain(&rules, &facts, &trace), 0);
    count = route_trace_reasons(&trace, true, &arena, &reasons);
    EXPECT_EQ(count, 1);
    EXPECT_TEXT(reasons[0].condition, "input_tokens >= 3");
    EXPECT_TEXT(reasons[0].actual, "3");
    EXPECT_TEXT(rules.items[0].name, "n");
    EXPECT_TEXT(rules.items[0].use.model, "m");
    arena_release(&arena);
}

/* Sixty rules that do not hold, and one that does, of twenty conditions. */
static void compile_many(struct arena *arena, struct route_rules *out)
{
    struct diagnostics *diagnostics = ARENA_NEW(arena, struct diagnostics);
    struct buffer text = buffer_in(arena);
    struct document document;

    buffer_put_byte(&text, '[');
    for (int i = 0; i < 60; i++)
        buffer_printf(&text,
                      "{\"name\":\"n%d\",\"when\":{\"input_tokens\":\">= 1000\"},\"use\":{"
                      "\"model\":\"m\"}},",
                      i);
    buffer_put(&text, TEXT("{\"name\":\"last\",\"when\":{\"all\":["));
    for (int i = 0; i < 20; i++)
        buffer_printf(&text, "%s{\"input_tokens\":\">= %d\"}", i > 0 ? "," : "", i);
    buffer_put(&text, TEXT("]},\"use\":{\"model\":\"m\"}}]"));
    diagnostics->arena = arena;
    EXPECT(json_read(buffer_text(&text), NULL, arena, &document, NULL, NULL));
    EXPECT(route_compile(&document, 0, arena, diagnostics, out));
}

TEST(of_many_rules_the_one_that_decided_is_told)
{
    const struct route_facts facts = {.input_tokens = 20};
    struct route_look looks[ROUTE_LOOKS_MAX];
    struct route_trace trace = {.looks = looks};
    const struct route_reason *reasons;
    struct arena arena = {0};
    struct buffer line = buffer_in(&arena);
    struct route_rules rules;
    size_t count, first = ROUTE_LOOKS_MAX - ROUTE_LOOKS_OF_RULE;

    compile_many(&arena, &rules);
    EXPECT_EQ(route_first_match(&rules, &facts, &trace), 60);
    EXPECT_EQ(trace.count, ROUTE_LOOKS_MAX);
    EXPECT_EQ(trace.left_out, 20 + 1 - ROUTE_LOOKS_OF_RULE);
    count = route_trace_reasons(&trace, false, &arena, &reasons);
    EXPECT_EQ(count, ROUTE_LOOKS_MAX);
    EXPECT_EQ(reasons[0].rule, 0);
    EXPECT_EQ(reasons[first].rule, 60);
    EXPECT_TEXT(reasons[first].condition, "all");
    EXPECT_TEXT(reasons[first].actual, "20 of 20");
    EXPECT_TEXT(reasons[first + 1].condition, "all: input_tokens >= 0");
    EXPECT(reasons[first].held && !reasons[first - 1].held);
    route_trace_put(&trace, &line);
    EXPECT(memmem(line.at, line.len, " and 8 more", 11) != NULL);
    arena_release(&arena);
}
