/* schema/pattern_lazy.h
 * Private to the patterns: an automaton with too many states to build ahead. Threads share it; each
 * match borrows a cache, the one that the last match left if nobody else has it. All that lies idle
 * in a process is bounded. */
#pragma once
#include "schema/pattern_cache.h"

struct pattern_lazy;

/* Takes the automaton, which is in *memory, and leaves *memory empty. Freed with the arena. */
struct pattern_lazy *lazy_new(struct nfa nfa, struct arena *memory, struct arena *arena);
const struct nfa *lazy_nfa(const struct pattern_lazy *lazy);
struct pattern_cache *lazy_borrow(struct pattern_lazy *lazy);
void lazy_return(struct pattern_lazy *lazy, struct pattern_cache *cache);
