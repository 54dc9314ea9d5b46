/* gateway/methods.h
 * Which methods a path takes, as its row has them: "GET, DELETE". HEAD is taken wherever GET is,
 * and OPTIONS everywhere (RFC 9110, section 9.3). */
#pragma once
#include "base/arena.h"

/* Whether the row's methods have this one; OPTIONS is answered without them. */
bool methods_take(struct text methods, struct text method);
/* All of them, as Allow has them (RFC 9110, section 10.2.1). */
struct text methods_allow(struct arena *arena, struct text methods);
