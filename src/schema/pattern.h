/* schema/pattern.h
 * Regular expressions as JSON Schema means them: ECMAScript with the `u` flag, not anchored. A
 * pattern is const once compiled and shared by threads; what one match needs is in a scratch.
 *
 * A pattern without back-references, and without look-around other than at places that are known
 * without trying, is an automaton over the bytes of UTF-8: a match takes time linear in the
 * subject, whatever the two are, and can be walked piece by piece. Such places are those a fixed
 * number of code points behind `^` (`^(?=.*\d)(?!0)`), the end of the text (`(?<!-)$`) and every
 * one of `^(?:(?!X)S)*$`. The others are matched by backtracking within limits, which bound the
 * time of a match whatever the pattern and the subject: about 2 ms. */
#pragma once
#include "base/arena.h"

struct pattern;

enum {
    PATTERN_BYTES_MAX = 8192,     /* longer ones are refused, whatever the limits */
    PATTERN_MATCH_LIMIT = 100000, /* steps of backtracking in one match; looking at 16 code points
                                   * without trying anything else is one as well */
    PATTERN_HEAP_KIB = 1024,
};

/* What is wrong with a pattern, or merely old-fashioned. */
struct pattern_problem {
    size_t offset, len; /* bytes of the pattern it is about */
    char message[128];  /* one sentence, lower case, no full stop; empty: nothing is wrong */
};

/* What a pattern may cost. */
struct pattern_limits {
    size_t bytes;
    uint32_t states; /* of the automaton, with every counted repetition written out */
    uint32_t table;  /* entries of one built ahead; above it the automaton grows while it is used */
    bool backtracking; /* allowed for what is not an automaton, or needs more states */
};
extern const struct pattern_limits pattern_limits_authors; /* 8,192 bytes, 50,000 states */
extern const struct pattern_limits pattern_limits_callers; /* 512 bytes, 2,000 states, automata */

/* Compiles a pattern (UTF-8; kept) into the arena, which also frees what is outside it. Returns
 * NULL with *out_problem when it is malformed or cannot be had within the limits. When only the
 * grammar for old web pages allows it (ECMA-262 annex B: `\-`, a lone `]`), it is compiled and
 * *out_problem says what to correct. */
const struct pattern *pattern_compile_within(struct text source,
                                             const struct pattern_limits *limits,
                                             struct arena *arena,
                                             struct pattern_problem *out_problem);
/* The same within the limits of authors. */
const struct pattern *pattern_compile(struct text source, struct arena *arena,
                                      struct pattern_problem *out_problem);
/* Whether a text is a pattern in the strict grammar: `format: regex`. */
bool pattern_valid(struct text source, struct arena *scratch);

/* Memory that the matches of one thread use one after another. Zero it but for the arena. */
struct pattern_scratch {
    struct arena *arena; /* kept */
    void *memory;
    struct pattern_place *places; /* of walks that ended, for the next ones */
    uint64_t steps; /* bytes matched, and states met where the automaton was not there yet */
};
enum pattern_verdict {
    PATTERN_DIFFERS,
    PATTERN_MATCHES,
    PATTERN_GAVE_UP /* the limits of backtracking were reached; never of an automaton */
};
/* Looks for the pattern anywhere in `subject`, which is valid UTF-8. */
enum pattern_verdict pattern_match(const struct pattern *pattern, struct text subject,
                                   struct pattern_scratch *scratch);
/* The source. */
struct text pattern_source(const struct pattern *pattern);

/* What is known of a pattern without a subject. */
bool pattern_is_automaton(const struct pattern *pattern);
/* Every text matches: "", ".*", "^". */
bool pattern_always(const struct pattern *pattern);
/* Exactly the texts that begin with *out_prefix match: "^x-". It lives as long as the pattern. */
bool pattern_prefix(const struct pattern *pattern, struct text *out_prefix);
/* Exactly one text matches: "^yes$". */
bool pattern_literal(const struct pattern *pattern, struct text *out_literal);

/* A walk along a subject that arrives in pieces, cut at any byte. Only for automata. It may be
 * copied only where pattern_walk_copyable says so; there is nothing to release. */
enum pattern_progress {
    PATTERN_DEAD,  /* nothing that could follow makes it match */
    PATTERN_ALIVE, /* undecided */
    PATTERN_SURE   /* it matches whatever follows */
};
struct pattern_walk {
    const struct pattern *pattern;
    struct pattern_scratch *scratch;
    struct pattern_place *place; /* of an automaton that is built while it is used */
    uint32_t state; /* of one that may be copied: all there is to where it is */
};
/* Begins before the first byte. The pattern and the scratch are kept. */
enum pattern_progress pattern_walk_start(struct pattern_walk *walk, const struct pattern *pattern,
                                         struct pattern_scratch *scratch);
/* Goes on with the next bytes of the subject (of valid UTF-8). *out_decided is the number of them
 * up to and with the one that made the walk DEAD or SURE, or piece.len. A decided walk stays so. An
 * automaton built ahead is DEAD at the first byte possible; one built while it is used may, where
 * assertions contradict each other (`a\bb`), be DEAD later. */
enum pattern_progress pattern_walk_feed(struct pattern_walk *walk, struct text piece,
                                        size_t *out_decided);
/* Whether the subject matches when it ends here. Ends the walk; pattern_walk_start may follow. */
bool pattern_walk_end(struct pattern_walk *walk);
bool pattern_walk_copyable(const struct pattern *pattern);
