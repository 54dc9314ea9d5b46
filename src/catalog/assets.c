#include "catalog/assets.h"

/* In assets.S. */
#define ASSET(name) extern const char catalog_##name[], catalog_##name##_end[]
ASSET(components);
ASSET(client_ts);
ASSET(client_python);
ASSET(client_curl);
#undef ASSET
#define ASSET_TEXT(name) text_between(catalog_##name, catalog_##name##_end)

struct text asset_components(void)
{
    return ASSET_TEXT(components);
}

struct text asset_client_ts(void)
{
    return ASSET_TEXT(client_ts);
}

struct text asset_client_python(void)
{
    return ASSET_TEXT(client_python);
}

struct text asset_client_curl(void)
{
    return ASSET_TEXT(client_curl);
}
