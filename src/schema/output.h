/* schema/output.h
 * The result of a check in the forms that JSON Schema standardises for tools (2019-09 and 2020-12
 * core, section 12 and 12.4): *flag*, the verdict alone, and *basic*, a list of everything. */
#pragma once
#include "schema/schema.h"

enum output_form { OUTPUT_FLAG, OUTPUT_BASIC };

/* Writes one JSON object. In the basic form an invalid value has "errors", the violations that
 * schema_explain lists, and a valid one "annotations", if it has any; those exist since 2019-09,
 * and at most 100,000 are told. Returns the verdict. */
bool schema_output(const struct schema *schema, const struct document *document, uint32_t at,
                   enum output_form form, struct arena *arena, struct buffer *buffer);
