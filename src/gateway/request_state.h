/* gateway/request_state.h
 * Everything known about one request, in the order in which it becomes known. Private to this room
 * and to those below that serve requests of their own or look at one; the stages (pipeline.c) hand
 * these fields to the capabilities. */
#pragma once
#include "base/buffer.h"
#include "budget/budgets.h"
#include "document/json_repair.h"
#include "gateway/attempt.h"
#include "gateway/call_states.h"
#include "gateway/guarding.h"
#include "gateway/idempotency.h"
#include "gateway/notes.h"
#include "gateway/pipeline.h"
#include "gateway/request.h"
#include "gateway/route.h"
#include "gateway/share.h"
#include "gateway/shared_config.h"
#include "gateway/worker.h"
#include "limit/policy.h"
#include "surface/surface.h"
#include "telemetry/trace_context.h"

struct series;

enum { REQUEST_MAGIC = 0x50494E31 };

/* Microseconds; waiting is what the gateway itself cannot help. */
struct request_times {
    uint64_t auth_us, route_us, render_us, validate_in_us, validate_out_us;
    uint64_t upstream_us;   /* waiting for providers */
    uint64_t store_us;      /* waiting for the store */
    uint64_t turn_us;       /* waiting for other turns of its session */
    uint64_t waiting_since; /* monotonic; 0: not waiting */
    /* Of each stage, waits included: when it first began (monotonic; 0: not at all), what it took.
     */
    uint64_t stage_began_us[STAGE_COUNT], stage_us[STAGE_COUNT];
    enum stage_id stage;     /* the one that is running ... */
    uint64_t stage_since_us; /* ... since then; 0: none has begun */
};

/* Whether the web page that asks may read the answer: pages.h. */
enum page_verdict { PAGE_UNSAID, PAGE_STRANGE, PAGE_ALLOWED };

struct request {
    uint32_t magic;
    struct worker *worker;
    struct request *next, *previous; /* of the worker */
    struct arena arena;
    struct http_request http;
    struct http_client *client;
    struct lease *lease;
    const struct config *config;

    enum stage_id at;
    bool waiting;          /* parked in a stage; exactly one pipeline_resume follows */
    bool rests;            /* ... for good, behind the last stage that was wanted of it */
    bool finished;         /* the pipeline has run to its end */
    struct shadow *shadow; /* it is a copy of a call, and nobody's own; NULL: it is none */
    bool gone;             /* nobody listens any more */
    /* Only a decision is wanted: nothing is counted, sent or kept. Called once instead of going on
     * behind that stage, or with the error. NULL: it is a call. */
    void (*decided)(struct request *request);
    enum stage_id decided_after;
    struct error error;
    const struct violations *violations;
    const struct schema *undecided; /* whose check was given up; NULL: none */

    struct text id;
    struct trace_context trace;
    const struct trace_context *carrier; /* as its headers said, where its message says another */
    bool traced; /* its spans are told to the exporter */
    int64_t wall_ms;
    const struct surface *surface;
    const char *logged_as;     /* instead of the surface's name; NULL: as that */
    struct text project_named; /* in the path, by name or id; empty: the token's own */
    struct text slug;
    struct text version_named;         /* beside it, as it was written; nothing at NULL: none was */
    struct text path_rest;             /* below where a surface is mounted */
    struct version_wait *version_wait; /* for that version; NULL: not waiting */
    enum page_verdict page;
    bool page_by_endpoint;                  /* that is the endpoint's to say, once it is known */
    struct deprecation_notice *deprecation; /* of its endpoint; NULL: nothing is to be told */
    const struct endpoint *endpoint;
    const struct token_record *token; /* whose bearer asks; NULL: not known yet */
    const struct project *project;    /* likewise */
    struct policies policies;         /* the limits that hold for it, and what it has taken */
    const struct policy *refused;     /* the one that it was refused by; NULL: none */
    const struct token_tag *tags;     /* of its token, and what its caller adds: tagging.h */
    size_t tag_count;

    struct call_body body;
    bool return_output; /* the bare output is wanted */
    void *stream;       /* what its surface remembers of it */
    bool streams_late;  /* it is answered by a stream, of an answer that is whole and checked */
    struct guarding *guarding; /* NULL: nothing is looked for */

    bool sessioned;
    struct text session_id;
    struct turn *turn; /* of its session, begun or waited for; NULL: it has none, or the store has
                          what it leads to */
    struct loop_timer turn_late;
    struct idempotency idempotency;
    struct store_command *store; /* under way: durable.h */
    void *aside; /* what a request outside of the pipeline is about: its server's own */
    void (*drained)(struct request *request); /* ... which wants to know; NULL: it does not */
    struct recorded *recorded;                /* of an act that is recorded first */
    struct store_command *recalled;
    bool history_known; /* the session exists and is the caller's */
    const struct chat_message *history;
    size_t history_count;

    bool explains;           /* its reply says why it was routed as it was */
    struct routing *routing; /* NULL: there are no rules, or they have not been asked */
    size_t rule;             /* ROUTE_DEFAULT: none */
    struct text rule_name;
    const struct target *target; /* the one that was asked last, or that answered */

    struct share share; /* with calls that are the same */

    struct budget_hold hold;        /* money, for this call */
    struct reserve_wait *reserve;   /* for a lease; NULL: not waiting */
    struct budget_refusal *refusal; /* why a budget did not cover it; NULL: it did */
    int64_t prompt_tokens;          /* estimated, as rendered */

    struct chat chat;      /* but for what depends on the target */
    size_t rendered_count; /* messages of the chat as they were rendered, without a complaint */
    struct text user_text; /* what stands in the last user message */
    struct plan plan;
    struct attempt *attempts; /* in the order in which they began */
    struct attempt *winner;   /* whose answer it will be; NULL: none has begun to answer */
    int calls;                /* attempts that were sent */
    bool called;              /* it is an active call of the gateway's budget of retries ... */
    bool retry_taken;         /* ... and has a place for a retry there */
    unsigned reasks;          /* of the target */
    bool doomed;              /* the answer was cancelled because it could no longer fit */
    struct loop_timer pause, hedge;

    bool streaming;                    /* a stream has begun towards the client */
    size_t shown_bytes, refusal_bytes; /* how much of the winner's text and refusal it has got */
    struct loop_timer ping;
    struct notes notes; /* of how it is getting on, towards the client */
    bool held_back;     /* the stream's end is composed, but not for the client yet: */
    struct buffer held; /* this */
    struct chat_answer answer;
    bool answered; /* the provider's answer is complete */
    struct document output;
    bool has_output, repaired;
    const struct json_edit *edits; /* what was repaired */
    size_t edit_count;
    struct chat_usage usage; /* of all attempts together */

    bool settled;
    int64_t cost_nano; /* -1: not known */
    struct request_times times;
    struct series *inflight, *open_stream; /* where it is counted; NULL: it is not */
    int status;                            /* as answered */
    struct text reply;                     /* the body of a whole answer */
    size_t bytes_out; /* when its journal line is written, a stream's last chunks are to come */
};

struct request *request_of(void *pointer);
/* A new one that has not begun; takes the lease. */
struct request *request_new(struct worker *worker, struct lease *lease,
                            const struct http_request *http, struct http_client *client);
/* Goes over to the configuration that its worker has now; for one that has no end of its own. What
 * it knows of the old one's parts is to be looked up anew. */
void request_adopt(struct request *request);
/* Lets go of what it waits for; nothing calls back any more, so it is to be resumed or freed. */
void request_cut_loose(struct request *request);
/* As whose its calls of tools are remembered: call_states.h. */
struct call_owner call_owner_of(const struct request *request);
/* Marks the end of a wait and says how long it was. */
void request_waits(struct request *request);
uint64_t request_waited_us(struct request *request);
