/* A routing file: whatever compiles decides and explains alike, for facts drawn from the input. */
#include "base/check.h"
#include "document/json_read.h"
#include "document/yaml_read.h"
#include "route/rule.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is asked for hangs on the need and the round alone, so that both ways are told the same. */
static bool header(const void *from, struct text name, struct text *out)
{
    *out = name.len % 2 ? TEXT("gold") : TEXT("a");
    return (name.len + *(const unsigned *)from) % 3;
}

static enum route_health health(const void *from, size_t need)
{
    return (enum route_health)((need + *(const unsigned *)from) % 3);
}

static bool p95_ms(const void *from, size_t need, int64_t *out_ms)
{
    *out_ms = (int64_t)(need * 700);
    return (need + *(const unsigned *)from) % 4;
}

static const struct route_source asked = {header, health, p95_ms, NULL};

/* Needs are what config goes by: each is of a rule, and names what its kind asks for. */
static void check_needs(const struct route_rules *rules, const struct document *document)
{
    for (size_t i = 0; i < rules->need_count; i++) {
        const struct route_need *need = &rules->needs[i];

        CHECK(need->rule < rules->count && need->at < document->count);
        CHECK(need->kind != ROUTE_NEEDS_TARGET || (need->name.len > 0 && need->model.len > 0));
        CHECK(need->kind != ROUTE_NEEDS_INPUT || need->operand_count > 0);
        for (size_t k = 0; k < need->operand_count; k++) {
            const struct route_operand *operand = &need->operands[k];
            struct text text;

            CHECK(operand->at < document->count && operand->value.type < CELL_ARRAY);
            if (operand->len == 0)
                continue;
            text = document_text(document, operand->at);
            CHECK(operand->from + operand->len <= text.len);
        }
    }
}

static struct route_facts facts_of(const uint8_t *data, size_t size, unsigned round,
                                   const struct document *input)
{
    static const struct token_tag tags[] = {{TEXT_INIT("tier"), TEXT_INIT("gold")}};
    uint64_t seed = 14695981039346656037u + round;

    for (size_t i = 0; i < size; i++)
        seed = (seed ^ data[i]) * 1099511628211u;
    return (struct route_facts){
        .input_tokens = (int64_t)(seed % 100),
        .input_chars = (int64_t)(seed >> 8 & 15),
        .messages_count = (int64_t)(seed >> 16 & 3),
        .session_messages = (int64_t)(seed >> 24 & 3),
        .has_input_schema = seed >> 32 & 1,
        .has_output_schema = seed >> 33 & 1,
        .has_tools = seed >> 35 & 1,
        .streaming = seed >> 34 & 1,
        .wall_ms = (int64_t)(seed >> 3), /* far beyond every calendar too */
        .monthly_spend_pct = (int64_t)(seed >> 36 & 127),
        .daily_spend_pct = (int64_t)(seed >> 40 & 127),
        .caller_name = seed >> 41 & 1 ? TEXT("nightly") : TEXT(""),
        .project = TEXT("default"),
        .tags = tags,
        .tag_count = seed >> 42 & 1,
        .input = seed >> 43 & 1 ? input : NULL,
        .source = &asked,
        .endpoint = TEXT("fuzz"),
        .caller = {(const char *)data, size < 16 ? size : 16},
        .session = {(const char *)data, size < round ? size : round},
        .request = {(const char *)data, size < 8 ? size : 8},
    };
}

static void check_rules(const struct route_rules *rules)
{
    for (size_t i = 0; i < rules->count; i++) {
        const struct route_use *use = &rules->items[i].use;

        CHECK(rules->items[i].name.len > 0);
        CHECK((use->template.len > 0) != (use->provider.len + use->model.len > 0));
    }
}

/* The explanation's last rule is the match, or the last rule when there is none; its first line is
 * its outcome. */
static void check_facts(const struct route_rules *rules, const struct route_facts *facts,
                        struct arena *arena)
{
    struct route_look looks[ROUTE_LOOKS_MAX];
    struct route_trace trace = {.looks = looks}, told = {.arena = arena};
    size_t match = route_first_match(rules, facts, &trace), count, first;
    struct buffer line = buffer_in(arena);
    const struct route_reason *reasons;

    CHECK(route_explain(rules, facts, &told) == match);
    CHECK(trace.rule == match && trace.count <= ROUTE_LOOKS_MAX);
    route_trace_put(&trace, &line);
    route_trace_reasons(&trace, false, arena, &reasons);
    count = route_trace_reasons(&told, true, arena, &reasons);
    CHECK((count > 0) == (rules->count > 0));
    if (count == 0)
        return;
    for (first = count - 1; first > 0 && reasons[first - 1].rule == reasons[count - 1].rule;)
        first--;
    CHECK(reasons[first].held == (match != ROUTE_DEFAULT));
    CHECK(reasons[first].rule == (match != ROUTE_DEFAULT ? match : rules->count - 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct diagnostics *diagnostics = ARENA_NEW(&arena, struct diagnostics);
    struct text source = {(const char *)data, size};
    struct document document, input;
    struct route_rules rules;

    diagnostics->arena = &arena;
    CHECK(json_read(
        TEXT("{\"tier\":\"gold\",\"pages\":12.5,\"draft\":true,\"lines\":[{\"sku\":\"a\"},1]}"),
        NULL, &arena, &input, NULL, NULL));
    if (yaml_read(source, TEXT("fuzz"), &arena, &document, diagnostics)) {
        size_t errors = diagnostics->error_count;
        bool valid = route_compile(&document, 0, &arena, diagnostics, &rules);

        CHECK(valid == (diagnostics->error_count == errors));
        for (unsigned round = 0; valid && round < 4; round++) {
            struct route_facts facts = facts_of(data, size, round, &input);

            facts.from = &round;
            check_rules(&rules);
            check_needs(&rules, &document);
            check_facts(&rules, &facts, &arena);
        }
    }
    arena_release(&arena);
    return 0;
}
