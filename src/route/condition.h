/* route/condition.h
 * Private to route: one condition, compiled. */
#pragma once
#include "calendar/zone.h"
#include "route/rule.h"

enum {
    ROUTE_RULES_MAX = 256,       /* in one file */
    ROUTE_CONDITIONS_MAX = 2048, /* in one file, so that no request is held up by its rules */
    ROUTE_DEPTH_MAX = 16,        /* of all, any and not */
    ROUTE_VALUES_MAX = 64,       /* of one list */
    ROUTE_STEPS_MAX = 32,        /* of one JSON Pointer */
};

enum route_kind {
    ROUTE_ALL, /* every item holds */
    ROUTE_ANY, /* one item holds */
    ROUTE_NOT, /* its one item does not */
    ROUTE_NUMBER,
    ROUTE_FLAG,
    ROUTE_TIME,
    ROUTE_DAY,
    ROUTE_PERCENT,
    ROUTE_CALLER_NAME,
    ROUTE_CALLER_PROJECT,
    ROUTE_CALLER_TAG,
    ROUTE_HEADER,
    ROUTE_INPUT,
    ROUTE_HEALTH,
    ROUTE_P95,
};
enum route_sticky { ROUTE_BY_REQUEST, ROUTE_BY_CALLER, ROUTE_BY_SESSION };
enum route_relation { ROUTE_GE, ROUTE_LE, ROUTE_GT, ROUTE_LT, ROUTE_EQ, ROUTE_NE };

struct route_condition {
    enum route_kind kind;
    enum route_relation relation; /* of a number, a p95 or an input's value */
    int64_t number;               /* of a number or p95 */
    size_t fact;                  /* offset in struct route_facts, of a number or flag */
    bool expected;                /* of a flag; of a header without values: that it is there */
    uint8_t days;                 /* bit 0: Sunday */
    uint8_t states;               /* of health: bits of enum route_health */
    uint16_t from_min, to_min;    /* minutes of the local day; from > to wraps midnight */
    const struct zone *zone;      /* of a time or day; NULL: UTC */
    uint32_t share;               /* of a percentage: of ROUTE_DRAWS */
    enum route_sticky sticky;     /* likewise: who draws */
    uint64_t salt;                /* likewise */
    struct text name;             /* of a tag or a header */
    const struct text *values; /* of a caller's name, project or tag, or a header: any of these */
    size_t value_count;
    const struct text *steps; /* of an input: to its value */
    size_t step_count;
    const struct route_operand *operands; /* likewise: any of these */
    size_t operand_count;
    size_t need; /* of health or p95 */
    const struct route_condition *items;
    size_t count;
    struct text text; /* for explanations: "input_tokens >= 30000" */
};

/* Sunday first. */
extern const struct text route_day_names[7];
extern const struct text route_relations[ROUTE_NE + 1];
extern const struct text route_health_words[ROUTE_DOWN + 1];

/* What one file's conditions share while they are compiled. */
struct route_compiler {
    const struct document *document;
    struct arena *arena;
    struct diagnostics *diagnostics;
    const struct zone *zones[32]; /* those named so far; beyond that they are loaded again */
    size_t zone_count;
    struct text rule; /* whose conditions are read ... */
    size_t rule_index;
    size_t conditions;
    size_t time_conditions; /* of those, the ones a time zone matters to */
    struct route_need *needs;
    size_t need_count, need_room;
    unsigned asks; /* enum route_asks */
};

/* Where conditions stand: how deep, in which zone, and beside which others. */
struct route_place {
    unsigned depth;
    const struct zone *zone;
    uint32_t object; /* cell of the innermost one */
};

/* Compiles the object at cell `at`, a `when`. Gives the condition, or NULL when it is empty; what
 * is wrong goes to the diagnostics. */
const struct route_condition *route_condition_compile(struct route_compiler *compiler, uint32_t at);
/* Whether it holds whatever the facts are. */
bool route_condition_always(const struct route_condition *condition);

/* "a string", "an object": what stands at a cell, for messages. */
const char *route_found(const struct route_compiler *compiler, uint32_t at);
/* Refuses `part` of the string at `value`; an empty part means all of it. */
struct diagnostic *route_refuse_part(struct route_compiler *compiler, uint32_t value,
                                     struct text part, const char *expected);
/* Whether one more condition is allowed; says so once when it is not. */
bool route_count_condition(struct route_compiler *compiler, uint32_t at);
/* Notes a need of the rule; gives it to be filled further, and its index. */
struct route_need *route_need(struct route_compiler *compiler, enum route_need_kind kind,
                              uint32_t at, size_t *out_index);

/* Readers of one value each, `value` being the cell behind the condition's name; false after a
 * diagnostic. They fill their own fields of *out, `kind` and `text` included. */
typedef bool route_reader(struct route_compiler *compiler, const struct route_place *place,
                          uint32_t value, struct route_condition *out);
route_reader route_read_number, route_read_flag;   /* condition_value.c; `fact` is there */
route_reader route_read_time, route_read_days;     /* condition_time.c */
route_reader route_read_percent;                   /* condition_percent.c */
route_reader route_read_spend;                     /* condition_value.c; likewise */
route_reader route_read_caller, route_read_header; /* condition_caller.c */
route_reader route_read_input;                     /* condition_input.c */
route_reader route_read_health, route_read_p95;    /* condition_target.c */

bool route_read_zone(struct route_compiler *compiler, uint32_t value, const struct zone **out);
/* Takes the operator off the front of *rest, which is the string at `value` or its end; none means
 * equality, with *out_said false. False after a diagnostic. */
bool route_take_relation(struct route_compiler *compiler, uint32_t value, struct text *rest,
                         enum route_relation *out, bool *out_said);
/* A comparison with a whole number: *out's relation and number. `name` is for messages. */
bool route_read_comparison(struct route_compiler *compiler, struct text name, uint32_t value,
                           struct route_condition *out);
/* One string, or a list of them, none empty: the values of *out. `what` is for messages. */
bool route_read_values(struct route_compiler *compiler, const char *what, uint32_t value,
                       struct route_condition *out);
/* " == gold", " in gold, silver" */
void route_put_values(struct buffer *out, const struct route_condition *condition);
/* What a member of a mapping is called whose value is at `value`. */
static inline struct text route_name_of(const struct route_compiler *compiler, uint32_t value)
{
    return document_text(compiler->document, value - 1);
}
/* A mapping with at least one member; false after a diagnostic. `what` begins its message. */
bool route_expect_mapping(struct route_compiler *compiler, uint32_t value, const char *what,
                          const char *hint);
/* A mapping with a condition for each member, which all must hold; a single one stands for itself.
 * `member` reads the value of one, whose name is in the cell before. */
bool route_read_members(struct route_compiler *compiler, const struct route_place *place,
                        uint32_t mapping, route_reader *member, struct route_condition *out);

/* look.c: whether a condition that is no group holds, and what was seen. */
struct route_evaluation {
    const struct route_facts *facts;
    bool clocked; /* the three below are filled */
    const struct zone *zone;
    int minute, weekday; /* there and now; weekday 0 is Sunday */
};
void route_look(struct route_evaluation *evaluation, const struct route_condition *condition,
                struct route_look *out);
/* What was seen, in words; `input` is that of the facts, and both are still there. Of what no
 * caller wrote it may be NULL. */
void route_put_seen(const struct document *input, const struct route_look *look,
                    struct buffer *out);
