/* Code points are split where any set begins or ends; splits with the same membership in every set
 * are one class. The tree of UTF-8 is built from the splits, block by block of 64, 64^2, 64^3 code
 * points, and a block that is all one class needs no node. */
#include "schema/pattern_alphabet.h"

#include <stdlib.h>

struct split {
    uint32_t first; /* up to the next one's */
    uint32_t class;
};

struct building {
    struct alphabet *alphabet;
    struct arena *arena;
    struct split *splits;
    uint32_t split_count;
    uint32_t *buckets; /* of nodes, by their edges; 0 is empty */
    uint32_t *chain;
    uint32_t at; /* a split near the last code point asked for */
};

enum { BUCKETS = 512, CONTINUATIONS = 64, CONTINUATION_FIRST = 0x80, CONTINUATION_LAST = 0xBF };

static int compare_splits(const void *a, const void *b)
{
    const struct split *left = a, *right = b;

    return left->first < right->first ? -1 : left->first > right->first;
}

static void find_splits(struct building *it, const struct code_ranges *sets, uint32_t set_count)
{
    size_t room = 2;
    uint32_t count = 0;

    for (uint32_t i = 0; i < set_count; i++)
        room += 2 * sets[i].count;
    it->splits = ARENA_ARRAY(it->arena, struct split, room);
    it->splits[count++].first = 0;
    for (uint32_t i = 0; i < set_count; i++) {
        for (size_t k = 0; k < sets[i].count; k++) {
            it->splits[count++].first = sets[i].at[k].first;
            it->splits[count++].first = sets[i].at[k].last + 1;
        }
    }
    qsort(it->splits, count, sizeof *it->splits, compare_splits);
    it->split_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 || it->splits[i].first != it->splits[it->split_count - 1].first)
            it->splits[it->split_count++].first = it->splits[i].first;
    }
    if (it->splits[it->split_count - 1].first > CODE_POINT_MAX)
        it->split_count--;
}

/* Parts every class into what is in the set and what is not. */
static void part_by(struct building *it, const struct code_ranges *set, uint32_t *inside,
                    uint32_t *outside)
{
    struct alphabet *alphabet = it->alphabet;
    uint32_t old_count = alphabet->class_count;
    size_t range = 0;

    memset(inside, 0xFF, old_count * sizeof *inside);
    memset(outside, 0xFF, old_count * sizeof *outside);
    for (uint32_t i = 0; i < it->split_count; i++) {
        struct split *split = &it->splits[i];
        uint32_t *side;

        while (range < set->count && set->at[range].last < split->first)
            range++;
        side = range < set->count && set->at[range].first <= split->first ? &inside[split->class]
                                                                          : &outside[split->class];
        if (*side == UINT32_MAX)
            *side = side == &inside[split->class] && outside[split->class] == UINT32_MAX
                        ? split->class
                    : side == &outside[split->class] && inside[split->class] == UINT32_MAX
                        ? split->class
                        : alphabet->class_count++;
        split->class = *side;
    }
}

/* The classes that are wholly in a set: after parting, a class is in it or out of it. */
static void mark_members(const struct building *it, const struct code_ranges *set, uint64_t *out)
{
    size_t range = 0;

    for (uint32_t i = 0; i < it->split_count; i++) {
        const struct split *split = &it->splits[i];

        while (range < set->count && set->at[range].last < split->first)
            range++;
        if (range < set->count && set->at[range].first <= split->first)
            out[split->class / 64] |= UINT64_C(1) << split->class % 64;
    }
}

static void find_classes(struct building *it, const struct code_ranges *sets, uint32_t set_count)
{
    struct alphabet *alphabet = it->alphabet;
    uint32_t *inside = ARENA_ARRAY(it->arena, uint32_t, it->split_count);
    uint32_t *outside = ARENA_ARRAY(it->arena, uint32_t, it->split_count);

    alphabet->class_count = 1;
    for (uint32_t i = 0; i < set_count; i++)
        part_by(it, &sets[i], inside, outside);
    alphabet->set_words = (alphabet->class_count + 63) / 64;
}

/* --- the tree --- */

/* The split that a code point is in. */
static const struct split *split_of(struct building *it, uint32_t code_point)
{
    uint32_t low = 0, high = it->split_count;

    if (it->splits[it->at].first <= code_point)
        low = it->at;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;

        if (it->splits[middle].first <= code_point)
            low = middle;
        else
            high = middle;
    }
    it->at = low;
    return &it->splits[low];
}

static uint32_t split_end(const struct building *it)
{
    return it->at + 1 < it->split_count ? it->splits[it->at + 1].first : CODE_POINT_MAX + 1;
}

/* Joins what belongs together. */
static void add_edge(struct alphabet_edge *edges, uint32_t *count, uint32_t first, uint32_t last,
                     uint32_t target)
{
    if (*count > 0 && edges[*count - 1].target == target)
        edges[*count - 1].last = (uint8_t)last;
    else
        edges[(*count)++] = (struct alphabet_edge){(uint8_t)first, (uint8_t)last, target};
}

static void append_node(struct building *it, const struct alphabet_edge *edges, uint32_t count)
{
    struct alphabet *alphabet = it->alphabet;
    uint32_t node = alphabet->node_count;

    if (node == alphabet->node_room) {
        uint32_t room = node ? node * 2 : 16;

        alphabet->nodes = arena_grow(it->arena, alphabet->nodes, node * sizeof *alphabet->nodes,
                                     room * sizeof *alphabet->nodes);
        it->chain =
            arena_grow(it->arena, it->chain, node * sizeof *it->chain, room * sizeof *it->chain);
        alphabet->node_room = room;
    }
    if (alphabet->edge_count + count > alphabet->edge_room) {
        uint32_t room = (alphabet->edge_count + count) * 2;

        alphabet->edges =
            arena_grow(it->arena, alphabet->edges, alphabet->edge_count * sizeof *alphabet->edges,
                       room * sizeof *alphabet->edges);
        alphabet->edge_room = room;
    }
    if (count > 0)
        memcpy(alphabet->edges + alphabet->edge_count, edges, count * sizeof *edges);
    alphabet->nodes[node] = (struct alphabet_node){alphabet->edge_count, count};
    alphabet->edge_count += count;
    alphabet->node_count++;
}

static bool same_edges(const struct alphabet *alphabet, uint32_t node,
                       const struct alphabet_edge *edges, uint32_t count)
{
    const struct alphabet_edge *others = alphabet->edges + alphabet->nodes[node].edge;

    if (alphabet->nodes[node].edge_count != count)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (others[i].first != edges[i].first || others[i].last != edges[i].last ||
            others[i].target != edges[i].target)
            return false;
    }
    return true;
}

/* The node with these edges, an earlier one if there is one. */
static uint32_t shared_node(struct building *it, const struct alphabet_edge *edges, uint32_t count)
{
    uint32_t hash = 0, node;

    for (uint32_t i = 0; i < count; i++)
        hash = (hash ^ edges[i].target ^ (uint32_t)edges[i].last << 20) * 0x9E3779B1u;
    hash ^= hash >> 15;
    for (node = it->buckets[hash % BUCKETS]; node != 0; node = it->chain[node]) {
        if (same_edges(it->alphabet, node, edges, count))
            return node;
    }
    node = it->alphabet->node_count;
    append_node(it, edges, count);
    it->chain[node] = it->buckets[hash % BUCKETS];
    it->buckets[hash % BUCKETS] = node;
    return node;
}

static uint32_t block_target(struct building *it, uint32_t first, uint32_t size, uint32_t from,
                             uint32_t to);

/* The edges of one node: children that are wholly in one split are taken together. */
static uint32_t node_target(struct building *it, uint32_t first, uint32_t size, uint32_t from,
                            uint32_t to)
{
    struct alphabet_edge edges[CONTINUATIONS];
    uint32_t part = size / CONTINUATIONS, count = 0, next;

    for (uint32_t i = 0; i < CONTINUATIONS; i = next) {
        uint32_t start = first + i * part, target, class, whole;

        next = i + 1;
        if (start + (part - 1) < from || start > to)
            continue;
        class = split_of(it, start < from ? from : start)->class;
        whole = split_end(it) > start ? (split_end(it) - start) / part : 0;
        target = ALPHABET_CLASS | class;
        if (whole == 0)
            target = block_target(it, start, part, from, to);
        else if (i + whole > next)
            next = i + whole < CONTINUATIONS ? i + whole : CONTINUATIONS;
        add_edge(edges, &count, CONTINUATION_FIRST + i, CONTINUATION_FIRST + next - 1, target);
    }
    edges[0].first = CONTINUATION_FIRST;
    edges[count - 1].last = CONTINUATION_LAST;
    return count == 1 ? edges[0].target : shared_node(it, edges, count);
}

/* Where a block of `size` code points leads, of which those from..to exist. */
static uint32_t block_target(struct building *it, uint32_t first, uint32_t size, uint32_t from,
                             uint32_t to)
{
    uint32_t class = split_of(it, first < from ? from : first)->class;
    uint32_t last = first + (size - 1) < to ? first + (size - 1) : to;

    if (split_end(it) > last)
        return ALPHABET_CLASS | class;
    return node_target(it, first, size, from, to);
}

/* RFC 3629 section 4, the table of well-formed sequences. */
static uint32_t lead_target(struct building *it, uint32_t byte)
{
    if (byte < 0x80)
        return ALPHABET_CLASS | split_of(it, byte)->class;
    if (byte <= CONTINUATION_LAST)
        return ALPHABET_STAY;
    if (byte < 0xE0)
        return block_target(it, (byte < 0xC2 ? 0x02 : byte & 0x1F) << 6, 0x40, 0x80, 0x7FF);
    if (byte < 0xF0)
        return block_target(it, (byte & 0x0F) << 12, 0x1000, 0x800,
                            byte == 0xED ? SURROGATES_FIRST - 1 : 0xFFFF);
    return block_target(it, (byte > 0xF4 ? 0x04 : byte & 0x07) << 18, 0x40000, 0x10000,
                        CODE_POINT_MAX);
}

static void build_tree(struct building *it)
{
    struct alphabet *alphabet = it->alphabet;
    struct alphabet_edge edges[256];
    uint32_t count = 0;

    append_node(it, NULL, 0); /* the first is the root, which is known last */
    for (uint32_t byte = 0; byte < 256; byte++)
        add_edge(edges, &count, byte, byte, lead_target(it, byte));
    append_node(it, edges, count);
    alphabet->node_count--;
    alphabet->nodes[0] = alphabet->nodes[alphabet->node_count];
}

/* --- bytes --- */

struct parting {
    uint32_t size[256];   /* of each byte class */
    uint32_t inside[256]; /* how much of it leads where it is being looked for; else 0 */
    uint32_t fresh[256];  /* the class of that part */
};

/* Parts the byte classes by one node: those of its bytes that lead to `target`, and the rest. */
static void part_bytes(struct alphabet *alphabet, struct parting *it,
                       const struct alphabet_node *node, uint32_t target)
{
    const struct alphabet_edge *edges = alphabet->edges + node->edge;
    uint8_t met[256];
    uint32_t met_count = 0;

    for (uint32_t e = 0; e < node->edge_count; e++) {
        for (uint32_t b = edges[e].first; edges[e].target == target && b <= edges[e].last; b++) {
            uint8_t class = alphabet->byte_class[b];

            if (it->inside[class]++ == 0)
                met[met_count++] = class;
        }
    }
    for (uint32_t i = 0; i < met_count; i++) {
        bool whole = it->inside[met[i]] == it->size[met[i]];

        it->fresh[met[i]] = whole ? met[i] : alphabet->byte_class_count++;
    }
    for (uint32_t e = 0; e < node->edge_count; e++) {
        for (uint32_t b = edges[e].first; edges[e].target == target && b <= edges[e].last; b++)
            alphabet->byte_class[b] = (uint8_t)it->fresh[alphabet->byte_class[b]];
    }
    for (uint32_t i = 0; i < met_count; i++) {
        it->size[met[i]] -= it->inside[met[i]];
        it->size[it->fresh[met[i]]] += it->inside[met[i]];
        it->inside[met[i]] = 0;
    }
}

static void find_byte_classes(struct alphabet *alphabet)
{
    struct parting parting = {.size = {256}};

    alphabet->byte_class_count = 1;
    for (uint32_t n = 0; n < alphabet->node_count; n++) {
        const struct alphabet_node *node = &alphabet->nodes[n];
        const struct alphabet_edge *edges = alphabet->edges + node->edge;

        for (uint32_t e = 0; e < node->edge_count; e++) {
            bool earlier = false;

            for (uint32_t k = 0; k < e && !earlier; k++)
                earlier = edges[k].target == edges[e].target;
            if (!earlier)
                part_bytes(alphabet, &parting, node, edges[e].target);
        }
    }
    for (uint32_t byte = 256; byte-- > 0;)
        alphabet->byte_of[alphabet->byte_class[byte]] = (uint8_t)byte;
}

void alphabet_init(struct alphabet *alphabet, const struct code_ranges *sets, uint32_t set_count,
                   bool words, struct arena *arena)
{
    struct building it = {.alphabet = alphabet, .arena = arena};
    struct code_ranges *all = ARENA_ARRAY(arena, struct code_ranges, (size_t)set_count + 1);
    uint32_t count = set_count;

    *alphabet = (struct alphabet){0};
    if (set_count > 0)
        memcpy(all, sets, set_count * sizeof *sets);
    if (words) {
        struct code_set word = {0};

        code_set_add_class(&word, arena, 'w');
        all[count++] = code_set_ranges(&word, arena);
    }
    it.buckets = ARENA_ARRAY(arena, uint32_t, BUCKETS);
    find_splits(&it, all, count);
    find_classes(&it, all, count);
    alphabet->members = ARENA_ARRAY(arena, uint64_t, (size_t)count * alphabet->set_words);
    for (uint32_t i = 0; i < count; i++)
        mark_members(&it, &all[i], alphabet->members + (size_t)i * alphabet->set_words);
    if (words)
        alphabet->words = alphabet->members + (size_t)set_count * alphabet->set_words;
    build_tree(&it);
    find_byte_classes(alphabet);
}

uint32_t alphabet_step(const struct alphabet *alphabet, uint32_t node, uint8_t byte)
{
    const struct alphabet_edge *edges = alphabet->edges + alphabet->nodes[node].edge;
    uint32_t low = 0, high = alphabet->nodes[node].edge_count;

    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;

        if (edges[middle].first <= byte)
            low = middle;
        else
            high = middle;
    }
    return edges[low].target;
}
