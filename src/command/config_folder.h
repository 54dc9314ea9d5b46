/* command/config_folder.h
 * The configuration folder a command works on, and its diagnostics on the terminal. */
#pragma once
#include "command/options.h"
#include "config/config.h"

/* Reads the folder of --config. Prints what is wrong to stderr (JSON where --json asks for it) and
 * gives NULL when there was an error. */
struct config *config_folder_load(const struct command_line *line,
                                  const struct config_options *options);
/* The folder itself. */
struct text config_folder(const struct command_line *line);
