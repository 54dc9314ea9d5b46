/* route/rule.h
 * First-match routing rules: conditions over the facts of one request, type-checked at load,
 * evaluated without allocating. What a rule names is plain text here; config resolves it. */
#pragma once
#include "base/buffer.h"
#include "document/diagnostic.h"
#include "document/document.h"
#include "store/token_record.h"

/* How a target fares, in order of growing trouble. */
enum route_health { ROUTE_UP, ROUTE_DEGRADED, ROUTE_DOWN };

/* What costs something to know: asked for only when a condition is reached. None of it allocates.
 * `need` is the index of the condition's need among those of the rules. */
struct route_source {
    /* False: the request has no such header. `name` is in lower case. */
    bool (*header)(const void *from, struct text name, struct text *out_value);
    enum route_health (*health)(const void *from, size_t need);
    /* False: too few calls were seen. */
    bool (*p95_ms)(const void *from, size_t need, int64_t *out_ms);
    /* Whether a rule that is watched is switched off; NULL: none is. Since when and why goes to
     * `out_why`, which is NULL where nobody wants to know. */
    bool (*off)(const void *from, size_t rule, struct buffer *out_why);
};

/* Facts that are worked out beforehand, but only where a condition looks at them. */
enum route_asks { ROUTE_ASKS_SPEND = 1, ROUTE_ASKS_TOKENS = 2, ROUTE_ASKS_CHARS = 4 };

/* What the conditions may look at. */
struct route_facts {
    int64_t input_tokens; /* estimated, of the rendered prompt's variable part and history; only if
                             ROUTE_ASKS_TOKENS */
    int64_t input_chars;  /* only if ROUTE_ASKS_CHARS */
    int64_t messages_count;
    int64_t session_messages;
    int64_t monthly_spend_pct, daily_spend_pct; /* of the endpoint's own budget; only if
                                                   ROUTE_ASKS_SPEND */
    bool has_input_schema;
    bool has_output_schema;
    bool has_tools;
    bool streaming;
    int64_t wall_ms;
    struct text endpoint, caller, session,
        request; /* whose lots are drawn; a session may be none */
    struct text caller_name, project;
    const struct token_tag *tags;
    size_t tag_count;
    const struct document *input; /* NULL: none */
    uint32_t input_at;
    const struct route_source *source; /* NULL: no headers; all is up; nothing was measured */
    const void *from;
};

struct route_condition; /* a tree; const after load */

/* What a value of the input is compared with. */
struct route_operand {
    struct cell value; /* a boolean, number or string; text in the rules' arena */
    uint32_t at;       /* cell of the rules' document where it was written, for diagnostics: */
    size_t from, len;  /* ... these bytes of it; `len` 0: all */
};

/* Something that conditions need of the endpoint or the configuration, for config to check. */
enum route_need_kind {
    ROUTE_NEEDS_MONTHLY_BUDGET,
    ROUTE_NEEDS_DAILY_BUDGET,
    ROUTE_NEEDS_SESSION,
    ROUTE_NEEDS_PROJECT,  /* `name` */
    ROUTE_NEEDS_HEADER,   /* `name`, in lower case */
    ROUTE_NEEDS_INPUT,    /* a place of the input that can be what the operands are */
    ROUTE_NEEDS_PROVIDER, /* `name`; its health */
    ROUTE_NEEDS_TARGET,   /* `name` and `model` */
    ROUTE_NEEDS_OWN,      /* the target of the rule itself */
    ROUTE_NEEDS_DEFAULT,  /* the target of the endpoint itself */
};
struct route_need {
    enum route_need_kind kind;
    uint32_t at; /* cell of the rules' document */
    size_t rule;
    struct text name;         /* of an input: the JSON Pointer */
    struct text model;        /* of a target */
    const struct text *steps; /* of the pointer */
    size_t step_count;
    const struct route_operand *operands;
    size_t operand_count;
    bool ordered; /* the operands are numbers that more or less is asked of */
};

struct route_use {
    struct text provider; /* empty: the endpoint's own */
    struct text model;    /* likewise */
    struct text template; /* name of a provider template; excludes the two above */
    struct text endpoint; /* slug of an endpoint that answers in place of this one; excludes all */
    uint32_t at;          /* cell of `use`, for diagnostics */
};
struct route_rule {
    struct text name;
    const struct route_condition *when; /* NULL: always */
    struct route_use use;
    uint32_t at;    /* cell of the rule, and */
    uint32_t watch; /* ... of what its calls are watched for, for config; CELL_NONE: nothing */
};
struct route_rules {
    const struct route_rule *items;
    size_t count;
    const struct route_need *needs;
    size_t need_count;
    unsigned asks; /* enum route_asks */
};

/* Compiles `rules` at cell `at`: either the list itself or an object with the key `rules`. The
 * conditions are those of docs/routing.md; all, any and not nest at most 16 deep. Each rule needs a
 * name, unique in the file. Zones are read from the system's zone data here, never later. The rules
 * keep nothing of the document. Returns false when there was an error; *out is then of no use. */
bool route_compile(const struct document *document, uint32_t at, struct arena *arena,
                   struct diagnostics *diagnostics, struct route_rules *out);

/* The name of a header in lower case, in the arena; whether it can be one; and whether such a
 * header proves who somebody is, so that no rule may look at it, whatever is allowed. */
struct text route_header_name(struct arena *arena, struct text written);
bool route_header_valid(struct text name);
bool route_header_secret(struct text name);

#define ROUTE_DEFAULT SIZE_MAX

/* One condition as it was seen. Groups stand before what is in them, which is one deeper. */
struct route_look {
    const struct route_condition *condition; /* valid as long as the rules; NULL: of a rule without
                                                conditions; where it does not hold, the rule is
                                                switched off */
    int64_t number;    /* its value, where that is one; of a group, how much of it holds */
    struct text value; /* likewise; as long as the facts, like `value_at`: its cell in the input */
    uint32_t value_at;
    uint16_t rule;
    uint8_t depth;
    bool held, known;
};
/* What a decision was made of: all that was looked at, rule by rule, as far as there is room for
 * it. The rule that decides is told in any case, because those before it give way. */
enum { ROUTE_LOOKS_MAX = 48, ROUTE_LOOKS_OF_RULE = 16 };
struct route_trace {
    struct route_look *looks; /* the caller's, ROUTE_LOOKS_MAX of them, unless there is an arena */
    size_t count;
    size_t left_out;              /* of the last rule's, for want of room */
    struct arena *arena;          /* where room is made for all of them; NULL: nowhere */
    const struct document *input; /* borrowed, of the facts */
    size_t rule;                  /* that decided, or ROUTE_DEFAULT */
};
/* Puts what of the rule that decided was looked at in a line: "input_tokens >= 30000 (31204), not
 * day sat, sun UTC (mon)". Values that a caller wrote itself, of headers and of the input, are left
 * out; where no rule decided it puts nothing. */
void route_trace_put(const struct route_trace *trace, struct buffer *out);

/* Index of the first rule that holds, or ROUTE_DEFAULT. `out_trace` may be NULL. Nothing is
 * allocated unless it has an arena; only its `looks` and `arena` are to be set. */
size_t route_first_match(const struct route_rules *rules, const struct route_facts *facts,
                         struct route_trace *out_trace);
/* Likewise, and looks at all conditions of every rule up to and including the one that holds: the
 * same evaluation, in which each value is asked for once. The trace needs an arena. */
size_t route_explain(const struct route_rules *rules, const struct route_facts *facts,
                     struct route_trace *out_trace);

/* One line of an explanation: a condition, its actual value, whether it held. The first line of a
 * rule is its outcome: its only condition, or "all" where there are several, or "always". Groups
 * stand before what is in them, which names them: "not: any: day sat, sun UTC". */
struct route_reason {
    size_t rule;
    struct text condition; /* "input_tokens >= 30000" */
    struct text actual;    /* "1204"; "1 of 2" of a group; empty: nothing to be told */
    bool held;
};
/* The trace in words, in the arena; gives how many there are. Where not `all`, values that a caller
 * wrote itself are left out. */
size_t route_trace_reasons(const struct route_trace *trace, bool all, struct arena *arena,
                           const struct route_reason **out);
