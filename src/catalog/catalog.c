#include "catalog/catalog.h"

bool catalog_shows(const struct catalog *catalog, const struct endpoint *endpoint)
{
    return catalog->token == NULL || token_scope_allows(catalog->token, endpoint->slug);
}
