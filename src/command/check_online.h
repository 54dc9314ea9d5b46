/* command/check_online.h
 * Private to `check`: whether providers can be reached, and take their credentials. */
#pragma once
#include "command/options.h"
#include "config/config.h"

/* Asks each provider, by each of its keys, for its list of models, which costs nothing; says on
 * stderr what came of it. Gives the exit code: EXIT_DONE, EXIT_PERMISSION where a credential was
 * refused, EXIT_UNREACHABLE where nobody answered. */
int check_online(const struct command_line *line, const struct config *config);
