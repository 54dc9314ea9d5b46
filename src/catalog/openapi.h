/* catalog/openapi.h
 * Private to the catalog: the pieces of the OpenAPI document. */
#pragma once
#include "catalog/catalog.h"

/* Which optional parts of components.json the document needs. */
enum openapi_use {
    OPENAPI_PREFER = 1,
    OPENAPI_SESSIONS = 2,
    OPENAPI_CACHE = 4,
    OPENAPI_TOOLS = 8,
    OPENAPI_DEPRECATED = 16,
};

/* What callers of an endpoint may do: enum openapi_use. */
unsigned openapi_uses(const struct endpoint *endpoint);
/* operation.c: the member of `paths` for an endpoint. */
void openapi_put_path(const struct endpoint *endpoint, struct arena *arena, struct buffer *out);
/* operation_schemas.c: its members of `components.schemas`. */
void openapi_put_schemas(const struct endpoint *endpoint, struct arena *arena, struct buffer *out);
/* openapi_fault.c: the members of `components.responses`, one per status of errors, and those of an
 * operation's `responses` that refer to them. */
void openapi_put_faults(struct buffer *out);
void openapi_put_fault_references(struct buffer *out);
/* A reference: {"$ref":"#/components/KIND/NAME"}. */
void openapi_put_reference(struct buffer *out, const char *kind, struct text name);
