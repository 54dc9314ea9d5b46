/* config/resolved.h
 * A configuration as it is in force: with every default filled in, and every name followed. */
#pragma once
#include "base/buffer.h"
#include "config/config.h"

/* Appends it as compact JSON, in the words of the files. Credentials are stars, but their number is
 * shown. */
void resolved_write(const struct config *config, struct buffer *out);
