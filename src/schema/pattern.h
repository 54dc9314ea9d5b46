/* schema/pattern.h
 * Regular expressions as JSON Schema means them: ECMAScript with the `u` flag, not anchored. A
 * pattern is const once compiled and shared by threads; what one match needs is in a scratch. */
#pragma once
#include "base/arena.h"

struct pattern;

enum {
    PATTERN_BYTES_MAX = 8192,     /* longer ones are refused */
    PATTERN_MATCH_LIMIT = 100000, /* backtracking steps of one match */
    PATTERN_HEAP_KIB = 1024,
};

/* What is wrong with a pattern, or merely old-fashioned. */
struct pattern_problem {
    size_t offset, len; /* bytes of the pattern it is about */
    char message[128];  /* one sentence, lower case, no full stop; empty: nothing is wrong */
};

/* Compiles a pattern (UTF-8; kept) into the arena, which also frees what is outside it. Returns
 * NULL with *out_problem when it is malformed or cannot be had here. When only the grammar for old
 * web pages allows it (ECMA-262 annex B: `\-`, a lone `]`), it is compiled and *out_problem says
 * what to correct. */
const struct pattern *pattern_compile(struct text source, struct arena *arena,
                                      struct pattern_problem *out_problem);
/* Whether a text is a pattern in the strict grammar: `format: regex`. */
bool pattern_valid(struct text source, struct arena *scratch);

/* Memory that the matches of one thread use one after another. Zero it but for the arena. */
struct pattern_scratch {
    struct arena *arena; /* kept */
    void *memory;
};
enum pattern_verdict {
    PATTERN_DIFFERS,
    PATTERN_MATCHES,
    PATTERN_GAVE_UP /* the limits above were reached */
};
/* Looks for the pattern anywhere in `subject`, which is valid UTF-8. */
enum pattern_verdict pattern_match(const struct pattern *pattern, struct text subject,
                                   struct pattern_scratch *scratch);
/* The source. */
struct text pattern_source(const struct pattern *pattern);
