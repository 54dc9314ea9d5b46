/* trial/match.h
 * Whether an author's words are in a text. Bounded: an expression that takes too many steps is
 * given up. */
#pragma once
#include "base/text.h"

/* A regular expression (PCRE2, Unicode), which was compiled before, matches somewhere; *out_why,
 * which is NULL otherwise, where that cannot be told. */
bool match_regex(struct text pattern, struct text text, const char **out_why);
/* The part is in the text, whatever the case of either. */
bool match_contains(struct text text, struct text part);
