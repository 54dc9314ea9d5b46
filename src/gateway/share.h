/* gateway/share.h
 * A request's part in the cache (cache/answers.h): whether its answer is one that is kept, or that
 * of another call which is the same and under way, or its own, which others wait for.
 *
 * Who leads makes the call, and pays for it. When its client leaves while others wait, the call
 * goes on without it. Who has joined hears a stream from its beginning and as it comes, at its own
 * pace, and has its own deadline; when the leader fails for a reason that need not be everybody's,
 * one of them takes over and the others go on waiting. Stages: cache.c; the rest is in share.c. */
#pragma once
#include "cache/answers.h"
#include "chat/gather.h"
#include "gateway/pipeline.h"

struct attempt;
struct request;
struct worker;

enum share_result {
    SHARE_NONE,   /* nothing is cached here */
    SHARE_MISS,   /* the answer is its own */
    SHARE_HIT,    /* ... was kept */
    SHARE_JOINED, /* ... is another call's, or was to be */
    SHARE_BYPASS  /* the caller did not want it otherwise */
};
/* "hit" ...; empty for NONE. */
struct text share_word(enum share_result result);

struct share {
    enum share_result result;
    bool known; /* the answer is here, and not this request's own: there is no call to be made */
    bool keeps; /* its own answer is to be kept */
    struct cache_key key;
    int64_t ttl_ms;
    uint64_t purges; /* of the cache, when the call began */
    void (*found)(struct request *request, struct kept_answer *kept); /* in the store */
    struct seat *seat; /* NULL: nobody waits for it, nor it for anybody */
    bool leads;
    bool orphan;        /* its client has left and let go of it; it ends itself */
    bool said;          /* others may have heard the beginning of its answer */
    bool shown;         /* joined: the client has had the beginning */
    bool backed_up;     /* joined: the client takes no more for now */
    struct buffer step; /* of one that leads, as it is said */
    struct buffer steps;
    size_t taken;             /* of steps: what was shown */
    struct chat_gather heard; /* that was shown */
    struct kept_answer *kept; /* whose bytes the answer borrows */
    struct text details;      /* of an error that was another call's */
    struct loop_timer late;
    struct loop_task end; /* of an orphan */
};

/* Asks, when the key is made: NEXT when the request is to go on, WAIT when it will be resumed. */
enum verdict share_ask(struct request *request);
/* One step of the answer of a request that leads, before anybody is shown it. */
void share_say(struct request *request, const struct attempt *attempt,
               const struct chat_event *event);
/* What is kept is the request's answer; false when it cannot be read. */
bool share_take(struct request *request, const struct kept_answer *kept);
/* Whether the call of a request whose client has left is to go on. */
bool share_goes_on(struct request *request);
/* Whether it leads a call that others wait for: then it neither pauses for its own client nor ends
 * for what its own guardrails find. */
bool share_has_others(struct request *request);
/* The client takes more again. */
void share_drained(struct request *request);
/* A request that waits for another's answer does so no longer. Else does nothing. */
void share_forget(struct request *request);
/* The pipeline of one that nobody holds any more has run to its end. */
void share_ended(struct request *request);
/* Ends calls that go on without their clients. */
void share_close(struct worker *worker);
void share_release(struct share *share);
