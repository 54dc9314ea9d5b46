/* command/config_folder.h
 * The configuration folder a command works on, and its diagnostics on the terminal. */
#pragma once
#include "command/options.h"
#include "config/config.h"

/* Reads the folder of --config. Prints what is wrong to stderr (JSON where --json asks for it) and
 * gives NULL when there was an error. */
struct config *config_folder_load(const struct command_line *line,
                                  const struct config_options *options);
/* Likewise, for commands that are about something else: warnings are said with --verbose only. */
struct config *config_folder_load_quietly(const struct command_line *line,
                                          const struct config_options *options);
/* The sealed secrets of the folder's store (or of that of --store), read from beside it; for
 * commands that take --store. Takes PINION_MASTER_KEY out of the environment: before other threads
 * run, and once. */
void config_folder_vault(const struct command_line *line, struct key_source *keys,
                         struct vault *out);
/* Has a load put the endpoints that are rolled back into force as they are then, as the store (or that
 * of --store) says, read from beside it. False with *err when it cannot be read. */
bool config_folder_pins(const struct command_line *line, struct config_options *options,
                        struct error *err);
/* The folder itself. */
struct text config_folder(const struct command_line *line);

/* Where the server is, for a command's table of flags: overrides the folder's own settings. */
// clang-format off
#define PLACE_OPTIONS                                                                              \
    {.name = "admin", .argument = "ADDR", .help = "admin address, e.g. unix:/run/pinion/admin.sock", \
     .environment = "PINION_ADMIN"},                                                               \
    {.name = "store", .argument = "DIR", .help = "folder of everything durable",                   \
     .environment = "PINION_STORE"},                                                               \
    {.name = "token-file", .argument = "FILE", .help = "a file with an admin credential; - is standard input", \
     .environment = "PINION_TOKEN_FILE"}
// clang-format on
/* Applies them; a store elsewhere has its admin socket there, unless that is named too. */
bool config_folder_place(const struct command_line *line, struct settings *settings,
                         struct error *err);
/* Applies one address flag. */
bool config_folder_address(const struct command_line *line, const char *name,
                           struct listen_address *address, struct error *err);
/* The settings of the folder, whatever else is wrong with it, with PLACE_OPTIONS applied. */
bool config_folder_settings(const struct command_line *line, struct settings *out,
                            struct error *err);
