/* telemetry/gzip.h
 * A body in gzip (RFC 1952), as receivers of OTLP take it. */
#pragma once
#include "base/buffer.h"

/* Appends it. False, with nothing appended, when there is no memory for it. */
bool gzip_put(struct buffer *out, struct text body);
