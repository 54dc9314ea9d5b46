/* schema/follow.h
 * Private to following: what is still asked of a text that arrives in pieces.
 *
 * What a schema asks of the containers that are open, and of a string that was cut, are tasks; each
 * open value has a frame of them. A task stands in a world: outside every alternative, or in one of
 * the alternatives of a union, a negation or a condition, which form a group. What fails ends its
 * world; a group whose worlds have ended in a way that it cannot stand ends the world it is in; and
 * when the outermost world ends, nothing that could follow would fit. So alternatives are followed
 * side by side, and a tag makes all but one of them end as soon as it is read.
 *
 * What cannot be followed is a task that collects the value and runs the node over it at its end.
 */
#pragma once
#include "document/json_push.h"
#include "schema/run.h"

enum {
    FOLLOW_ALTERNATIVES_MAX = 8, /* of a union followed side by side */
    FOLLOW_TAGGED_MAX = 64,      /* of one whose alternatives soon end, but for one */
    FOLLOW_WORLDS_MAX = 128,     /* at a time */
    FOLLOW_TASKS_MAX = 256,      /* of one value */
    FOLLOW_ASKED_MAX = 2000,     /* nodes that one value's tasks come from */
};
#define FOLLOW_ALIVE SIZE_MAX

struct follow_world {
    size_t ended_at; /* the byte; FOLLOW_ALIVE: it has not */
    uint32_t group;  /* it is an alternative of */
};
enum follow_group_kind { GROUP_ANY, GROUP_ONE, GROUP_NOT, GROUP_IF };
struct follow_group {
    enum follow_group_kind kind;
    uint32_t parent; /* world */
    uint32_t first, count;
};

enum follow_task_kind {
    TASK_COUNT, /* least to most children */
    TASK_MEMBERS,
    TASK_ITEMS, /* node, for the items from `least` on */
    TASK_TUPLE,
    TASK_LENGTH, /* least to most code points */
    TASK_CHOICE,
    TASK_PATTERN, /* of an automaton: refuses on the byte after which nothing matches */
    TASK_REGEX,   /* another pattern, at the end */
    TASK_FORMAT,
    TASK_WHOLE, /* node, for the value itself at its end */
};
struct follow_task {
    uint8_t kind;
    uint8_t keyword; /* it comes from */
    bool closed;     /* members: only declared names may be there */
    uint32_t world, node;
    uint32_t expected;  /* members: the slot that comes next if they follow the schema's order */
    uint32_t requested; /* members: how many of the required ones are there */
    const struct instruction *from;
    union {
        struct {
            uint64_t least, most;
        };
        struct pattern_walk walk; /* of a pattern that is an automaton */
    };
};

/* An open container, or a string that is looked at in parts. */
struct follow_frame {
    size_t tasks_from, worlds_from, groups_from;
    uint64_t count, most; /* children begun; how many all tasks allow */
    bool array;
    bool closed; /* for some task: names are looked at while they are read */
};
/* The rule for which a name that was cut may be there, and how far that is known: of the task that
 * asked last. Only of patterns whose walks may be copied. */
struct follow_passing {
    const struct follow_task *task; /* NULL: of none */
    size_t walked;                  /* bytes of the name */
    struct pattern_walk walk;
};
/* What the next value must satisfy. */
struct follow_value {
    uint32_t node, world;
};

struct schema_follower {
    const struct schema *schema;
    struct arena *arena;
    struct json_push push;
    struct run run;
    struct document scalar; /* of the one cell in `push` */
    size_t now;             /* where the event begins: worlds that ended before are passed over */
    size_t refused_at;
    uint8_t keyword; /* that ended a world last */
    bool any_string; /* that comes in parts will do: it has no frame */
    bool begun;      /* the value whose number has begun is due */
    struct follow_passing passing;

    struct follow_frame *frames;
    struct follow_task *tasks;
    struct follow_world *worlds;
    struct follow_group *groups;
    struct follow_value *values;
    size_t frame_count, task_count, world_count, group_count, value_count;
    size_t frame_room, task_room, world_room, group_room, value_room;
};

static inline struct follow_frame *follow_top(struct schema_follower *f)
{
    return &f->frames[f->frame_count - 1];
}
/* Whether a world had not ended when this event began. */
static inline bool follow_alive(const struct schema_follower *f, uint32_t world)
{
    return f->worlds[world].ended_at >= f->now;
}
/* Whether the node admits values of a kind; of any kind. */
static inline uint32_t follow_entry(const struct schema_follower *f, uint32_t node, unsigned kind)
{
    return node == NODE_NONE ? (uint32_t)ENTRY_ACCEPT : f->schema->nodes[node].entry[kind];
}
static inline bool follow_admits_none(const struct schema_follower *f, uint32_t node)
{
    const uint32_t *entry = f->schema->nodes[node].entry;
    uint32_t all = 0;

    for (unsigned kind = 0; kind < KIND_COUNT; kind++)
        all |= entry[kind] ^ ENTRY_REJECT;
    return all == 0;
}

/* follow_world.c */
/* A group of `count` new worlds in `parent`; returns the first of them. What lay in f->groups and
 * f->worlds may have moved. */
uint32_t follow_group(struct schema_follower *f, enum follow_group_kind kind, uint32_t parent,
                      uint32_t count);
/* Ends a world on that byte, and whatever falls with it. */
void follow_fail(struct schema_follower *f, uint32_t world, size_t byte, enum keyword keyword);
/* The value of the top frame ends on that byte: settles its groups and drops the frame. */
void follow_settle(struct schema_follower *f, size_t byte);

/* follow_ask.c */
/* One more thing that the next value must satisfy. */
void follow_expect(struct schema_follower *f, uint32_t node, uint32_t world);
/* A frame for the value that begins at `start`, with the tasks of all that was expected of it. */
void follow_open(struct schema_follower *f, unsigned kind, size_t start);
/* Whether the scalar cell in f->push satisfies a node of that entry. */
bool follow_runs(struct schema_follower *f, uint32_t node);

static inline bool follow_holds(struct schema_follower *f, uint32_t node)
{
    uint32_t entry = follow_entry(f, node, cell_kind(&f->push.cell));

    return entry < ENTRY_FIRST ? entry == ENTRY_ACCEPT : follow_runs(f, node);
}

/* follow_members.c: on the events of a name, the top frame being an object's. */
void follow_name_start(struct schema_follower *f);
void follow_name_part(struct schema_follower *f);
void follow_name(struct schema_follower *f);
/* The byte that makes a text differ from all names: of `text`, or its length when it begins one. */
size_t follow_common(const struct slot *slots, uint32_t count, struct text text);

/* follow_string.c: on the events of a string. */
void follow_string_start(struct schema_follower *f);
void follow_string_part(struct schema_follower *f);
void follow_string(struct schema_follower *f);
