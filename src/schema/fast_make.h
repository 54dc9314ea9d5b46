/* schema/fast_make.h
 * Private to the making of the fast program: the run being made for one node and kind.
 *   fast.c          makes instructions of keywords
 *   fast_run.c      puts them into a run, merging what can be merged, and the run into the code
 *   fast_members.c  what is asked of members, as one set of rules where possible
 *   fast_survey.c   one walk for all who ask for names of the same object
 *   fast_union.c    alternatives and conditions
 *   fast_track.c    `unevaluated*` */
#pragma once
#include "schema/compile.h"
#include "schema/fast.h"

struct tracked_name {
    struct text name;
    uint64_t source;
};
/* What is known of those that look at the value for which `unevaluated*` asks. */
struct tracking {
    uint32_t sources; /* besides the one that always holds */
    uint32_t schemas; /* included so far */
    uint32_t noted;   /* so many things are looked at */
    bool asked;       /* which sources have held, when the run comes to its end */
    bool failed;      /* too much of something: the plain program will do it */
    uint64_t all_sources;
    struct tracked_name *names;
    size_t name_count, name_room;
    struct rule *rules;
    size_t rule_count, rule_room;
    struct item_source *items;
    size_t item_count, item_room;
};

struct making {
    struct compiler *compiler;
    unsigned kind;
    struct tracking *tracking; /* NULL: nobody asks what is looked at */
    uint64_t source;           /* as which this run looks at things */
    struct code run[64];
    size_t count;
    struct code *more; /* of those beyond the array; rare */
    size_t more_count, more_room;
    bool rejects;
};

/* fast_run.c */
void making_put(struct making *it, struct code code);
/* Everything at that entry must hold too. */
void making_call(struct making *it, uint32_t entry);
/* Puts the run into the code; returns its entry. */
uint32_t making_settle(struct making *it);
static inline struct code *making_at(struct making *it, size_t index)
{
    size_t inside = sizeof it->run / sizeof *it->run;

    return index < inside ? &it->run[index] : &it->more[index - inside];
}
/* The first instruction of that sort, or NULL. */
struct code *making_find(struct making *it, enum op op);
/* Takes out what became OP_ACCEPT. */
void making_compact(struct making *it);

/* fast.c */
uint32_t entry_of(const struct making *it, uint32_t node);
void make_instruction(struct making *it, const struct instruction *from);
/* What a schema that cannot fail alone says about the same value. */
void make_reference(struct making *it, uint32_t node);

/* fast_members.c */
void make_members(struct making *it, const struct members *members);
/* Makes one set of rules of several, and gives those that stay their final place. */
void merge_members(struct making *it);
struct known_name *find_name(const struct object_rules *rules, const struct known_name *name);
/* A copy that has room for so many names, and is not part of the program yet. */
struct object_rules *copy_rules(const struct object_rules *from, size_t room, struct arena *arena);
/* Notes what nodes accept in all the rules made. */
void complete_members(struct compiler *compiler);
uint8_t accepted_by(const struct compiler *compiler, uint32_t node);

/* fast_survey.c */
/* Makes what is in the code from `own` on share one walk over the members, if it can. It belongs to
 * one object for which OP_REST asks. NULL: there is none, or it cannot. */
const struct survey *make_survey(struct compiler *compiler, size_t own);

/* fast_union.c */
void make_union(struct making *it, struct alternatives *alternatives, bool exactly_one);
void make_not(struct making *it, uint32_t node);
void make_if(struct making *it, const struct instruction *from);
void make_dependencies(struct making *it, const struct dependencies *dependencies);

/* fast_track.c */
/* The keyword of a node that asks, for this kind; or NULL. */
const struct instruction *unevaluated_of(const struct node *node, unsigned kind);
/* Notes what a keyword looks at. */
void note_evaluated(struct making *it, const struct instruction *from);
/* The node's instructions, as part of this run. */
void make_included(struct making *it, uint32_t node);
/* The node as a branch, with a source of its own if it looks at something. */
struct branch make_branch(struct making *it, uint32_t node);
/* What `unevaluated*` asks of what nobody has looked at; the last of a run. */
void make_unevaluated(struct making *it, const struct instruction *from);
