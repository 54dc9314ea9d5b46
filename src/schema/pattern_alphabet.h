/* schema/pattern_alphabet.h
 * Private to the automata: the code points of one pattern in classes that no set of the pattern
 * tells apart, and the way from the bytes of UTF-8 (RFC 3629) to a class.
 *
 * The way is a tree that shares equal parts: node 0 takes the first byte of a code point, the
 * others continuations. Text is valid, so a way ends at the byte that decides the class, and
 * continuations that are left over mean nothing at node 0; bytes that cannot come lead wherever it
 * is simplest. Bytes that every node treats alike are one byte class, a column of the tables. */
#pragma once
#include "schema/pattern_set.h"

/* Where a byte leads: to a class (with ALPHABET_CLASS), to a node further down, or nowhere: it is
 * what is left of a code point. */
#define ALPHABET_CLASS UINT32_C(0x80000000)
#define ALPHABET_STAY  UINT32_MAX

struct alphabet_edge {
    uint8_t first, last;
    uint32_t target;
};
struct alphabet_node {
    uint32_t edge, edge_count; /* the edges of a node have every byte that can come */
};
struct alphabet {
    struct alphabet_node *nodes;
    struct alphabet_edge *edges;
    uint32_t node_count, node_room, edge_count, edge_room;
    uint32_t class_count;
    uint64_t *members; /* of each set, a bit for each class; `set_words` words a set */
    uint32_t set_words;
    uint64_t *words; /* the classes of [0-9A-Za-z_]; NULL unless asked for */
    uint32_t byte_class_count;
    uint8_t byte_class[256];
    uint8_t byte_of[256]; /* a byte of each byte class */
};

/* Builds the alphabet in the arena. With `words` no class has both word characters and others. */
void alphabet_init(struct alphabet *alphabet, const struct code_ranges *sets, uint32_t set_count,
                   bool words, struct arena *arena);
/* Where a byte leads from a node. */
uint32_t alphabet_step(const struct alphabet *alphabet, uint32_t node, uint8_t byte);

static inline bool alphabet_has(const uint64_t *classes, uint32_t class)
{
    return (classes[class / 64] >> class % 64 & 1) != 0;
}
