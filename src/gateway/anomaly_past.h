/* gateway/anomaly_past.h
 * What roll-ups say of endpoints, as it is judged (anomaly/anomaly.h). Waits for the store. */
#pragma once
#include "anomaly/anomaly.h"
#include "store/store.h"

enum { ANOMALY_MINUTE_MS = 60000, ANOMALY_HOUR_MINUTES = 60 };

/* Gives the command with its page: what came of `only`, or of each endpoint where that is empty, in
 * the spans together, or, stepped, in each bucket of them. Its error says when it is not whole. */
struct store_command *anomaly_read(struct store *store, struct text only,
                                   const struct rollup_span *spans, size_t count, bool stepped);
struct anomaly_hour anomaly_hour_of(const struct rollup_point *point);
/* What an endpoint did in the past, as of an hour (since 1970), which with the one before is not
 * part of it; what cannot be read is not there. */
void anomaly_past_read(struct store *store, struct text endpoint, int64_t hour,
                       struct anomaly_past *out);
/* When what is seen has begun, in wall milliseconds: with the minute of the span from which on the
 * minutes speak most for it. */
int64_t anomaly_begin(struct store *store, struct text endpoint, enum anomaly_kind kind,
                      const struct anomaly_sight *sight, const struct rollup_span *span);
