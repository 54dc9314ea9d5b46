/* Two buffers of whole lines: threads append to one under a mutex, held for no longer than a copy;
 * the writer swaps it for the other, which is empty by then, and writes what it got without the
 * mutex. Together they are the queue.
 *
 * To wake the writer costs a system call, so it is woken for the first line after a silence only,
 * and then waits a moment for more before it writes.
 *
 * A sink may stop reading for ever. Then the writer waits in poll and not in write (a pipe that is
 * ready takes PIPE_BUF bytes at once), the queue fills, and lines are dropped and counted. A sink
 * that fails loses the lines that were about to go to it, one write's worth at a time; the writer
 * goes on with the next ones, as disks get room again. */
#include "base/log.h"

#include "base/check.h"
#include "base/clock.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    PIECE_BYTES = PIPE_BUF,   /* of one write: what a pipe that is ready takes at once */
    FILE_PIECE_BYTES = 65536, /* a regular file is always ready */
    GATHER_MS = 5,            /* how long the first line waits for company */
    POLL_MS = 50,             /* how often a writer that waits for its sink looks whether to end */
    CLOSE_MS = 1000,          /* what a sink that does not read gets at the end */
};

struct lines {
    char *at;
    size_t len;
};
struct log {
    int fd;             /* the writer's own, once it runs; so are */
    bool owned;         /* ... it is to be closed */
    size_t piece_bytes; /* of one write */
    size_t room;        /* bytes of each buffer */
    enum log_level least;
    void (*form)(struct text line, struct buffer *out); /* NULL: as they are */
    pthread_t thread;
    struct lines writing; /* the writer's own */
    bool torn;            /* likewise: what was written last is not a whole line */
    bool late; /* likewise: the time for closing is over, only what goes at once still goes */
    _Atomic uint64_t dropped;
    pthread_mutex_t mutex;  /* guards the following */
    pthread_cond_t changed; /* lines, an end asked for, an end reached */
    struct lines filling;
    int next_fd; /* where the writer is to turn; -1: it stays */
    bool idle;   /* the writer waits for a first line */
    bool closing, ended;
    uint64_t close_at_us; /* once closing: when to give up */

    pthread_mutex_t observing; /* held while the observer is called */
    _Atomic(const struct log_observer *) observer;
};

static struct timespec instant_of(uint64_t monotonic_us)
{
    return (struct timespec){.tv_sec = (time_t)(monotonic_us / 1000000),
                             .tv_nsec = (long)(monotonic_us % 1000000) * 1000};
}

/* ---- The writer ---- */

static size_t piece_bytes(int fd)
{
    struct stat sink;

    return fstat(fd, &sink) == 0 && S_ISREG(sink.st_mode) ? FILE_PIECE_BYTES : PIECE_BYTES;
}

static bool is_out_of_time(struct log *log)
{
    bool out;

    pthread_mutex_lock(&log->mutex);
    out = log->closing && clock_monotonic_us() >= log->close_at_us;
    pthread_mutex_unlock(&log->mutex);
    return out;
}

/* Writes `bytes`; returns how many were written before the sink failed or time was up. */
static size_t write_bytes(struct log *log, struct text bytes)
{
    struct pollfd sink = {.fd = log->fd, .events = POLLOUT};
    size_t done = 0;

    while (done < bytes.len) {
        size_t len = bytes.len - done < log->piece_bytes ? bytes.len - done : log->piece_bytes;
        ssize_t put;

        if (poll(&sink, 1, log->late ? 0 : POLL_MS) <= 0) {
            log->late = log->late || is_out_of_time(log);
            if (log->late)
                break;
            continue;
        }
        put = write(log->fd, bytes.at + done, len);
        if (put < 0 && errno != EINTR && errno != EAGAIN)
            break;
        done += put > 0 ? (size_t)put : 0;
    }
    return done;
}

static size_t count_lines(struct text bytes)
{
    size_t lines = 0;

    for (size_t i = 0; i < bytes.len; i++)
        lines += bytes.at[i] == '\n';
    return lines;
}

/* As many whole lines as fit one write; one alone that does not is a piece too. */
static struct text first_piece(const struct log *log, struct text lines)
{
    size_t most = log->piece_bytes;
    const char *last = memrchr(lines.at, '\n', lines.len < most ? lines.len : most);
    size_t len = last != NULL ? (size_t)(last - lines.at) + 1 : text_find_byte(lines, '\n') + 1;

    return text_first(lines, len);
}

/* Writes some lines. A line that the sink tore before is ended first. */
static void write_piece(struct log *log, struct text piece)
{
    size_t done = 0;

    if (!log->torn || write_bytes(log, TEXT("\n")) == 1) {
        log->torn = false;
        done = write_bytes(log, piece);
        log->torn = done > 0 && piece.at[done - 1] != '\n';
    }
    if (done < piece.len)
        log->dropped += count_lines(text_after(piece, done));
}

static void write_lines(struct log *log, struct text rest)
{
    while (rest.len > 0) {
        struct text piece = first_piece(log, rest);

        write_piece(log, piece);
        rest = text_after(rest, piece.len);
    }
}

/* Some at a time, so that it takes no more memory than they do. */
static void write_formed(struct log *log, struct text rest)
{
    struct buffer formed = {0};

    while (rest.len > 0) {
        log->form(text_split(&rest, '\n'), &formed);
        buffer_put_byte(&formed, '\n');
        if (formed.len < FILE_PIECE_BYTES && rest.len > 0)
            continue;
        write_lines(log, buffer_text(&formed));
        formed.len = 0;
    }
    buffer_release(&formed);
}

static void write_all(struct log *log)
{
    struct text lines = {log->writing.at, log->writing.len};

    if (log->form != NULL)
        write_formed(log, lines);
    else
        write_lines(log, lines);
    log->writing.len = 0;
}

/* Gives lines a moment to gather, unless they are many already. Holds the mutex. */
static void gather_lines(struct log *log)
{
    struct timespec until = instant_of(clock_monotonic_us() + (uint64_t)GATHER_MS * 1000);

    while (!log->closing && log->filling.len < log->room / 2)
        if (pthread_cond_timedwait(&log->changed, &log->mutex, &until) == ETIMEDOUT)
            break;
}

/* What is to come goes to where it was told to turn. Holds the mutex. */
static void turn(struct log *log)
{
    if (log->next_fd < 0)
        return;
    if (log->owned)
        close(log->fd);
    log->fd = log->next_fd;
    log->next_fd = -1;
    log->owned = true;
    log->torn = false;
    log->piece_bytes = piece_bytes(log->fd);
}

/* Waits for lines and takes them all; false when there are none and there will be none. */
static bool take_lines(struct log *log)
{
    struct lines empty = log->writing;
    bool more;

    pthread_mutex_lock(&log->mutex);
    while (log->filling.len == 0 && !log->closing && log->next_fd < 0) {
        log->idle = true;
        pthread_cond_wait(&log->changed, &log->mutex);
    }
    log->idle = false;
    if (log->next_fd < 0)
        gather_lines(log);
    turn(log);
    log->writing = log->filling;
    log->filling = empty;
    more = log->writing.len > 0 || !log->closing;
    pthread_mutex_unlock(&log->mutex);
    return more;
}

static void *run_writer(void *pointer)
{
    struct log *log = pointer;

    while (take_lines(log))
        write_all(log);
    pthread_mutex_lock(&log->mutex);
    log->ended = true;
    pthread_cond_broadcast(&log->changed);
    pthread_mutex_unlock(&log->mutex);
    return NULL;
}

/* ---- Its log ---- */

/* The writer gets no signals: they are for the threads that wait for them, and a sink that is gone
 * is an error to count, not a reason to die of SIGPIPE. */
static bool start_writer(struct log *log)
{
    sigset_t all, before;
    int failed;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&log->thread, NULL, run_writer, log);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed == 0;
}

static void free_log(struct log *log)
{
    if (log->owned)
        close(log->fd);
    if (log->next_fd >= 0)
        close(log->next_fd);
    pthread_cond_destroy(&log->changed);
    pthread_mutex_destroy(&log->mutex);
    pthread_mutex_destroy(&log->observing);
    free(log->filling.at);
    free(log->writing.at);
    free(log);
}

struct log *log_open(int fd, size_t queue_bytes)
{
    struct log *log = calloc(1, sizeof *log);
    pthread_condattr_t monotonic;

    if (log == NULL)
        return NULL;
    log->fd = fd;
    log->next_fd = -1;
    log->least = LOG_INFO;
    log->room = queue_bytes / 2;
    log->piece_bytes = piece_bytes(fd);
    log->filling.at = malloc(log->room + 1);
    log->writing.at = malloc(log->room + 1);
    pthread_mutex_init(&log->mutex, NULL);
    pthread_mutex_init(&log->observing, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&log->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (log->filling.at != NULL && log->writing.at != NULL && start_writer(log))
        return log;
    free_log(log);
    return NULL;
}

/* Appends a line; false when there is no room. Holds the mutex. */
static bool append_line(struct log *log, struct text line)
{
    struct lines *filling = &log->filling;
    size_t before = filling->len;

    if (log->closing || line.len >= log->room - before)
        return false;
    if (line.len > 0)
        memcpy(filling->at + before, line.at, line.len);
    filling->at[before + line.len] = '\n';
    filling->len += line.len + 1;
    if (log->idle || (before < log->room / 2 && filling->len >= log->room / 2)) {
        log->idle = false;
        pthread_cond_signal(&log->changed);
    }
    return true;
}

void log_set_level(struct log *log, enum log_level least)
{
    log->least = least;
}

void log_set_form(struct log *log, void (*form)(struct text line, struct buffer *out))
{
    log->form = form;
}

bool log_wants(const struct log *log, enum log_level level)
{
    return log != NULL && level >= log->least;
}

void log_turn(struct log *log, int fd)
{
    pthread_mutex_lock(&log->mutex);
    if (log->next_fd >= 0)
        close(log->next_fd);
    log->next_fd = fd;
    log->idle = false;
    pthread_cond_signal(&log->changed);
    pthread_mutex_unlock(&log->mutex);
}

bool log_line(struct log *log, struct text line)
{
    bool taken;

    if (log == NULL)
        return false;
    pthread_mutex_lock(&log->mutex);
    taken = append_line(log, line);
    pthread_mutex_unlock(&log->mutex);
    if (!taken)
        log->dropped++;
    return taken;
}

/* ---- Who is told of events ---- */

void log_observe(struct log *log, const struct log_observer *observer)
{
    if (log == NULL)
        return;
    pthread_mutex_lock(&log->observing);
    atomic_store(&log->observer, observer);
    pthread_mutex_unlock(&log->observing);
}

/* Asks the observer whether it wants an event and, where there is a line, tells it. */
static bool observe(struct log *log, enum log_level level, const char *event,
                    const struct text *line)
{
    const struct log_observer *observer;
    bool wanted;

    if (log == NULL || atomic_load_explicit(&log->observer, memory_order_relaxed) == NULL)
        return false;
    pthread_mutex_lock(&log->observing);
    observer = atomic_load(&log->observer);
    wanted = observer != NULL && observer->wants(observer->context, level, event);
    if (wanted && line != NULL)
        observer->told(observer->context, event, *line);
    pthread_mutex_unlock(&log->observing);
    return wanted;
}

bool log_is_observed(struct log *log, enum log_level level, const char *event)
{
    return observe(log, level, event, NULL);
}

void log_tell(struct log *log, enum log_level level, const char *event, struct text line)
{
    observe(log, level, event, &line);
}

uint64_t log_dropped(const struct log *log)
{
    return log != NULL ? log->dropped : 0;
}

/* A writer that hangs in write itself, as with a terminal that was stopped, keeps its memory: the
 * process is about to end. */
void log_close(struct log *log)
{
    struct timespec until;
    bool ended;

    if (log == NULL)
        return;
    pthread_mutex_lock(&log->mutex);
    log->closing = true;
    log->close_at_us = clock_monotonic_us() + (uint64_t)CLOSE_MS * 1000;
    until = instant_of(log->close_at_us + (uint64_t)POLL_MS * 2000);
    pthread_cond_broadcast(&log->changed);
    while (!log->ended)
        if (pthread_cond_timedwait(&log->changed, &log->mutex, &until) == ETIMEDOUT)
            break;
    ended = log->ended;
    pthread_mutex_unlock(&log->mutex);
    if (!ended) {
        pthread_detach(log->thread);
        return;
    }
    CHECK(pthread_join(log->thread, NULL) == 0);
    free_log(log);
}
