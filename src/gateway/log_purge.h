/* gateway/log_purge.h
 * Forgets what the log has kept for long enough: a minute after the start, and then every hour, a
 * bounded batch at a time. One worker does it, worker 0. */
#pragma once
#include "base/loop.h"

struct worker;

enum { LOG_PURGE_FIRST_MS = 60000, LOG_PURGE_EVERY_MS = 3600000, USAGE_DAYS_KEPT = 400 };

struct log_purge {
    struct worker *worker;
    struct loop_timer timer;
    bool closing;
};

/* Begins in `first_ms`; does nothing in other workers. */
void log_purge_open(struct log_purge *purge, struct worker *worker, uint64_t first_ms);
/* What is under way still ends: the worker waits for its commands. */
void log_purge_close(struct log_purge *purge);
