/* listen/handler.h
 * From the server library's request to the gateway's: the one place where a request is believed. */
#pragma once
#include "listen/parts.h"

/* Sets up what all workers serve from: one host, one path, our handler, and neutral bodies for the
 * errors that the library makes itself. The texts of `settings` are not used. */
void handler_configure(h2o_globalconf_t *config, const struct settings *settings);
