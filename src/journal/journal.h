/* journal/journal.h
 * One structured JSON line per request (conventions section 7): what was asked, who answered, how
 * long it took and what it cost. Never a prompt, an answer or a secret. What the store keeps of it
 * says, beyond that, how each attempt went where there was more than one, or it failed, how rules
 * decided, what each stage took, what of the cost was for what, what a schema was not satisfied
 * with, and until when what was said in it is kept. */
#pragma once
#include "base/buffer.h"
#include "base/log.h"
#include "store/token_record.h"

struct journal_attempt {
    int number; /* 1-based */
    struct text provider, model;
    int status;         /* 0: none came */
    struct text reason; /* why it failed; empty: it did not */
    uint64_t duration_us;
    uint64_t began_us, first_us; /* when it was sent, from when the request came; from then until
                                    the first byte of its answer came; 0: none did */
    bool usage_known;            /* tokens were bought */
    int64_t input_tokens, output_tokens;
    int64_t cost_nano; /* -1: the price is not known */
};
/* A stage of the pipeline that took time. */
struct journal_stage {
    const char *name;
    uint64_t began_us; /* from when the request came */
    uint64_t took_us;
};
/* What of the cost was for what. */
struct journal_cost {
    const char *kind; /* "input" */
    int64_t tokens, nano;
};
/* What was wrong with an input or an answer: the author's side of it, and where in the text. */
struct journal_violation {
    struct text schema_path, keyword, expected, got;
    size_t line, column, byte; /* line 0: not known */
};
struct journal_entry {
    int64_t wall_ms; /* when it ended */
    struct text request_id, trace_id, span_id, method, path;
    int status;
    struct text code;        /* of the error; empty: none */
    uint64_t version_number; /* of the endpoint's history; 0: not known */
    struct text surface, project, endpoint, version, token_id, session_id, rule, provider, model;
    int attempts; /* that were sent */
    const struct journal_attempt *attempt_list;
    size_t attempt_count;
    bool stream;
    bool usage_reported;
    bool usage_known; /* an upstream was called: tokens and cost are written */
    int64_t input_tokens, output_tokens, cached_tokens, reasoning_tokens;
    int64_t cost_nano;   /* -1: the price is not known */
    int64_t billed_nano; /* the cost and the project's markup; likewise */
    struct text finish_reason;
    struct text cache; /* how the cache took part: "hit"; empty: it did not */
    uint64_t first_token_us, upstream_us, overhead_us, duration_us; /* 0: not applicable */
    size_t bytes_in, bytes_out;
    const struct token_tag *tags; /* of the token, and of the caller */
    size_t tag_count;
    struct text guardrails; /* what they found and did, as a JSON list; may be empty */
    struct text error;      /* our own message; may be empty */
    struct text shadow_of, shadow_result; /* of a copy of a call: that call, and how it compares */
    struct text why; /* of the rule: what of it held; only in the row; may be empty */
    /* Of the row only. */
    struct text routing; /* how its rules decided, as a JSON object; may be empty */
    const struct journal_stage *stage_list;
    size_t stage_count;
    const struct journal_cost *cost_list;
    size_t cost_count;
    const struct journal_violation *violation_list;
    size_t violation_count;
    int64_t content_until_ms; /* until when what was said is kept; 0: it is not */
};

/* LOG_ERROR where the gateway or what it depends on has failed. */
enum log_level journal_level(const struct journal_entry *entry);
/* Appends the line without its end of line. */
void journal_format(const struct journal_entry *entry, struct buffer *out);
/* Makes of a line at the end of `out` the row that is kept: adds what only that has. */
void journal_make_row(const struct journal_entry *entry, struct buffer *out);
/* Formats the line and hands it to the log; false when the log dropped it. */
bool journal_write(struct log *log, const struct journal_entry *entry);
