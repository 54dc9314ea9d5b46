/* gateway/attempt.h
 * One call to one target: what is sent, what comes back, and how it ended. An attempt reads; what
 * is to be done about what it read is the call's business (call.c), which it tells. Lives in the
 * arena of its request. */
#pragma once
#include "chat/gather.h"
#include "gateway/health.h"
#include "gateway/output_watch.h"
#include "gateway/plan.h"
#include "gateway/vectors.h"
#include "provider/framing.h"
#include "provider/retry_after.h"
#include "telemetry/trace_context.h"
#include "transport/transport.h"

struct request;

struct attempt {
    struct request *request;
    struct attempt *next; /* the one that began after it */
    int number;           /* 1-based; one that was never sent has one too */
    const struct target *target;
    bool sent_out;            /* it was given to the transport */
    bool hurried;             /* there was too little time left to judge the target by */
    struct breaker_pass pass; /* of the target's breaker */
    struct key_pick key;      /* of the provider's keys */
    struct chat chat;         /* the request's, as this target gets it */
    struct wire_request wire;
    struct exchange *exchange; /* NULL: none is going on */
    struct loop_timer first_token, last_byte;
    uint8_t span_id[SPAN_ID_BYTES]; /* of a request that is traced */
    uint64_t started_us, first_us,
        ended_us; /* monotonic; first: of the answer's body; 0: not yet */

    int status; /* 0: none came */
    struct retry_after hints;
    bool streamed; /* the reply is a stream */
    bool paused;
    struct buffer body; /* of a whole reply, or the start of a refusal */
    bool keeps_stream;  /* a reply that is a stream is kept as it comes ... */
    struct buffer raw;  /* ... at most CONTENT_STREAM_BYTES of it */
    size_t received_bytes;
    struct framing_reader reader;
    void *memory; /* what the dialect remembers of the stream */
    struct chat_gather gather;
    struct output_watch watch;
    struct vectors vectors; /* that have come, of a chat that embeds */

    bool begun;    /* content came */
    bool answered; /* the answer is complete */
    bool cancelled;
    struct exchange_facts facts;
    struct failure failure; /* FAILURE_NONE: it has not failed */
    struct chat_answer answer;

    bool settled; /* tokens were bought, and counted: account.c */
    int64_t cost_nano;
};

enum { CONTENT_STREAM_BYTES = 64 << 10 };
/* content_exchange.c: whether streams of the request's attempts are kept as they come. */
bool content_keeps_stream(const struct request *request);

/* Whether it is under way: its reply comes, or is being read. */
static inline bool attempt_goes_on(const struct attempt *attempt)
{
    return attempt->exchange != NULL || attempt->vectors.aside;
}

/* A new attempt at the end of the request's list, at the plan's present place unless the caller
 * says otherwise; nothing is sent yet. */
struct attempt *attempt_new(struct request *request, const struct target *target);
/* The request's chat in the terms of a target. */
void attempt_address(const struct request *request, const struct target *target, struct chat *out);
/* Sends it. call_began, call_step and call_ended follow, from the loop. */
void attempt_start(struct attempt *attempt);
/* Sends the next part of what a target takes in several: vectors.h. */
void attempt_go_on(struct attempt *attempt);
/* Ends it, if it still goes on; nothing follows. */
void attempt_cancel(struct attempt *attempt);
/* It is over, with an answer or with that failure. */
void attempt_end(struct attempt *attempt, const struct failure *failure);
/* It has failed on its way, for a reason that only the caller of call_step knows. */
void attempt_fail(struct attempt *attempt, const struct failure *failure);

/* call.c: what an attempt tells. */
/* The first content has come. */
void call_began(struct attempt *attempt);
/* One step of a streamed answer, gathered already; false: it has failed the attempt, which is over.
 */
bool call_step(struct attempt *attempt, const struct chat_event *event);
/* It is over: answered, or with a failure. */
void call_ended(struct attempt *attempt);
