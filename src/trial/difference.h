/* trial/difference.h
 * Where two documents that should be equal are not. */
#pragma once
#include "document/document.h"

struct difference {
    struct text pointer;       /* of the first place that differs */
    struct text before, after; /* what stands there, as compact JSON and shortened around the place
                                  where two texts part; "(nothing)" where it is missing */
};
/* False when they are equal as JSON is. Texts are in the arena. */
bool difference_find(const struct document *before, uint32_t before_at,
                     const struct document *after, uint32_t after_at, struct arena *arena,
                     struct difference *out);
/* A value as compact JSON, at most some 80 bytes of it. */
struct text difference_shown(const struct document *document, uint32_t at, struct arena *arena);
