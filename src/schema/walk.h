/* schema/walk.h
 * Private to the outline: the walk that finds schemas, and what they are called. */
#pragma once
#include "schema/outline.h"

struct visit {
    uint32_t cell;
    uint32_t resource;
    uint32_t nesting;
    bool no_boolean; /* draft-04 has schemas that are true or false only after `additional...` */
};
/* One walk through a part, or through a place that a reference showed to be a schema. */
struct walk {
    struct outline *outline;
    struct visit *stack;
    size_t count, room;
    uint32_t root; /* of the part */
    bool names;    /* identifiers are registered */
};

/* Visits a place and every schema within it. */
void walk_run(struct walk *walk, struct visit first);

/* identifier.c: the resource that a schema begins by its identifier, or the one it is in. */
uint32_t walk_enter_resource(struct walk *walk, const struct visit *visit);
/* Registers the anchor that a keyword makes, if it does. */
void walk_note_anchor(struct walk *walk, const struct visit *visit, enum keyword keyword,
                      uint32_t value);
uint32_t outline_add_resource(struct outline *outline, struct text uri, uint32_t cell,
                              uint32_t parent, struct dialect dialect);
/* RESOURCE_NONE when none that is known has this URI. */
uint32_t outline_find_resource(const struct outline *outline, struct text uri);
