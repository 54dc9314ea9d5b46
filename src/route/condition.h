/* route/condition.h
 * Private to route: one condition, compiled. */
#pragma once
#include "calendar/zone.h"
#include "route/rule.h"

enum {
    ROUTE_RULES_MAX = 256,       /* in one file */
    ROUTE_CONDITIONS_MAX = 2048, /* in one file, so that no request is held up by its rules */
    ROUTE_DEPTH_MAX = 16,        /* of all, any and not */
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
};
enum route_sticky { ROUTE_BY_REQUEST, ROUTE_BY_CALLER, ROUTE_BY_SESSION };
enum route_relation { ROUTE_GE, ROUTE_LE, ROUTE_GT, ROUTE_LT, ROUTE_EQ, ROUTE_NE };

struct route_condition {
    enum route_kind kind;
    enum route_relation relation; /* of a number */
    int64_t number;               /* likewise */
    size_t fact;                  /* offset in struct route_facts, of a number or flag */
    bool expected;                /* of a flag */
    uint8_t days;                 /* bit 0: Sunday */
    uint16_t from_min, to_min;    /* minutes of the local day; from > to wraps midnight */
    const struct zone *zone;      /* of a time or day; NULL: UTC */
    uint32_t share;               /* of a percentage: of ROUTE_DRAWS */
    enum route_sticky sticky;     /* likewise: who draws */
    uint64_t salt;                /* likewise */
    const struct route_condition *items;
    size_t count;
    struct text text; /* for explanations: "input_tokens >= 30000" */
};

/* Sunday first. */
extern const struct text route_day_names[7];

/* What one file's conditions share while they are compiled. */
struct route_compiler {
    const struct document *document;
    struct arena *arena;
    struct diagnostics *diagnostics;
    const struct zone *zones[32]; /* those named so far; beyond that they are loaded again */
    size_t zone_count;
    struct text rule; /* whose conditions are read */
    size_t conditions;
    size_t time_conditions; /* of those, the ones a time zone matters to */
};

/* Compiles the object at cell `at`, a `when`. Gives the condition, or NULL when it is empty; what
 * is wrong goes to the diagnostics. */
const struct route_condition *route_condition_compile(struct route_compiler *compiler, uint32_t at);

/* "a string", "an object": what stands at a cell, for messages. */
const char *route_found(const struct route_compiler *compiler, uint32_t at);

/* Readers of one value each; false after a diagnostic. They fill their own fields of *out, `text`
 * included. */
bool route_read_number(struct route_compiler *compiler, struct text name, uint32_t value,
                       struct route_condition *out);
bool route_read_flag(struct route_compiler *compiler, struct text name, uint32_t value,
                     struct route_condition *out);
bool route_read_time(struct route_compiler *compiler, uint32_t value, struct route_condition *out);
bool route_read_days(struct route_compiler *compiler, uint32_t value, struct route_condition *out);
/* `sticky` is the value beside it, or CELL_NONE. */
bool route_read_percent(struct route_compiler *compiler, uint32_t value, uint32_t sticky,
                        struct route_condition *out);
bool route_read_zone(struct route_compiler *compiler, uint32_t value, const struct zone **out);
