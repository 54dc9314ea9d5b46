/* command/token_order.h
 * The flags that say what a token may do, and the JSON of the admin API that they mean. Private to
 * the token commands. */
#pragma once
#include "base/buffer.h"
#include "command/options.h"

// clang-format off
#define TOKEN_ORDER_OPTIONS                                                                        \
    {.name = "scope", .letter = 's', .argument = "SCOPE", .repeated = true,                        \
     .help = "an endpoint or alias it may call, or a pattern such as 'support-*'; models by "      \
             "their own names are 'openai:*'; may be repeated"},                                   \
    {.name = "name", .argument = "NAME", .help = "what people know it by"},                        \
    {.name = "expires", .argument = "WHEN",                                                        \
     .help = "a duration such as 90d, a date such as 2027-01-31, or never"},                       \
    {.name = "verb", .argument = "VERB", .repeated = true,                                         \
     .help = "what it may do: call, models, embeddings, mcp, sessions, usage; may be repeated"},   \
    {.name = "model", .argument = "MODEL", .repeated = true,                                       \
     .help = "a model it may use, or a pattern such as 'gpt-4.1-*'; without it, any"},             \
    {.name = "address", .argument = "CIDR", .repeated = true,                                      \
     .help = "where it may be used from, such as 10.0.0.0/8; without it, from anywhere"},          \
    {.name = "tag", .argument = "NAME=VALUE", .repeated = true,                                    \
     .help = "a tag for routing and reports; may be repeated"},                                    \
    {.name = "per-minute", .argument = "N", .help = "calls a minute; none takes the limit away"},  \
    {.name = "per-hour", .argument = "N", .help = "calls an hour"},                                \
    {.name = "tokens-per-minute", .argument = "N", .help = "model tokens a minute"},               \
    {.name = "concurrent", .argument = "N", .help = "calls at once"},                              \
    {.name = "monthly-usd", .argument = "USD", .help = "money a month; none takes it away"},       \
    {.name = "daily-usd", .argument = "USD", .help = "money a day"},                               \
    {.name = "guardrails",                                                                         \
     .argument = "JSON",                                                                           \
     .help = "guardrails of its own, such as '{\"pii\": \"off\"}', or none"},                        \
    {.name = "on-revoke", .argument = "WHAT", .choices = "finish|cut",                             \
     .help = "what becomes of its calls under way when it is revoked: finish or cut"}
// clang-format on

/* Begins an object with the members that the flags name. True when there was any; false with *err
 * when one is malformed. The caller adds further members and the brace. */
bool token_order_put(const struct command_line *line, int64_t now_ms, struct buffer *out,
                     struct error *err);
/* A duration such as 24h in milliseconds. */
bool token_order_duration(const char *given, int64_t *out_ms);
