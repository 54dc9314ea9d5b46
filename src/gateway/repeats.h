/* gateway/repeats.h
 * Whether a call repeats one: the same token, at the same endpoint, with the same body, within a
 * minute. Calls are remembered by a digest with the process's seed, in a table of fixed size that
 * all threads share; when more come than it has places, some are forgotten early. */
#pragma once
#include "base/text.h"

struct repeats;

struct repeats *repeats_new(void); /* never NULL */
/* NULL does nothing. */
void repeats_free(struct repeats *repeats);
/* Remembers the call, and says whether it was remembered already. Any thread; monotonic time. */
bool repeats_note(struct repeats *repeats, struct text token_id, struct text endpoint,
                  struct text body, uint64_t now_ms);
