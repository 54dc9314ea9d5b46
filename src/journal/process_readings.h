/* journal/process_readings.h
 * What Prometheus' clients tell of their process by convention (prometheus.io, "Writing client
 * libraries", process metrics). */
#pragma once
#include "journal/metrics.h"

/* Reads /proc/self, where there may be many descriptors to count: not in a loop's thread. What
 * cannot be read is left out. */
void process_readings_put(enum metrics_form form, struct buffer *out);
