/* config/provider_url.h
 * Private to config: the address of a provider, and faults of a provider's values. */
#pragma once
#include "config/load.h"

/* Reports E0502 at a cell of the provider; returns false. */
bool load_provider_fault(struct load *load, const struct document *document, uint32_t cell,
                         const char *what, const char *hint);
/* Likewise of a value: where it is that of a secret or a variable, which the code frame does not
 * show, the hint says so. */
bool load_provider_value_fault(struct load *load, const struct document *document, uint32_t cell,
                               const char *what, const char *hint);

struct url_place {
    uint32_t cell; /* of 'base_url'; CELL_NONE: the usual place of the kind */
    bool allow_http, allow_private;
};

/* Fills in where the provider, whose kind is known, is; a missing address is marked at `mark`.
 * *out_missing: it is in a secret that is not there. */
bool load_provider_url(struct load *load, const struct document *document, uint32_t mark,
                       const struct url_place *place, struct provider *provider, bool *out_missing);
