/* schema/marks.h
 * Which members of one object, or items of one array, some keyword has evaluated: one bit each, in
 * order. Sets live on a stack of the run: what is begun last ends first. */
#pragma once
#include "schema/run.h"

struct marks {
    size_t at;    /* in run->words */
    size_t count; /* of words */
};

/* An empty set for the members or items of a container. */
struct marks marks_begin(struct run *run, uint32_t container);
/* Drops it and all that were begun later. */
void marks_end(struct run *run, struct marks marks);
void marks_set(struct run *run, struct marks marks, uint32_t index);
void marks_set_all(struct run *run, struct marks marks);
bool marks_has(const struct run *run, struct marks marks, uint32_t index);
/* Adds those of another set over the same container. */
void marks_add(struct run *run, struct marks to, struct marks from);
