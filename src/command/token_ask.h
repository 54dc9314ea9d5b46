/* command/token_ask.h
 * A token command's way to the tokens: through the running server where there is one, so that a
 * change is in force with the answer; else on the store itself, which then nobody else has open.
 * Private to the token commands. */
#pragma once
#include "command/token_own.h"

/* Gives the JSON of the answer, or prints why there is none and returns false with the exit code.
 */
bool token_ask(const struct command_line *line, enum token_deed deed, struct text id,
               struct text body, struct text *out_answer, int *out_code);
/* Whether it can be an id; else says so. */
bool token_id_given(const struct command_line *line, struct text *out_id);
