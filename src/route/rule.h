/* route/rule.h
 * First-match routing rules: conditions over the facts of one request, type-checked at load,
 * evaluated without allocating. What a rule uses is plain names here; config resolves them. */
#pragma once
#include "document/diagnostic.h"
#include "document/document.h"

/* What the conditions may look at. */
struct route_facts {
    int64_t input_tokens; /* estimated, of the rendered prompt's variable part and history */
    int64_t input_chars;
    int64_t messages_count;
    int64_t session_messages;
    bool has_input_schema;
    bool has_output_schema;
    bool has_tools;
    bool streaming;
    int64_t wall_ms;
    struct text endpoint, caller, session,
        request; /* whose lots are drawn; a session may be none */
};

struct route_condition; /* a tree; const after load */

struct route_use {
    struct text provider; /* empty: the endpoint's own */
    struct text model;    /* likewise */
    struct text template; /* name of a provider template; excludes the two above */
    uint32_t at;          /* cell of `use`, for diagnostics */
};
struct route_rule {
    struct text name;
    const struct route_condition *when; /* NULL: always */
    struct route_use use;
};
struct route_rules {
    const struct route_rule *items;
    size_t count;
};

/* Compiles `rules` at cell `at`: either the list itself or an object with the key `rules`.
 * Conditions of this version: input_tokens, input_chars, messages_count, session_messages,
 * has_input_schema, has_output_schema, has_tools, streaming, time_of_day ("22:00-06:00", may wrap
 * midnight), day, timezone (IANA name; for the conditions of its own object and below), percent and
 * sticky (caller, session or request), all, any, not, nested at most 16 deep. Each rule needs a
 * name, unique in the file. Zones are read from the system's zone data here, never later. The rules
 * keep nothing of the document. Returns false when there was an error; *out is then of no use. */
bool route_compile(const struct document *document, uint32_t at, struct arena *arena,
                   struct diagnostics *diagnostics, struct route_rules *out);

#define ROUTE_DEFAULT SIZE_MAX
/* Index of the first rule that holds, or ROUTE_DEFAULT. */
size_t route_first_match(const struct route_rules *rules, const struct route_facts *facts);

/* One line of an explanation: a condition, its actual value, whether it held. The first line of a
 * rule is its outcome: its only condition, or "all" where there are several, or "always". Groups
 * stand before what is in them, which names them: "not: any: day sat, sun UTC". */
struct route_reason {
    size_t rule;
    struct text condition; /* "input_tokens >= 30000" */
    struct text actual;    /* "1204"; "1 of 2" of a group; empty for "always" */
    bool held;
};
/* Explains every rule up to and including the matching one; the same evaluation. */
void route_explain(const struct route_rules *rules, const struct route_facts *facts,
                   struct arena *arena, const struct route_reason **out_reasons, size_t *out_count);
