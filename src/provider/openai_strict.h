/* provider/openai_strict.h
 * Whether the vendor's strict structured output takes a schema as it is written: the subset of JSON
 * Schema that its documentation lists, and nothing else. */
#pragma once
#include "document/document.h"

/* Conservative: false where in doubt, because a schema sent as strict that is not is refused, and
 * one that is not sent as strict is still a hint and still validated here. Linear in the schema;
 * allocates nothing. */
bool openai_strict_takes(const struct document *document, uint32_t root);
