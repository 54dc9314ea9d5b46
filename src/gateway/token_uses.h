/* gateway/token_uses.h
 * When tokens were last used, from the table of tokens into the store: once a minute and at the
 * end, many at once, so that a call costs no write. A crash forgets a minute of it. */
#pragma once
#include "gateway/worker.h"

/* Begins to write, in one worker's loop, until that worker stops it. */
void token_uses_start(struct worker *worker);
void token_uses_stop(struct worker *worker);
/* Writes what is not written yet, and waits for it. */
void token_uses_flush(struct gateway *gateway);
