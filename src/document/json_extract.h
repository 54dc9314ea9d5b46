/* document/json_extract.h
 * Finds the JSON in what a model wrote. Four steps, and the first that yields something readable
 * ends the search:
 *   1. the whole text;
 *   2. the text without one leading <think>...</think> and outer white space;
 *   3. fenced blocks (``` or ~~~), those inside a JSON value not counted;
 *   4. values that begin with { or [ outside fences, each read by the strict reader to its end.
 * What lies inside a bracket that is not readable is a part of something and not looked at. One
 * value in a step is taken, whether it satisfies the schema or not. Of several, those that satisfy
 * it count, and exactly one must. Linear in time and memory, whatever the text. */
#pragma once
#include "document/json_repair.h"

enum json_step { JSON_NOWHERE, JSON_WHOLE, JSON_AFTER_THINKING, JSON_FENCED, JSON_EMBEDDED };
const char *json_step_name(enum json_step step);

/* All zero: any root, nothing repaired, and several values always too many. */
struct json_extract_options {
    const struct json_limits *limits; /* of each value; NULL: the reader's own */
    unsigned roots; /* 1 << enum cell_type for each type the value may have; 0: not known. Without
                       arrays and objects step 4 is left out */
    bool (*fits)(void *context, const struct document *document); /* NULL: every value does */
    void *context;
    bool repair;   /* where nothing is readable, each step is tried again with json_repair, and
                      only what fits then counts; and a string may be unwrapped */
    bool complete; /* for json_repair: the model stopped by itself */
};

struct json_extract {
    struct document document;
    enum json_step step;
    size_t offset, len;            /* where in the text it was written */
    size_t found;                  /* values in that step; when it failed, too */
    size_t fitting;                /* of several, those that satisfy the schema */
    const struct json_edit *edits; /* offsets are in the whole text */
    size_t edit_count;
    size_t work_bytes; /* bytes read, all attempts together: at most JSON_EXTRACT_WORK times those
                          of the text */
};
enum { JSON_EXTRACT_WORK = 20 };

/* Searches `text` (kept). On failure returns false with ERROR_OUTPUT_NOT_JSON: either nothing was
 * readable, and the message and `at` say where the text, taken as JSON, is wrong; or out->found is
 * above 1. The document lives in the arena. */
bool json_extract(struct text text, const struct json_extract_options *options, struct arena *arena,
                  struct json_extract *out, struct error *err);
