/* tools/bench/schema/workload.h
 * One folder of benchmark data: a schema, documents that satisfy it and documents that do not. */
#pragma once
#include "schema/schema.h"

/* Documents as bytes and as read. */
struct samples {
    struct text *texts;
    struct document *documents;
    size_t count;
    double bytes; /* of one, on average */
};
struct workload {
    struct text name;
    struct text schema_text;
    const struct schema *schema;
    struct samples valid, invalid;
    struct arena arena; /* owns all of it, and must not move */
};

/* Reads `folder`/name. Ends the program when something is missing or a verdict is wrong. */
void workload_load(struct workload *workload, const char *folder, const char *name);
