/* One word a place: 48 bits of the digest, and the second in 16 more. Threads that write the same
 * place at once lose one of two calls, which is one repeat not counted. */
#include "gateway/repeats.h"

#include "base/check.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { PLACES = 1 << 16, WITHIN_S = 60 };

struct repeats {
    _Atomic uint64_t places[PLACES];
};

struct repeats *repeats_new(void)
{
    struct repeats *repeats = calloc(1, sizeof *repeats);

    CHECK(repeats != NULL);
    return repeats;
}

void repeats_free(struct repeats *repeats)
{
    free(repeats);
}

static uint64_t digest(struct text token_id, struct text endpoint, struct text body)
{
    uint64_t hash = text_hash(token_id);

    hash = (hash << 9 | hash >> 55) ^ text_hash(endpoint);
    return (hash << 9 | hash >> 55) ^ text_hash(body);
}

bool repeats_note(struct repeats *repeats, struct text token_id, struct text endpoint,
                  struct text body, uint64_t now_ms)
{
    uint64_t hash = digest(token_id, endpoint, body), second = now_ms / 1000;
    _Atomic uint64_t *place = &repeats->places[hash % PLACES];
    uint64_t tag = hash >> 16 << 16;
    uint64_t before = atomic_load_explicit(place, memory_order_relaxed);
    uint16_t age_s = (uint16_t)(second - before);

    atomic_store_explicit(place, tag | (second & 0xFFFF), memory_order_relaxed);
    return before != 0 && before >> 16 << 16 == tag && age_s <= WITHIN_S;
}
