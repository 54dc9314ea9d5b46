/* command/secret_text.h
 * What the secret commands say to people, from the admin API's JSON. Private to them. */
#pragma once
#include "document/document.h"

/* Says on stderr that a secret was set, where a new master key is, and whether it is in force. */
void secret_say_set(const struct document *document);
void secret_say_deleted(const struct document *document);
void secret_say_rotated(const struct document *document);
/* One line on standard output per secret of the list. */
void secret_print_list(const struct document *document);
