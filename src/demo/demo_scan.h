/* demo/demo_scan.h
 * Small tools for looking through a text, shared by the files that read a caller's text. Private to
 * the demo provider. */
#pragma once
#include "demo/demo_text.h"

enum { DEMO_RUNS_MAX = 2048 }; /* so many words are looked at where each costs */

static inline bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static inline bool is_upper(char byte)
{
    return byte >= 'A' && byte <= 'Z';
}

static inline bool is_lower(char byte)
{
    return byte >= 'a' && byte <= 'z';
}

/* A byte above 127 counts as a letter. */
static inline bool is_letter(char byte)
{
    return is_upper(byte) || is_lower(byte) || (unsigned char)byte >= 0x80;
}

/* A list that grows to a maximum and may refuse what it has already, whatever its case. Empty texts
 * are not put. */
struct demo_gather {
    struct text *items;
    size_t count, max;
};
struct demo_gather demo_gather_new(struct arena *arena, size_t max);
void demo_gather_put(struct demo_gather *gather, struct text item);
void demo_gather_put_once(struct demo_gather *gather, struct text item);
struct demo_list demo_gathered(const struct demo_gather *gather);

/* Takes the next run without blanks off *rest; false after the last. */
bool demo_next_run(struct text *rest, struct text *out);
/* A run without its outer punctuation. */
struct text demo_bare(struct text run);

/* What demo_source_read finds beside the sentences. */
struct demo_list demo_find_numbers(const struct demo_list *tokens, struct arena *arena);
struct demo_list demo_find_dates(struct text text, struct arena *arena);
struct text demo_guess_language(struct text text);
