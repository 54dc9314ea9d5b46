/* telemetry/exporter.h
 * Sends spans to a receiver, in batches, from a thread of its own: whoever hands one in copies it
 * and goes on. The queue is bounded; what does not fit, and what the receiver does not take after
 * some attempts, is dropped and counted. */
#pragma once
#include "base/log.h"
#include "telemetry/sender.h"

struct exporter;

/* Starts the thread. `settings` and the log (may be NULL) are kept. NULL when there is no thread or
 * no memory to be had. */
struct exporter *exporter_open(const struct otel_settings *settings, struct log *log);
/* Whether a trace is to be recorded; its flags say so then. */
bool exporter_wants(const struct exporter *exporter, struct trace_context *trace);
/* Copies a span. Any thread. */
void exporter_take(struct exporter *exporter, const struct span *span);
/* It is to send what is queued, for two seconds at most, and to end. NULL does nothing. */
void exporter_end(struct exporter *exporter);
/* Waits until it has. NULL does nothing. */
void exporter_close(struct exporter *exporter);
struct sender_counts exporter_counts(const struct exporter *exporter); /* NULL: zeros */
