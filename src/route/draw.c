/* FNV-1a, whose low bits are poor for texts that differ in their last byte only, and behind it a
 * finalizer that spreads every bit over all others. Who is to be drawn is known and not secret, so
 * the hash needs no key; that it never changes is what counts. */
#include "route/draw.h"

static const uint64_t fnv_basis = 14695981039346656037u, fnv_prime = 1099511628211u;

static uint64_t add(uint64_t hash, struct text text)
{
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.at[i]) * fnv_prime;
    return (hash ^ 0xFF) * fnv_prime; /* no byte of UTF-8: texts do not run into one another */
}

static uint64_t spread(uint64_t hash)
{
    hash = (hash ^ hash >> 30) * 0xBF58476D1CE4E5B9u;
    hash = (hash ^ hash >> 27) * 0x94D049BB133111EBu;
    return hash ^ hash >> 31;
}

uint64_t route_draw_salt(struct text rule)
{
    return spread(add(fnv_basis, rule));
}

uint32_t route_draw(uint64_t salt, struct text endpoint, struct text who)
{
    uint64_t hash = spread(add(add(salt, endpoint), who));

    return (uint32_t)((hash >> 32) * ROUTE_DRAWS >> 32);
}
