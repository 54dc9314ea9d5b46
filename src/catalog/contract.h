/* catalog/contract.h
 * Private to the catalog: what an endpoint takes and gives, as one document with nothing outside of
 * it, for who tells it in another language. References are "#/definitions/NAME". */
#pragma once
#include "config/config.h"

struct contract {
    struct document document;
    uint32_t input, output; /* cells of schemas; CELL_NONE: any text */
    uint32_t definitions;   /* cell of an object; names begin with "Input_" or "Output_" */
};
/* In the arena. False where it is nested too deep to be read again. */
bool contract_read(const struct endpoint *endpoint, struct arena *arena, struct contract *out);
/* The definition that the schema at `at` refers to, with its name; CELL_NONE: it has no `$ref`. */
uint32_t contract_reference(const struct contract *contract, uint32_t at, struct text *out_name);
/* A text of authors' on one line, without what would end a comment; in the arena. */
struct text contract_line(struct text text, struct arena *arena);
