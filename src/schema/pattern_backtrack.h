/* schema/pattern_backtrack.h
 * Private to the patterns: what is not an automaton, matched by the pattern library (PCRE2) within
 * limits. Machine code is used where the library can make it. */
#pragma once
#include "schema/pattern_tree.h"

struct backtracker;

/* Compiles a tree into the arena, which also frees what is outside it; NULL with *out_problem when
 * the library cannot have it. */
struct backtracker *backtracker_new(const struct pattern_node *tree, struct text source,
                                    struct arena *arena, struct pattern_problem *out_problem);
enum pattern_verdict backtracker_match(const struct backtracker *backtracker, struct text subject,
                                       struct pattern_scratch *scratch);
