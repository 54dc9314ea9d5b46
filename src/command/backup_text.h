/* command/backup_text.h
 * What the backup commands say to people. Private to them. */
#pragma once
#include "document/document.h"
#include "store/backup.h"

/* On stderr: "12 MiB as of 2026-11-26T17:15:00.000Z: 3 tokens, 10 sessions". */
void backup_say(const struct backup *backup);
/* One line on standard output per backup of a list. */
void backup_print_list(const struct document *document);
