/* telemetry/sender.h
 * Sends bodies to a receiver of OTLP, from a thread of whoever has them, which is the only one that
 * posts. A receiver that is away or says that it is busy is asked again, later each time or when it
 * says; what it does not take after some attempts is given up and counted. */
#pragma once
#include "base/log.h"
#include "telemetry/otel_settings.h"

#include <pthread.h>
#include <stdatomic.h>

struct sender {
    const struct otel_receiver *to;
    struct log *log;
    const char *what;      /* "spans", for the log */
    const char *rejected;  /* what a receiver calls those that it refused */
    uint64_t said_ms;      /* when the log was told that something was lost */
    _Atomic uint64_t lost; /* things that nobody got */
    _Atomic uint64_t failures;
    _Atomic uint64_t close_at_ms; /* 0: it goes on */
    pthread_mutex_t mutex;        /* its thread's, for what that waits for */
    pthread_cond_t changed;       /* by the monotonic clock */
};

/* All but the sender itself is kept; `log` may be NULL. */
void sender_init(struct sender *sender, const struct otel_receiver *to, const char *what,
                 const char *rejected, struct log *log);
void sender_release(struct sender *sender);

/* From now on there are two seconds left; its thread wakes up. Any thread. */
void sender_end(struct sender *sender);
bool sender_ends(const struct sender *sender);
bool sender_out_of_time(const struct sender *sender);
/* Waits for `changed`, no longer than until then. The mutex is held. */
void sender_wait(struct sender *sender, uint64_t monotonic_ms);
/* Posts `count` things. False when they were given up, and counted. */
bool sender_post(struct sender *sender, struct text body, size_t count, struct arena *arena);
/* Gives them up without asking. */
void sender_give_up(struct sender *sender, size_t count, const char *why);

struct sender_counts {
    uint64_t lost;     /* things that nobody got */
    uint64_t failures; /* exports that were given up, or that the receiver refused in part */
};
struct sender_counts sender_counts(const struct sender *sender);
