/* command/caller_token.h
 * The token of a caller, for commands that ask a server's public listener. */
#pragma once
#include "command/options.h"

/* What the file of --token-file holds, in the line's arena; *out_bearer stays NULL where none is
 * named. */
bool caller_token_read(const struct command_line *line, const char **out_bearer, struct error *err);
/* Whether it can stand in a header field: printable, without blanks. */
bool caller_text_plain(struct text value);
