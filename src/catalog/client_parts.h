/* catalog/client_parts.h
 * Private to the clients: their types. */
#pragma once
#include "base/buffer.h"
#include "catalog/contract.h"

/* client_types_ts.c: `Input`, `Output` and what they consist of, as exported declarations. */
void client_put_types_ts(const struct contract *contract, struct arena *arena, struct buffer *out);
/* client_types_python.c: likewise, as typed dictionaries and aliases. */
void client_put_types_python(const struct contract *contract, struct arena *arena,
                             struct buffer *out);
