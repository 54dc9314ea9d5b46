/* config/caller_output.h
 * An endpoint that leaves the form of its answers to its callers, as one call has it: with the
 * schema which that caller brought along. */
#pragma once
#include "config/config.h"

struct caller_output {
    const struct schema *schema;
    const struct document *document; /* where it stands */
    uint32_t at;
    bool loose; /* any JSON object: no provider is held to its schema */
};
/* Gives a copy in the arena, its targets' structured output included; everything else is borrowed,
 * as are the schema and its document. */
const struct endpoint *endpoint_with_output(const struct endpoint *endpoint,
                                            const struct caller_output *output,
                                            struct arena *arena);
