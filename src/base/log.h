/* base/log.h
 * Lines for people and collectors, written by a thread of their own: a request never waits for a
 * pipe or a disk. The queue is bounded in bytes; what does not fit is dropped and counted. */
#pragma once
#include "base/text.h"

struct log;

/* Starts the writer thread on a descriptor (kept; it stays open until log_close). Gives the log, or
 * NULL when there is no thread or no memory to be had. Everywhere below a NULL log is one that
 * takes nothing. */
struct log *log_open(int fd, size_t queue_bytes);
enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
/* What is less is not wanted; LOG_INFO until it is said. Before other threads write. */
void log_set_level(struct log *log, enum log_level least);
bool log_wants(const struct log *log, enum log_level level);
/* From now on lines go to another descriptor (taken: it is closed in the end); any thread. */
void log_turn(struct log *log, int fd);
/* Takes one line without its end of line; any thread. False when it was dropped, as one of half the
 * queue or more always is. */
bool log_line(struct log *log, struct text line);
/* Lines dropped since the start, those included that the sink refused. */
uint64_t log_dropped(const struct log *log);
/* Writes what is queued, waiting at most a second for a sink that does not read, and ends the
 * thread. */
void log_close(struct log *log);

/* Where the level is wanted, one JSON object: ts, level, event, msg and the pairs of name and value
 * that follow, ended by NULL; values are strings of any bytes, cut at 4 KiB. Names are ours, values
 * are escaped, so that it is one line of valid UTF-8 without control characters. */
void log_event(struct log *log, enum log_level level, const char *event, const char *message, ...)
    __attribute__((sentinel));
