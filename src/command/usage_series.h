/* command/usage_series.h
 * `pinion usage` by the minute or the hour, by what usage of days does not have (tags, surfaces,
 * statuses), or of a span of time that is no days: answered from roll-ups. */
#pragma once
#include "command/options.h"

/* Whether it takes that to answer the line. */
bool usage_series_wanted(const struct command_line *line);
int usage_series(const struct command_line *line);
