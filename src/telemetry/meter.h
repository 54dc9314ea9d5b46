/* telemetry/meter.h
 * Sends what instruments have counted to a receiver, every so often, from a thread of its own. Who
 * counts has a shard (journal/series.h) and never waits. */
#pragma once
#include "telemetry/sender.h"

struct meter;

/* Starts the thread. `settings` and the log (may be NULL) are kept; `series_max` as for series.
 * NULL when there is no thread or no memory to be had. */
struct meter *meter_open(const struct otel_settings *settings, size_t series_max, struct log *log);
/* Where one thread counts by `enum instrument_id`; NULL for a meter that is NULL. It lives as long
 * as the meter. */
struct series_shard *meter_shard(struct meter *meter);
/* Whether the latest instruments are wanted: names.h. */
bool meter_latest(const struct meter *meter);
/* It is to send what was counted, for two seconds at most, and to end. NULL does nothing. */
void meter_end(struct meter *meter);
/* Waits until it has. Nobody counts any more. NULL does nothing. */
void meter_close(struct meter *meter);
struct sender_counts meter_counts(const struct meter *meter); /* NULL: zeros */
