/* guard/phrase.h
 * Private to guard: words and phrases that are looked for, whatever their number, in one step for
 * each word of a text. A phrase is a sequence of words as read.h parts them; what stands between
 * two of them does not matter, as long as it is short. Const once built. */
#pragma once
#include "base/arena.h"
#include "guard/read.h"

struct guard_phrase {
    struct text text;
    uint32_t number; /* the caller's */
};
enum { PHRASE_FILTER_BITS = 1 << 13 };

/* The rest of it is phrase.c's own. */
struct guard_phrases {
    uint64_t filter[PHRASE_FILTER_BITS / 64]; /* of the words that phrases begin with */
    struct guard_edge *edges;
    size_t mask;
    struct guard_node *nodes;
    uint32_t node_count;
};
static inline bool guard_filter_has(const struct guard_phrases *phrases, uint64_t hash)
{
    return (phrases->filter[(hash >> 51) / 64] >> (hash >> 51) % 64 & 1) != 0;
}
/* Whether some phrase may begin with the word; most words begin none. */
static inline bool guard_phrases_may(const struct guard_phrases *phrases,
                                     const struct guard_word *word)
{
    return guard_filter_has(phrases, word->hash) ||
           (word->look != word->hash && guard_filter_has(phrases, word->look));
}

enum { PHRASE_WORDS_MAX = 16, PHRASE_BETWEEN_MAX = 6 };

/* How many words the text has that can be looked for. */
size_t guard_phrase_words(struct text text);
/* Builds the set in the arena. Each phrase has 1 to PHRASE_WORDS_MAX words. */
const struct guard_phrases *guard_phrases_new(struct arena *arena, const struct guard_phrase *items,
                                              size_t count);
/* The longest phrase that begins with this word; counts only if view->cut is not set afterwards. */
bool guard_phrases_at(const struct guard_phrases *phrases, struct guard_view *view,
                      const struct guard_word *word, uint32_t *out_number, size_t *out_end);
