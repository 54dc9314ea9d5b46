/* command/version_files.h
 * The files of a version, written for an author. */
#pragma once
#include "command/version_ask.h"

/* Writes them below `folder`, in place of those that are there, and names each on stderr. */
int version_write(const struct command_line *line, const struct version_told *version,
                  struct text folder);
