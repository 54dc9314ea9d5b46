/* command/secret_value.h
 * A secret's value as a person hands it over. Private to the secret commands. */
#pragma once
#include "command/options.h"

/* Reads it from --file, or from standard input; where that is a terminal the person is asked and
 * nothing is shown. White space around it is dropped. It is in secret memory that ends with the
 * command line's arena. False with ERROR_FILE_UNREADABLE or ERROR_INVALID_REQUEST. */
bool secret_value_read(const struct command_line *line, struct text *out, struct error *err);
