/* A tree whose edges are words, by their hashes, in one open table: an edge is found by the node it
 * starts from and the word. Most words begin no phrase, which a small filter tells first. */
#include "guard/phrase.h"

#include "base/check.h"

enum { NOTHING = UINT32_MAX };

struct guard_edge {
    uint64_t key; /* 0: free */
    uint32_t to;
};
struct guard_node {
    uint32_t number; /* of the phrase that ends here; NOTHING: none does */
    bool inner;      /* phrases go on from here */
};
static uint64_t key_of(uint32_t from, uint64_t word)
{
    uint64_t key =
        (word ^ (from + UINT64_C(1)) * UINT64_C(0x9E3779B97F4A7C15)) * UINT64_C(0xC2B2AE3D27D4EB4F);

    return (key ^ key >> 29) | 1;
}

static struct guard_edge *find(const struct guard_phrases *phrases, uint64_t key)
{
    size_t at = (size_t)(key >> 20) & phrases->mask;

    while (phrases->edges[at].key != 0 && phrases->edges[at].key != key)
        at = (at + 1) & phrases->mask;
    return &phrases->edges[at];
}

size_t guard_phrase_words(struct text text)
{
    struct guard_view view = {.text = text, .ended = true};
    struct guard_word word;
    size_t count = 0, at = 0;

    while (at < text.len) {
        count += guard_word_at(&view, at, &word);
        at = word.end > at ? word.end : at + 1;
    }
    return count;
}

static uint32_t step(struct guard_phrases *phrases, uint32_t from, uint64_t hash)
{
    uint64_t key = key_of(from, hash);
    struct guard_edge *edge = find(phrases, key);

    if (edge->key == 0) {
        *edge = (struct guard_edge){key, phrases->node_count};
        phrases->nodes[phrases->node_count++].number = NOTHING;
        phrases->nodes[from].inner = true;
    }
    return edge->to;
}

static void add(struct guard_phrases *phrases, const struct guard_phrase *phrase)
{
    struct guard_view view = {.text = phrase->text, .ended = true};
    struct guard_word word;
    uint32_t node = 0;
    size_t at = 0;

    while (at < phrase->text.len) {
        if (guard_word_at(&view, at, &word)) {
            if (node == 0)
                phrases->filter[(word.hash >> 51) / 64] |= UINT64_C(1) << (word.hash >> 51) % 64;
            node = step(phrases, node, word.hash);
        }
        at = word.end > at ? word.end : at + 1;
    }
    CHECK(node != 0);
    phrases->nodes[node].number = phrase->number;
}

const struct guard_phrases *guard_phrases_new(struct arena *arena, const struct guard_phrase *items,
                                              size_t count)
{
    struct guard_phrases *phrases = ARENA_NEW(arena, struct guard_phrases);
    size_t words = 0, room = 16;

    for (size_t i = 0; i < count; i++)
        words += guard_phrase_words(items[i].text);
    while (room < words * 2)
        room *= 2;
    phrases->mask = room - 1;
    phrases->edges = ARENA_ARRAY(arena, struct guard_edge, room);
    phrases->nodes = ARENA_ARRAY(arena, struct guard_node, words + 1);
    phrases->nodes[0].number = NOTHING;
    phrases->node_count = 1;
    for (size_t i = 0; i < count; i++)
        add(phrases, &items[i]);
    return phrases;
}

/* By what the word is; and where it has letters of several scripts, by what it looks like. */
static const struct guard_edge *edge_of(const struct guard_phrases *phrases, uint32_t from,
                                        const struct guard_word *word)
{
    const struct guard_edge *edge = find(phrases, key_of(from, word->hash));

    if (edge->key == 0 && word->look != word->hash)
        edge = find(phrases, key_of(from, word->look));
    return edge->key != 0 ? edge : NULL;
}

bool guard_phrases_at(const struct guard_phrases *phrases, struct guard_view *view,
                      const struct guard_word *word, uint32_t *out_number, size_t *out_end)
{
    struct guard_word here = *word;
    uint32_t node = 0;
    bool found = false;

    if (!guard_phrases_may(phrases, word))
        return false;
    for (int words = 0; words < PHRASE_WORDS_MAX; words++) {
        const struct guard_edge *edge = edge_of(phrases, node, &here);

        if (edge == NULL)
            break;
        node = edge->to;
        if (phrases->nodes[node].number != NOTHING) {
            *out_number = phrases->nodes[node].number;
            *out_end = here.end;
            found = true;
        }
        if (!phrases->nodes[node].inner ||
            !guard_next_word(view, here.end, PHRASE_BETWEEN_MAX, &here))
            break;
    }
    return found;
}
