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
struct guard_phrases;

enum { PHRASE_WORDS_MAX = 16, PHRASE_BETWEEN_MAX = 6 };

/* How many words the text has that can be looked for. */
size_t guard_phrase_words(struct text text);
/* Builds the set in the arena. Each phrase has 1 to PHRASE_WORDS_MAX words. */
const struct guard_phrases *guard_phrases_new(struct arena *arena, const struct guard_phrase *items,
                                              size_t count);
/* The longest phrase that begins with this word; counts only if view->cut is not set afterwards. */
bool guard_phrases_at(const struct guard_phrases *phrases, struct guard_view *view,
                      const struct guard_word *word, uint32_t *out_number, size_t *out_end);
