/* A pattern is read into a tree; the tree becomes an automaton, ahead or while it is used, or goes
 * to the pattern library. */
#include "schema/pattern_own.h"

#include <stdio.h>

const struct pattern_limits pattern_limits_authors = {PATTERN_BYTES_MAX, 50000, 8192, true};
const struct pattern_limits pattern_limits_callers = {512, 2000, 4096, false};

static bool refuse(struct text source, struct pattern_problem *out, const char *message)
{
    *out = (struct pattern_problem){.len = source.len};
    snprintf(out->message, sizeof out->message, "%s", message);
    return false;
}

/* Finds out how the pattern is matched; false with *out_problem when it cannot be within limits. */
static bool take_tree(struct pattern *pattern, struct pattern_node *tree,
                      const struct pattern_limits *limits, struct arena *arena,
                      struct pattern_problem *out_problem)
{
    struct arena memory = {0};
    struct nfa nfa;
    enum nfa_outcome outcome = nfa_init(&nfa, tree, limits->states, &memory);

    if (outcome == NFA_BUILT && !table_build(&pattern->table, &nfa, limits->table, arena))
        pattern->lazy = lazy_new(nfa, &memory, arena);
    arena_release(&memory);
    if (outcome == NFA_BUILT)
        return true;
    if (limits->backtracking) {
        pattern->backtracker = backtracker_new(tree, pattern->source, arena, out_problem);
        return pattern->backtracker != NULL;
    }
    return refuse(pattern->source, out_problem,
                  outcome == NFA_IMPOSSIBLE
                      ? "references to groups are not allowed here, nor look-around other than "
                        "behind '^' or before '$'"
                      : "the pattern is too large with its repetitions written out");
}

const struct pattern *pattern_compile_within(struct text source,
                                             const struct pattern_limits *limits,
                                             struct arena *arena,
                                             struct pattern_problem *out_problem)
{
    struct arena scratch = {0};
    struct pattern *pattern = ARENA_NEW(arena, struct pattern);
    struct pattern_node *tree = NULL;
    bool usable;

    *out_problem = (struct pattern_problem){0};
    pattern->source = source;
    if (source.len > limits->bytes) {
        refuse(source, out_problem, "");
        snprintf(out_problem->message, sizeof out_problem->message,
                 "the pattern has more than %zu bytes", limits->bytes);
        return NULL;
    }
    tree = pattern_read(source, false, &scratch, out_problem);
    usable = tree != NULL && take_tree(pattern, tree, limits, arena, out_problem);
    if (usable)
        pattern_find_shape(pattern, tree, arena, &scratch);
    arena_release(&scratch);
    return usable ? pattern : NULL;
}

const struct pattern *pattern_compile(struct text source, struct arena *arena,
                                      struct pattern_problem *out_problem)
{
    return pattern_compile_within(source, &pattern_limits_authors, arena, out_problem);
}

bool pattern_valid(struct text source, struct arena *scratch)
{
    struct pattern_problem problem;

    return pattern_read(source, true, scratch, &problem) != NULL;
}

static enum pattern_verdict match_lazily(struct pattern_lazy *lazy, struct text subject,
                                         struct pattern_scratch *scratch)
{
    struct pattern_cache *cache = lazy_borrow(lazy);
    uint64_t visits = cache->stepper.visits;
    uint32_t state = cache_first(cache);
    bool matches;

    cache_walk(cache, &state, subject);
    matches = cache_end(cache, state);
    scratch->steps += cache->stepper.visits - visits;
    lazy_return(lazy, cache);
    return matches ? PATTERN_MATCHES : PATTERN_DIFFERS;
}

/* Bytes are looked at independently of one another, some at a time. */
static bool is_run(const struct byte_run *run, struct text subject)
{
    const unsigned char *at = (const unsigned char *)subject.at, *end = at + subject.len;
    unsigned inside = 1;

    if (subject.len < run->least || subject.len > run->most)
        return false;
    for (; end - at >= 8 && inside != 0; at += 8)
        inside = run->inside[at[0]] & run->inside[at[1]] & run->inside[at[2]] & run->inside[at[3]] &
                 run->inside[at[4]] & run->inside[at[5]] & run->inside[at[6]] & run->inside[at[7]];
    for (; at < end; at++)
        inside &= run->inside[*at];
    return inside != 0;
}

enum pattern_verdict pattern_match(const struct pattern *pattern, struct text subject,
                                   struct pattern_scratch *scratch)
{
    scratch->steps += subject.len;
    if (pattern->shape == SHAPE_OF_RUN)
        return is_run(pattern->run, subject) ? PATTERN_MATCHES : PATTERN_DIFFERS;
    if (pattern->table.columns > 0)
        return table_match(&pattern->table, subject) ? PATTERN_MATCHES : PATTERN_DIFFERS;
    if (pattern->lazy != NULL)
        return match_lazily(pattern->lazy, subject, scratch);
    return backtracker_match(pattern->backtracker, subject, scratch);
}

struct text pattern_source(const struct pattern *pattern)
{
    return pattern->source;
}

bool pattern_is_automaton(const struct pattern *pattern)
{
    return pattern->backtracker == NULL;
}

bool pattern_always(const struct pattern *pattern)
{
    return pattern->table.columns > 0 && pattern->table.start == pattern->table.columns;
}

bool pattern_prefix(const struct pattern *pattern, struct text *out_prefix)
{
    *out_prefix = pattern->literal;
    return pattern->shape == SHAPE_OF_PREFIX;
}

bool pattern_literal(const struct pattern *pattern, struct text *out_literal)
{
    *out_literal = pattern->literal;
    return pattern->shape == SHAPE_OF_LITERAL;
}
