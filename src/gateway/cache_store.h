/* gateway/cache_store.h
 * Cached answers beyond memory: what is kept is written to the store as well, without waiting, and
 * looked for there when memory has none. A store that fails or is full costs hits, nothing else.
 * Bounded: so much of the store as pinion.yaml says, and CACHE_PUTS_MAX writes of a worker that
 * wait for it; what comes then is in memory only. */
#pragma once
#include "cache/shelf.h"
#include "gateway/request_state.h"

enum { CACHE_PUTS_MAX = 256, CACHE_DISK_LEAST_MS = 10000 };

/* Looks for the answer to request->share.key; `found` gets it, to be released, or NULL. False where
 * nothing is kept in the store: then it is not called. */
bool cache_store_read(struct request *request,
                      void (*found)(struct request *request, struct kept_answer *kept));
/* Writes one (borrowed), of a call that began when there had been so many purges. One that lives
 * for less than CACHE_DISK_LEAST_MS is not worth it. */
void cache_store_put(struct worker *worker, const struct kept_answer *kept, uint64_t purges);
