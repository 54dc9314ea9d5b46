/* command/confirm.h
 * Asking before something is done that cannot be undone, for commands with CONFIRM_OPTION. */
#pragma once
#include "command/options.h"

// clang-format off
#define CONFIRM_OPTION {.name = "yes", .letter = 'y', .help = "do not ask whether it is meant"}
// clang-format on

/* Whether it is meant: --yes, or "y" to the question at a terminal. Where nobody can be asked false
 * with ERROR_INVALID_REQUEST; of one who says no, false without. */
bool confirm(const struct command_line *line, const char *question, struct error *err);
