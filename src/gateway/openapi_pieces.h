/* gateway/openapi_pieces.h
 * What the OpenAPI document says of each endpoint of a configuration, made once, when it is loaded;
 * which of it somebody sees is a matter of the token. Const, and shared by all workers. */
#pragma once
#include "catalog/catalog.h"

struct openapi_pieces {
    struct arena arena;
    const struct catalog_piece *items; /* by endpoint */
    const struct text *etags;          /* of each */
};
void openapi_pieces_init(struct openapi_pieces *pieces, const struct config *config);
void openapi_pieces_release(struct openapi_pieces *pieces);
/* The strong tag of the document: that of what goes into it. In the arena. */
struct text openapi_pieces_etag(const struct openapi_pieces *pieces, const struct catalog *catalog,
                                struct arena *arena);
