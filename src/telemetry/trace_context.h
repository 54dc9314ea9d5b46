/* telemetry/trace_context.h
 * Which trace a request is part of (W3C Trace Context, https://www.w3.org/TR/trace-context/): read
 * from `traceparent` and `tracestate`, or begun here, and written for whoever is asked next. What
 * does not follow the specification to the letter counts as not sent, as it demands. */
#pragma once
#include "base/text.h"

enum {
    TRACE_ID_BYTES = 16,
    SPAN_ID_BYTES = 8,
    TRACE_ID_CHARS = 2 * TRACE_ID_BYTES,
    SPAN_ID_CHARS = 2 * SPAN_ID_BYTES,
    TRACE_PARENT_CHARS = 55,
    TRACE_STATE_MEMBERS = 32,
    TRACE_STATE_MAX = 4096 /* bytes; whoever sends more has none (512 must be passed on) */
};
/* TRACE_RANDOM: the id's last 7 bytes are random (level 2 of the specification). Other flags of a
 * caller are not passed on. */
enum { TRACE_SAMPLED = 1, TRACE_RANDOM = 2, TRACE_FLAGS = TRACE_SAMPLED | TRACE_RANDOM };

struct trace_context {
    uint8_t trace_id[TRACE_ID_BYTES];
    uint8_t span_id[SPAN_ID_BYTES];   /* of the request here */
    uint8_t parent_id[SPAN_ID_BYTES]; /* of the caller's span; zero: nobody said */
    uint8_t flags;
    struct text state; /* `tracestate` as it came; empty: there is none */
};

/* A trace that begins here, with a span of its own; nobody else's decision to sample is known. */
void trace_begin(struct trace_context *out);
/* The id of a span that begins. */
void trace_span_id(uint8_t out[SPAN_ID_BYTES]);
/* Reads `traceparent`: trace, parent and flags of *out are replaced, its own span is not. False,
 * with nothing changed, when it is none. */
bool trace_parent_read(struct text parent, struct trace_context *out);
/* Whether `tracestate` may be passed on. */
bool trace_state_fits(struct text state);
/* Joins a trace: as trace_parent_read, and `state` (kept) is taken along where it fits. Without the
 * one the other says nothing. */
bool trace_join(struct text parent, struct text state, struct trace_context *out);

/* Whether the caller said which span the request is a part of. */
bool trace_has_parent(const struct trace_context *trace);
/* `traceparent` for what is asked as a part of `span_id`; no NUL. */
void trace_parent_write(char out[TRACE_PARENT_CHARS], const struct trace_context *trace,
                        const uint8_t span_id[SPAN_ID_BYTES]);
/* Two lower-case digits a byte; no NUL. */
void trace_hex(char *out, const uint8_t *bytes, size_t count);

/* The ids as log lines have them. */
struct trace_words {
    char trace_id[TRACE_ID_CHARS + 1];
    char span_id[SPAN_ID_CHARS + 1];
};
struct trace_words trace_words_of(const struct trace_context *trace);
