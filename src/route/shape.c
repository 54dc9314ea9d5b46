#include "route/shape.h"

// clang-format off
const struct route_word route_words[] = {
    {"input_tokens", ROUTE_SHAPE_COMPARISON, "Tokens of the prompt, as estimated.", "\">= 30000\""},
    {"input_chars", ROUTE_SHAPE_COMPARISON, "Characters of what the caller sent.", "\"> 2000\""},
    {"messages_count", ROUTE_SHAPE_COMPARISON, "Messages that the model gets.", "\">= 20\""},
    {"session_messages", ROUTE_SHAPE_COMPARISON, "Messages that the session already has.", "\">= 10\""},
    {"has_input_schema", ROUTE_SHAPE_FLAG, "Whether the endpoint has an input schema.", "true"},
    {"has_output_schema", ROUTE_SHAPE_FLAG, "Whether the endpoint has an output schema.", "true"},
    {"has_tools", ROUTE_SHAPE_FLAG, "Whether the caller brings tools along.", "true"},
    {"streaming", ROUTE_SHAPE_FLAG, "Whether the caller asks for a stream.", "true"},
    {"time_of_day", ROUTE_SHAPE_TIMES, "When the call is made; the second time is no longer part of it, and may lie behind midnight.", "\"22:00-06:00\""},
    {"day", ROUTE_SHAPE_DAYS, "On which days the call is made.", "[sat, sun]"},
    {"timezone", ROUTE_SHAPE_ZONE, "Where 'time_of_day' and 'day' beside it, or below it, are meant; without it, UTC.", "Europe/Berlin"},
    {"percent", ROUTE_SHAPE_PERCENT, "A share of the calls; 'sticky' says of what.", "5"},
    {"sticky", ROUTE_SHAPE_STICKY, "What stays on one side of 'percent': each caller, session or request.", "caller"},
    {"monthly_spend_pct", ROUTE_SHAPE_COMPARISON, "How much of its own monthly budget the endpoint has spent, in percent.", "\">= 80\""},
    {"daily_spend_pct", ROUTE_SHAPE_COMPARISON, "Likewise of its daily budget.", "\">= 80\""},
    {"caller", ROUTE_SHAPE_CALLER, "Whose call it is: the name, project and tags of the token; of a list any.", "{tags: {tier: [gold, silver]}}"},
    {"header", ROUTE_SHAPE_HEADER, "Request headers that 'routing_headers' in pinion.yaml allows: what they say, or whether they are there.", "{x-tier: gold}"},
    {"input", ROUTE_SHAPE_INPUT, "Values in the input, by JSON Pointer: a value, a list of any of which, or a comparison.", "{/pages: \">= 10\", /lang: de}"},
    {"provider_health", ROUTE_SHAPE_HEALTH, "How a provider fares, or 'default', the endpoint's own target; without a name, the rule's own target.", "{openai: [degraded, down]}"},
    {"p95_ms", ROUTE_SHAPE_TARGET, "The 95th percentile of the time to the first byte, of provider:model, of 'default', or of the rule's own target.", "{\"openai:gpt-4.1-mini\": \"> 2000\"}"},
    {"all", ROUTE_SHAPE_LIST, "Holds when each of these holds.", "[{streaming: true}, {has_tools: true}]"},
    {"any", ROUTE_SHAPE_LIST, "Holds when one of these holds.", "[{time_of_day: \"22:00-06:00\"}, {day: [sat, sun]}]"},
    {"not", ROUTE_SHAPE_ONE, "Holds when this does not.", "{streaming: true}"},
};
// clang-format on
const size_t route_word_count = sizeof route_words / sizeof *route_words;
