/* command/remote.h
 * Asking the running server over its admin listener. */
#pragma once
#include "command/options.h"
#include "config/config.h"

/* Calls `method` `path` at the admin address of the configuration. True when the server answered
 * (whatever the status); false with ERROR_UPSTREAM_UNREACHABLE when none is running. */
bool remote_call(const struct command_line *line, const struct settings *settings,
                 const char *method, struct text path, struct text body, int *out_status,
                 struct text *out_body, struct error *err);
/* The same for what takes as long as the store is large: waits for an hour. */
bool remote_call_long(const struct command_line *line, const struct settings *settings,
                      const char *method, struct text path, struct text body, int *out_status,
                      struct text *out_body, struct error *err);
/* Prints an error envelope's message and hint to stderr and gives the exit code it means. */
int remote_failed(const struct command_line *line, int status, struct text body);
/* Whether a server answers there. */
bool remote_answers(const struct command_line *line, const struct settings *settings);
/* Says what went wrong on this side and gives the exit code. */
int remote_error(const struct command_line *line, const struct error *err);
