/* demo/demo_text.h
 * What a caller's text has to offer to an answer made without a model: sentences, words, numbers,
 * dates. Deterministic. Private to the demo provider. */
#pragma once
#include "base/arena.h"
#include "document/document.h"

struct demo_list {
    const struct text *items;
    size_t count;
};

/* All texts are in the arena, valid UTF-8 where the source was, without line breaks. */
struct demo_source {
    struct demo_list sentences; /* with their closing mark; at least one */
    struct demo_list tokens;    /* runs without blanks, outer punctuation dropped; distinct */
    struct demo_list words;     /* distinct, of four letters or more, the most frequent first */
    struct demo_list names;     /* runs of two or more capitalised words */
    struct demo_list numbers;   /* as JSON numbers, thousands separators dropped */
    struct demo_list dates;     /* as 2026-03-24 */
    struct text language;       /* "en", "de", "fr", "es": a guess */
    size_t word_total;
    bool empty;                   /* nothing was said; the sentence says so */
    const struct document *input; /* the text was a JSON object: its members; else NULL */
};

/* Reads what the caller sent. Text that is a JSON object or array counts by the strings in it. At
 * most the first 64 KiB are looked at, and at most 64 sentences and 512 tokens kept. */
void demo_source_read(struct text caller_text, struct arena *arena, struct demo_source *out);

/* The `index`th, beginning again after the last; empty when there is none. */
struct text demo_pick(const struct demo_list *list, size_t index);
/* Whether `word` occurs in the source as a word, whatever its case. Underscores in it stand for
 * blanks. */
bool demo_mentions(const struct demo_source *source, struct text word);
/* At most `points` code points from the front, cut at a word where there is one. */
struct text demo_shorten(struct text text, size_t points);
/* The first few words of a sentence without its closing mark: what fits a title. */
struct text demo_phrase(struct text sentence);
