/* command/token_text.h
 * Tokens, in the admin API's JSON, shown to people on standard output. Private to the token
 * commands. */
#pragma once
#include "document/document.h"

/* One line. */
void token_print_row(const struct document *document, uint32_t token);
/* Every member that says something, a line each. */
void token_print_all(const struct document *document, uint32_t token);
