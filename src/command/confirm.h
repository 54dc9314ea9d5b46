/* command/confirm.h
 * Asking before something is done that cannot be undone, for commands with CONFIRM_OPTION. */
#pragma once
#include "command/options.h"

// clang-format off
#define CONFIRM_OPTION {.name = "yes", .letter = 'y', .help = "do not ask whether it is meant"}
// clang-format on

/* True with --yes, or when a person at the terminal answers the question with y. Else false with
 * ERROR_INVALID_REQUEST: nothing is to be done, or there is nobody to ask, who is told what is at
 * stake. */
bool confirm(const struct command_line *line, struct text stake, struct text question,
             struct error *err);
