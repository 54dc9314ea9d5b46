/* schema/check.h
 * Private to the fast program's interpreter: check_walk.c runs it, check_scalar.c what is about
 * scalars; check.c counts and remembers, and check_object.c, check_array.c and check_union.c have
 * the instructions that are rare or long. */
#pragma once
#include "schema/fast.h"
#include "schema/run.h"

/* A container whose children are being run: the instruction that asks for them, and how far it is.
 */
struct frame {
    const struct code *code; /* OP_MEMBERS or OP_ALL */
    const struct cell *container, *next, *end;
    const struct known_name *expected;
    uint64_t seen;
};

enum { FRAMES = 130 }; /* as deep as documents usually are */

/* Where a survey has found names; by their places. */
struct found {
    uint64_t present;
    const struct cell *values[FOUND_MAX]; /* only of those that are */
    bool repeated;                        /* some name is there twice */
};

/* The run at a place in the code; does not count. */
bool run_code(struct run *run, const struct code *code, uint32_t at);

/* One instruction that is rare or long. */
bool run_other(struct run *run, const struct code *code, uint32_t at);

/* A value that is accepted for its kind alone needs nothing else. */
static inline bool value_holds(struct run *run, uint32_t node, uint8_t accepted, uint32_t at)
{
    unsigned kind = cell_kind(&run->cells[at]);

    return (accepted >> kind & 1) != 0 || run_value(run, run->entries[node].of[kind], at);
}

static inline bool cell_holds(struct run *run, uint32_t node, uint8_t accepted,
                              const struct cell *cell)
{
    unsigned kind = cell_kind(cell);
    uint32_t entry;

    if ((accepted >> kind & 1) != 0)
        return true;
    entry = run->entries[node].of[kind];
    if (entry < ENTRY_FIRST)
        return entry == ENTRY_ACCEPT;
    if (cell->type < CELL_ARRAY)
        return run_scalar(run, &run->code[entry], cell);
    return run_entry(run, entry, (uint32_t)(cell - run->cells));
}

/* The name is mostly the one behind that before it in the rules; NULL: there are none for it. */
static inline const struct known_name *find_expected(const struct name_set *set,
                                                     const struct known_name *expected,
                                                     const struct cell *name)
{
    if (name_word_of(name) == expected->word && name_has_bytes(expected, name->text))
        return expected;
    return name_set_find(set, name);
}

/* check_object.c */
/* Looks for the few names there are rules for; where they are does not matter. */
bool run_few(struct run *run, const struct object_rules *rules, uint32_t object);
/* All rules, those with patterns and about names too. */
bool run_ruled(struct run *run, const struct object_rules *rules, uint32_t object, uint64_t held);
/* Fills run->found; false also when a name is there twice. */
bool run_survey(struct run *run, const struct survey *survey, uint32_t object);
bool run_found(struct run *run, const struct asked_names *asked);
bool run_left(struct run *run, const struct survey *survey);
bool run_required(struct run *run, const struct members *members, uint32_t object);
bool run_dependencies(struct run *run, const struct dependent_branches *all, uint32_t object);

/* check_array.c */
bool run_tuple(struct run *run, const struct alternatives *places, uint32_t array);
bool run_contains(struct run *run, const struct code *code, uint32_t array);
bool run_rest_items(struct run *run, const struct rest_items *rest, uint32_t array);

/* check_union.c */
/* Runs a branch; that its source has held is noted, or nothing is when it fails. */
bool run_branch(struct run *run, const struct branch *branch, uint32_t at);
bool run_union(struct run *run, const struct code *code, uint32_t at);
bool run_if(struct run *run, const struct branch branches[3], uint32_t at);
/* The value of the choice that the tag of an object names, or NULL. */
const struct known_name *find_tag_value(struct run *run, const struct tag_choice *choice,
                                        uint32_t at);
/* Runs an entry whose branches have sources. */
bool run_tracked(struct run *run, const struct code *code, uint32_t at);
