/* schema/pattern_own.h
 * Private to the patterns: what one is, once compiled. */
#pragma once
#include "schema/pattern.h"
#include "schema/pattern_backtrack.h"
#include "schema/pattern_lazy.h"
#include "schema/pattern_table.h"

enum pattern_shape {
    SHAPE_ANY,
    SHAPE_OF_PREFIX,  /* begins with `literal` */
    SHAPE_OF_LITERAL, /* is `literal` */
    SHAPE_OF_RUN,     /* is a number of bytes of one set, as identifiers are */
};

/* `^[a-z0-9-]{36}$`: whether a byte is in the set does not depend on those before it. */
struct byte_run {
    size_t least, most;
    uint8_t inside[256]; /* 1: it is */
};

/* One of the three ways to match is there. */
struct pattern {
    struct text source;
    struct pattern_table table; /* if it has columns */
    struct pattern_lazy *lazy;
    struct backtracker *backtracker;
    enum pattern_shape shape;
    struct text literal;
    const struct byte_run *run;
};

/* Finds the shape of a pattern by its tree. */
void pattern_find_shape(struct pattern *pattern, const struct pattern_node *tree,
                        struct arena *arena, struct arena *scratch);
