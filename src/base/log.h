/* base/log.h
 * Lines for people and collectors, written by a thread of their own: a request never waits for a
 * pipe or a disk. The queue is bounded in bytes; what does not fit is dropped and counted. */
#pragma once
#include "base/text.h"

struct log;

/* Starts the writer thread on a descriptor (borrowed; stays open until log_close). Gives the log,
 * or NULL when no thread can be had. */
struct log *log_open(int fd, size_t queue_bytes);
/* Takes one line without its end of line; any thread. False when it was dropped. */
bool log_line(struct log *log, struct text line);
/* Lines dropped since the start. */
uint64_t log_dropped(const struct log *log);
/* Writes what is queued, waiting at most a second for a sink that does not read, and ends the
 * thread. */
void log_close(struct log *log);

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
/* One JSON object: ts, level, event, msg and the pairs of name and value that follow, ended by
 * NULL; values are strings. Names are ours, values are escaped. */
void log_event(struct log *log, enum log_level level, const char *event, const char *message, ...)
    __attribute__((sentinel));
