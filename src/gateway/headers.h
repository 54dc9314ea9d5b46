/* gateway/headers.h
 * The headers of an answer while they are put together. */
#pragma once
#include "base/check.h"
#include "gateway/http.h"

enum { HEADERS_MAX = 48 };

struct headers {
    struct http_header items[HEADERS_MAX];
    size_t count;
};

/* Nothing where the value is empty; both texts are kept. */
static inline void headers_add(struct headers *headers, const char *name, struct text value)
{
    if (value.len == 0)
        return;
    CHECK(headers->count < HEADERS_MAX);
    headers->items[headers->count++] = (struct http_header){text_of(name), value};
}

static inline void headers_add_all(struct headers *headers, const struct http_header *items,
                                   size_t count)
{
    CHECK(count <= HEADERS_MAX - headers->count);
    for (size_t i = 0; i < count; i++)
        headers->items[headers->count++] = items[i];
}
