/* gateway/shadow.h
 * One copy of an answered call: shadows.h. In the thread of its worker. */
#pragma once
#include "gateway/request_state.h"

struct shadow;

/* The request is answered, and its answer judged: makes a copy where its endpoint wants one of it.
 * It begins at the end of this turn. */
void shadow_consider(struct request *request, uint64_t duration_us);
/* The copy itself is at its end: compares, counts, and frees it at the end of this turn. Gives the
 * word for how it compares. */
struct text shadow_ended(struct request *request, uint64_t duration_us);
/* The request whose copy this is. */
struct text shadow_of(const struct shadow *shadow);
/* Drops those that are under way: no request of a caller runs any more. */
void shadows_drop(struct worker *worker);
