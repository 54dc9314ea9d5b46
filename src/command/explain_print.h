/* command/explain_print.h
 * An explanation of a route, as the admin listener's /explain answers it, for people to read. */
#pragma once
#include "command/options.h"

/* Prints it to stdout; with --json as it is. */
void explain_print(const struct command_line *line, struct text json);
