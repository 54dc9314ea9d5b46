/* catalog/naming.h
 * Private to the catalog: what an endpoint is called where slugs cannot be names. Different slugs
 * have different names. In the arena. */
#pragma once
#include "base/arena.h"
#include "base/text.h"

/* "classify-ticket" -> classifyTicket */
struct text name_camel(struct text slug, struct arena *arena);
/* "classify-ticket" -> ClassifyTicket; "3d-model" -> _3dModel */
struct text name_pascal(struct text slug, struct arena *arena);
/* "classify-ticket" -> classify_ticket; "3d-model" -> _3d_model */
struct text name_snake(struct text slug, struct arena *arena);
