/* schema/run.h
 * Private to the runners: what one check carries along, and what the fast and the plain program
 * have in common. */
#pragma once
#include "schema/program.h"

enum undecided {
    DECIDED,
    OUT_OF_STEPS,
    TOO_DEEP,
    PATTERN_LIMIT,
};

struct verdict_memo;
struct listing;
struct found;

struct run {
    const struct schema *schema;
    const struct document *document;
    const struct cell *cells;
    const struct code *code;
    const struct entries *entries;
    struct arena *arena;
    uint64_t steps_left;
    struct frame *frames, *top, *frames_end; /* containers being walked without recursion */
    struct found *found;                     /* by the survey of the object being tracked */
    uint64_t held; /* the sources that have held so far, at the value being tracked; see fast.h */
    uint32_t depth;
    enum undecided undecided; /* once it is not DECIDED, everything fails fast */
    struct pattern_scratch patterns;
    uint64_t memo_below; /* verdicts are remembered when fewer steps than this are left */
    struct verdict_memo *memo;
    uint64_t *words; /* a stack of bit sets; see marks.h */
    size_t words_used, words_room;
    uint32_t *member_nodes; /* of the plain program: a stack of what `properties` has for members */
    size_t member_nodes_used, member_nodes_room;
    struct annotations *annotations; /* where annotations go; NULL: nobody asks. Only plain_only */
    struct listing *listing;         /* where violations go; NULL: only the verdict is wanted */
    bool plain_only;                 /* the plain program runs all of it, as the reference */
};

void run_init(struct run *run, const struct schema *schema, const struct document *document,
              struct arena *arena, uint64_t steps);

static inline bool give_up(struct run *run, enum undecided why)
{
    if (run->undecided == DECIDED)
        run->undecided = why;
    run->steps_left = 0;
    return false;
}

/* Pays for work; false when the budget is gone. */
static inline bool spend(struct run *run, uint64_t steps)
{
    if (run->steps_left <= steps)
        return give_up(run, OUT_OF_STEPS);
    run->steps_left -= steps;
    return true;
}

static inline uint32_t next_cell(const struct cell *cells, uint32_t at)
{
    return cells[at].type >= CELL_ARRAY ? cells[at].end : at + 1;
}

static inline const struct cell *next_of(const struct cell *cells, const struct cell *value)
{
    return value->type >= CELL_ARRAY ? cells + value->end : value + 1;
}

/* Whether the value at a cell satisfies a node: the fast program. */
bool run_node(struct run *run, uint32_t node, uint32_t at);
/* The same for an entry of one; counts how deep, and remembers once a check takes long. */
bool run_entry(struct run *run, uint32_t entry, uint32_t at);
/* Likewise, without counting what cannot lead any deeper. */
bool run_value(struct run *run, uint32_t entry, uint32_t at);
/* The run of a scalar. */
bool run_scalar(struct run *run, const struct code *code, const struct cell *cell);

/* The first item from `item` on that does not satisfy the node or has more than `most` cells, which
 * is not asked about; `until` when there is none. */
uint32_t run_items(struct run *run, uint32_t node, uint32_t item, uint32_t until, uint32_t most);

/* Of a string of a document, which is UTF-8. */
uint64_t count_code_points(struct text text);

/* Single assertions, for both programs. */
bool assert_length(const struct cell *string, uint64_t least, uint64_t most);
/* Whether a number of kind KIND_BIG_INTEGER is written without fraction and exponent; true for
 * values of other kinds. */
bool assert_written(const struct cell *cell);
bool assert_number(enum keyword keyword, const struct bound *bound, const struct cell *number);
bool assert_choice(struct run *run, const struct choice *choice, uint32_t at);
bool assert_pattern(struct run *run, const struct pattern *pattern, struct text subject);
bool assert_content(struct run *run, unsigned content, struct text subject);
bool assert_format(struct run *run, enum format format, struct text subject);
bool assert_unique(struct run *run, uint32_t array);
/* The first two equal items of an array; false when all differ. */
bool find_equal_items(struct run *run, uint32_t array, uint32_t *out_first, uint32_t *out_second);
/* The value of a member, or CELL_NONE; pays for the search. */
uint32_t find_member(struct run *run, uint32_t object, struct text name);
/* Marks in `seen` (one bit a name, from 0) which of the required names an object has. */
void find_required(struct run *run, const struct members *members, uint32_t object, uint64_t *seen);

/* The plain program; see plain.h. */
bool plain_holds(struct run *run, uint32_t node, uint32_t at);
