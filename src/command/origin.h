/* command/origin.h
 * Where callers find the server of a folder. */
#pragma once
#include "command/options.h"
#include "config/config.h"

/* "http://127.0.0.1:8080", in the arena: how the listener is reached from this machine. Empty where
 * it is a unix socket, or the port is not said. */
struct text listener_origin(const struct settings *settings, struct arena *arena);
/* The URL that an option of that name says, without a slash at its end; false with *err where it is
 * none, or no http or https URL. */
bool origin_option(const struct command_line *line, const char *name, struct text *out,
                   struct error *err);
/* What --url says; else the settings' public URL, else the one above; without a slash at its end.
 * False with *err where --url is none. */
bool origin_read(const struct command_line *line, const struct settings *settings, struct text *out,
                 struct error *err);
