/* listen/refusal.h
 * What is refused before the gateway hears of it: the error body of conventions section 2, one line
 * in the journal, one count. */
#pragma once
#include "listen/head_guard.h"
#include "listen/parts.h"

struct refusal {
    int status;
    struct text request_id;
    struct text body;
};

/* `status` 0: the one of the error. Texts are in `arena`. */
struct refusal refusal_make(struct arena *arena, const struct error *err, int status);
/* Journal and metrics; `method` and `path` may be empty when they could not be read. */
void refusal_note(struct worker_thread *thread, const struct refusal *refusal,
                  const struct error *err, struct text method, struct text path);
