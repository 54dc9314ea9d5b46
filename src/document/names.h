/* document/names.h
 * Private to document: the names of one object in a hash table, for objects so large that comparing
 * each with each would cost. Hashes are seeded, so whoever chose the names cannot make them meet.
 */
#pragma once
#include "document/document.h"

enum { NAMES_FEW = 32 }; /* up to here comparing is cheaper */

/* No reader nests deeper, so recursion over a document is bounded. */
enum { DOCUMENT_DEPTH_MAX = 1000 };

struct name_slot {
    uint32_t key; /* cell index; 0 (never a key): free */
    uint32_t hash;
};
struct names {
    struct name_slot *slots;
    uint32_t mask;
};

/* A table with room for `members` names, in the arena. */
void names_init(struct names *names, struct arena *arena, uint32_t members);
/* Adds a key cell. Returns the one of the same name that was there before (and adds nothing), or
 * CELL_NONE. */
uint32_t names_add(struct names *names, const struct cell *cells, uint32_t key);
/* The key cell of that name, or CELL_NONE. */
uint32_t names_find(const struct names *names, const struct cell *cells, struct text name);
/* The first key cell of a complete object whose name an earlier one has, or CELL_NONE. */
uint32_t names_duplicate(const struct cell *cells, uint32_t object);

static inline uint32_t cells_next(const struct cell *cells, uint32_t at)
{
    return cells[at].type >= CELL_ARRAY ? cells[at].end : at + 1;
}
