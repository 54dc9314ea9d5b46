/* base/log.h
 * Lines for people and collectors, written by a thread of their own: a request never waits for a
 * pipe or a disk. The queue is bounded in bytes; what does not fit is dropped and counted. */
#pragma once
#include "base/buffer.h"

struct log;

/* Starts the writer thread on a descriptor (kept; it stays open until log_close). Gives the log, or
 * NULL when there is no thread or no memory to be had. Everywhere below a NULL log is one that
 * takes nothing. */
struct log *log_open(int fd, size_t queue_bytes);
enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
/* What is less is not wanted; LOG_INFO until it is said. Before other threads write. */
void log_set_level(struct log *log, enum log_level least);
bool log_wants(const struct log *log, enum log_level level);
/* Lines are written as `form` makes them, in the writer's thread: it appends one line, without its
 * end, of one that was taken. Before other threads write. */
void log_set_form(struct log *log, void (*form)(struct text line, struct buffer *out));
/* From now on lines go to another descriptor (taken: it is closed in the end); any thread. */
void log_turn(struct log *log, int fd);
/* Takes one line without its end of line; any thread. False when it was dropped, as one of half the
 * queue or more always is. */
bool log_line(struct log *log, struct text line);
/* Lines dropped since the start, those included that the sink refused. */
uint64_t log_dropped(const struct log *log);
/* Somebody who is told of events as they are logged, whatever level lines have to have. Both are
 * called in the thread that logs, one at a time, and must not keep it waiting. */
struct log_observer {
    /* Whether it is to be told: names are ours. */
    bool (*wants)(void *context, enum log_level level, const char *event);
    void (*told)(void *context, const char *event, struct text line);
    void *context;
};
/* From now on, the observer (kept) is told; NULL: nobody is, and nobody is being told any more.
 * Any thread, but not from inside. */
void log_observe(struct log *log, const struct log_observer *observer);
/* For log_event: whether the observer wants this one; tells it of the line if it does. */
bool log_is_observed(struct log *log, enum log_level level, const char *event);
void log_tell(struct log *log, enum log_level level, const char *event, struct text line);
/* Writes what is queued, waiting at most a second for a sink that does not read, and ends the
 * thread. */
void log_close(struct log *log);

/* Where the level is wanted, one JSON object: ts, level, event, msg and the pairs of name and value
 * that follow, ended by NULL; values are strings of any bytes, cut at 4 KiB. Names are ours, values
 * are escaped, so that it is one line of valid UTF-8 without control characters. */
void log_event(struct log *log, enum log_level level, const char *event, const char *message, ...)
    __attribute__((sentinel));
