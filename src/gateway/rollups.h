/* gateway/rollups.h
 * What a request adds to the roll-ups (store/rollup_record.h): each of its attempts by itself, and
 * the whole of it. */
#pragma once
#include "gateway/ledger_page.h"
#include "gateway/request_state.h"

/* Counts an attempt that was sent, with what it used, and adds that to `whole`, which was zeroed
 * before the first. */
void rollups_attempt(struct request *request, const struct attempt *attempt,
                     const struct usage_record *usage, int64_t wall_ms, struct rollup_event *whole);
/* Counts the request, which has ended now. */
void rollups_request(struct request *request, int64_t wall_ms, uint64_t duration_us,
                     struct rollup_event *whole);
