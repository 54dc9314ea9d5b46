/* provider/wire.h
 * The parts of a request that are alike in every dialect: its path, its header lines, and about how
 * large it is. */
#pragma once
#include "provider/dialect.h"

/* The provider's own path, `path` behind it, and its query if it has one: in the arena. */
struct text wire_path(const struct provider *provider, const char *path, struct arena *arena);
/* Adds "name: value\r\n"; an empty value adds nothing. CHECKs that the value cannot end its line: a
 * key that could was refused when it was loaded. `prefix` stands in front of it ("Bearer "). */
void wire_put_header(struct buffer *headers, const char *name, const char *prefix,
                     struct text value);
/* A first guess at the bytes of a body, so that it need not grow. */
size_t wire_body_bytes(const struct chat *chat);
