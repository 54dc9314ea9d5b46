/* config/limit_keys.h
 * Private to config: the keys of a table that fills the call_limits which are that member of a
 * structure. */
#pragma once
#include "config/keys.h"
#include "store/call_limits.h"

// clang-format off
#define LIMIT_KEYS(structure, member)                                                                   \
    LIMIT_KEY(structure, member, per_minute, "60", "Requests in any minute."),                          \
    LIMIT_KEY(structure, member, per_hour, "1000", "Requests in any hour."),                            \
    LIMIT_KEY(structure, member, tokens_per_minute, "100000", "Tokens in any minute, prompts and answers together."), \
    LIMIT_KEY(structure, member, concurrent, "20", "Calls that are under way at once."),                \
    {.name = "connections", .type = KEY_ELSEWHERE,                                                      \
     .hint = "how many connections are open at once is of the whole process: write limits: "            \
             "{connections: 10000} in pinion.yaml"}
#define LIMIT_KEY(structure, member, key, shown, said)                                                  \
    {.name = #key, .type = KEY_COUNT, FIELD(structure, member.key), .least = 1,                         \
     .greatest = CALL_LIMIT_MAX, .hint = #key ": " shown "; without the key there is no limit",   \
     .about = said, .example = shown}
// clang-format on
