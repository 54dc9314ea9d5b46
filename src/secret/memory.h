/* secret/memory.h
 * Where secrets are while they are in use: pages of their own, wiped when they are given back,
 * left out of core dumps and of forked children (madvise(2)), and kept from being swapped out as
 * far as the limit on locked memory allows (RLIMIT_MEMLOCK): beyond it they are in ordinary pages,
 * which is no reason to refuse a key. Every piece takes at least a page, so only for secrets. Any
 * thread. */
#pragma once
#include "base/arena.h"

/* Zeroed; no memory is a CHECK. */
void *secret_alloc(size_t bytes);
/* Wipes and frees; `bytes` as allocated. NULL does nothing. */
void secret_free(void *at, size_t bytes);
/* Room for `bytes` and a NUL, zeroed, that ends with the arena. */
char *secret_room(struct arena *arena, size_t bytes);
/* A copy in such room. */
struct text secret_keep(struct arena *arena, struct text value);
/* Wipes bytes of ordinary memory that held a secret. */
void secret_wipe(struct text value);

/* The process as a whole: no core dumps (RLIMIT_CORE 0, for this process and its children, and
 * prctl(2) PR_SET_DUMPABLE, which also holds where dumps go to a program), and its memory and
 * environment are not readable for other processes of the same user. Before any secret is read. */
void secret_process_begin(void);
/* Its memory may be looked at again: no secret is left in it. Leak checkers, which look at a
 * process when it ends, need that. */
void secret_process_end(void);
