/* Cases of tests/cases/route: rules.yaml; then either diagnostics.txt, one line each, "line:column-
 * line:column code message | hint", or facts.json, a list of objects with the facts by name and the
 * `time`, and expected.txt with the rule each leads to and why. With facts, diagnostics.txt holds
 * warnings. */
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

static struct route_facts read_facts(const struct document *document, uint32_t at)
{
    uint32_t time = document_member(document, at, TEXT("time"));
    struct route_facts facts = {
        .input_tokens = number_fact(document, at, "input_tokens"),
        .input_chars = number_fact(document, at, "input_chars"),
        .messages_count = number_fact(document, at, "messages_count"),
        .session_messages = number_fact(document, at, "session_messages"),
        .has_input_schema = flag_fact(document, at, "has_input_schema"),
        .has_output_schema = flag_fact(document, at, "has_output_schema"),
        .has_tools = flag_fact(document, at, "has_tools"),
        .streaming = flag_fact(document, at, "streaming"),
        .endpoint = text_fact(document, at, "endpoint"),
        .caller = text_fact(document, at, "caller"),
        .session = text_fact(document, at, "session"),
        .request = text_fact(document, at, "request"),
    };

    if (time != CELL_NONE && !clock_parse_rfc3339(document_text(document, time), &facts.wall_ms))
        fail_msg("a time in facts.json is no RFC 3339 time");
    return facts;
}

static void explain(const struct route_rules *rules, const struct route_facts *facts,
                    struct buffer *out)
{
    size_t match = route_first_match(rules, facts), count;
    const struct route_reason *reasons;

    route_explain(rules, facts, out->arena, &reasons, &count);
    buffer_printf(out, "=> %.*s\n",
                  TEXT_ARG(match == ROUTE_DEFAULT ? TEXT("default") : rules->items[match].name));
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
        struct route_facts one = read_facts(&facts, at);

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
    const struct route_reason *reasons;
    struct arena arena = {0};
    size_t count;

    EXPECT(route_first_match(&none, &facts) == ROUTE_DEFAULT);
    route_explain(&none, &facts, &arena, &reasons, &count);
    EXPECT_EQ(count, 0);
    arena_release(&arena);
}

/* ---- Random rules and facts ---- */

static uint64_t seed;

static unsigned draw(unsigned below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % below;
}

static void draw_object(struct buffer *out, unsigned depth);

static void draw_member(struct buffer *out, unsigned depth)
{
    static const char *const numbers[] = {"input_tokens", "input_chars", "messages_count",
                                          "session_messages"};
    static const char *const flags[] = {"has_input_schema", "has_output_schema", "has_tools",
                                        "streaming"};
    static const char *const relations[] = {">=", "<=", ">", "<", "==", "!="};
    static const char *const groups[] = {"all", "any"};

    static const char *const sticky[] = {"caller", "session", "request"};

    switch (draw(depth > 0 ? 7 : 5)) {
    case 0:
        buffer_printf(out, "\"%s\":\"%s %u\"", numbers[draw(4)], relations[draw(6)], draw(4));
        break;
    case 1:
        buffer_printf(out, "\"%s\":%s", flags[draw(4)], draw(2) ? "true" : "false");
        break;
    case 2:
        buffer_printf(out, "\"time_of_day\":\"%02u:%02u-%02u:59\"", draw(24), draw(59), draw(24));
        break;
    case 3:
        buffer_printf(out, "\"day\":[\"%s\",\"%s\"]", route_day_names[draw(7)].at,
                      route_day_names[draw(7)].at);
        break;
    case 4:
        buffer_printf(out, "\"percent\":%u.%u,\"sticky\":\"%s\"", draw(100), draw(10),
                      sticky[draw(3)]);
        break;
    case 5:
        buffer_put(out, TEXT("\"not\":"));
        draw_object(out, depth - 1);
        break;
    default:
        buffer_printf(out, "\"%s\":[", groups[draw(2)]);
        draw_object(out, depth - 1);
        buffer_put_byte(out, ',');
        draw_object(out, depth - 1);
        buffer_put_byte(out, ']');
    }
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

static struct route_facts draw_facts(void)
{
    static const struct text names[] = {TEXT_INIT(""), TEXT_INIT("a"), TEXT_INIT("b"),
                                        TEXT_INIT("c")};

    return (struct route_facts){
        .input_tokens = draw(4),
        .input_chars = draw(4),
        .messages_count = draw(4),
        .session_messages = draw(4),
        .has_input_schema = draw(2),
        .has_output_schema = draw(2),
        .has_tools = draw(2),
        .streaming = draw(2),
        .wall_ms = (int64_t)draw(1000000000) * 3000,
        .endpoint = TEXT("summarize"),
        .caller = names[draw(4)],
        .session = names[draw(4)],
        .request = names[draw(4)],
    };
}

/* The first line of each rule is its outcome, so the explanation alone names the match. */
static void expect_same(const struct route_rules *rules, const struct route_facts *facts,
                        struct arena *arena)
{
    size_t match = route_first_match(rules, facts), said = ROUTE_DEFAULT, count, rule = SIZE_MAX;
    const struct route_reason *reasons;

    route_explain(rules, facts, arena, &reasons, &count);
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

/* Rules whose names are all different; keys drawn twice in an object keep their first value in both
 * ways of evaluating. */
TEST(an_explanation_never_differs_from_the_decision)
{
    const struct json_limits limits = {.allow_duplicate_names = true};

    seed = 20261120;
    for (int round = 0; round < 500; round++) {
        struct arena arena = {0};
        struct diagnostics *diagnostics = ARENA_NEW(&arena, struct diagnostics);
        struct document document;
        struct route_rules rules;
        struct error err;

        diagnostics->arena = &arena;
        EXPECT(json_read(draw_rules(&arena), &limits, &arena, &document, NULL, &err));
        EXPECT(route_compile(&document, 0, &arena, diagnostics, &rules));
        for (int i = 0; i < 20; i++) {
            struct route_facts facts = draw_facts();

            expect_same(&rules, &facts, &arena);
        }
        arena_release(&arena);
    }
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
    struct document document;
    struct route_rules rules;
    struct error err;
    size_t count;

    diagnostics->arena = &arena;
    EXPECT(json_read(text, NULL, &scratch, &document, NULL, &err));
    EXPECT(route_compile(&document, 0, &arena, diagnostics, &rules));
    arena_release(&scratch);
    route_explain(&rules, &facts, &arena, &reasons, &count);
    EXPECT_EQ(count, 1);
    EXPECT_TEXT(reasons[0].condition, "input_tokens >= 3");
    EXPECT_TEXT(reasons[0].actual, "3");
    EXPECT_TEXT(rules.items[0].name, "n");
    EXPECT_TEXT(rules.items[0].use.model, "m");
    arena_release(&arena);
}
