/* catalog/assets.h
 * Private to the catalog: files that are inside the program, byte for byte. */
#pragma once
#include "base/text.h"

/* Of the OpenAPI document, what is the same for all endpoints. */
struct text asset_components(void);
/* What a generated client is made around. */
struct text asset_client_ts(void);
struct text asset_client_python(void);
struct text asset_client_curl(void);
