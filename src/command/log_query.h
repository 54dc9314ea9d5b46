/* command/log_query.h
 * The flags of the commands that look into the request log or at usage, as parameters of the admin
 * calls. */
#pragma once
#include "base/buffer.h"
#include "command/options.h"
#include "document/document.h"

// clang-format off
#define LOG_FILTER_OPTIONS                                                                         \
    {.name = "endpoint", .argument = "SLUG", .help = "only calls of this endpoint"},               \
    {.name = "project", .argument = "NAME", .help = "only calls of this project"},                 \
    {.name = "token", .argument = "ID", .help = "only calls of this token"},                       \
    {.name = "session", .argument = "ID", .help = "only turns of this session"},                   \
    {.name = "trace", .argument = "ID", .help = "only calls that are part of this trace"},         \
    {.name = "provider", .argument = "NAME", .help = "only calls that this provider answered"},    \
    {.name = "model", .argument = "NAME", .help = "only calls that this model answered"},          \
    {.name = "status", .argument = "N", .help = "a status such as 429, or a class such as 5xx"},   \
    {.name = "code", .argument = "CODE", .help = "an error's code, such as rate_limit_exceeded"},  \
    {.name = "tag", .argument = "NAME=VALUE", .repeated = true, .help = "only calls that have this tag"}, \
    {.name = "min-duration", .argument = "TIME", .help = "only calls that took as long: 250ms, 2s"}
#define LOG_TIME_OPTIONS                                                                           \
    {.name = "from", .argument = "WHEN", .help = "at or after: a date, an RFC 3339 time, or 2h for two hours ago"}, \
    {.name = "to", .argument = "WHEN", .help = "before: likewise"}
// clang-format on

/* Appends `name=value`, percent-encoded, with '?' or '&' before it. */
void query_put(struct buffer *path, const char *name, struct text value);
/* Appends what was given of these flags; a '-' in a flag is a '_' in the parameter. `names` end
 * with NULL. False when a time cannot be read. */
bool query_put_options(const struct command_line *line, const char *const *names,
                       struct buffer *path, struct error *err);

extern const char *const log_filter_names[]; /* of LOG_FILTER_OPTIONS and LOG_TIME_OPTIONS */
