/* webhook/signature.h
 * What proves to a receiver that an event is ours, and new: HMAC-SHA256 (RFC 2104, FIPS 180-4) over
 * the time of the attempt and the body, under a secret that only the two know. */
#pragma once
#include "base/buffer.h"

#include <stdint.h>

/* Appends "t=1764212400,v1=HEX", with a v1 for each secret: of "1764212400.BODY", the time being
 * seconds since 1970. */
void signature_put(struct buffer *out, const struct text *secrets, size_t secret_count,
                   int64_t time_s, struct text body);
