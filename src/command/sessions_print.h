/* command/sessions_print.h
 * Sessions for people, from the JSON of session/session_text.h. */
#pragma once
#include "document/document.h"

/* One line. */
void sessions_print_row(const struct document *document, uint32_t session);
/* All that is known, and the messages, if they are there. */
void sessions_print(const struct document *document);
