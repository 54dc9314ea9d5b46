/* schema/describe.h
 * Private to describing: one finding on its way to become a violation. */
#pragma once
#include "schema/plain.h"
#include "schema/words.h"

/* What is being described, and with what. */
struct describing {
    const struct run *run;
    const struct finding *finding;
    const struct document *schema;
    struct arena *arena;
    char *free;             /* where the next text is written */
    struct buffer scratch;  /* where values of the schema become JSON */
    struct words *expected; /* in short: "integer" */
    struct words *message;  /* the sentence so far; the demand follows: "must be an integer" */
    uint32_t container;     /* cell of the object or array the value is in */
    bool plain_path;        /* the instance path has no bytes that a line may not have */
    bool in_brief;          /* a part of another sentence: no part of its own */
    bool tells_found;       /* ", found a string" makes sense behind it */
    struct text suggestion; /* a name that may have been meant */
};

/* expect.c. Puts what was expected into `expected` and, as a demand, behind `message`; sets
 * `suggestion` and `tells_found`. */
void describe_expected(struct describing *it);
/* expect_form.c. The same for what is about a form rather than a value: fields, alternatives. */
void expect_missing(struct describing *it);
void expect_nothing(struct describing *it);
void expect_not(struct describing *it);
void expect_contained(struct describing *it);
void expect_tag(struct describing *it);
void expect_alternative_types(struct describing *it);
void expect_alternatives(struct describing *it);

/* Expected values that are types: "integer" and "must be an integer". */
void expect_types(struct describing *it, uint8_t kinds);
/* Sets the suggestion: the name nearest to what was written, if it is near. */
void describe_suggestion(struct describing *it, struct text wrong, const struct text *names,
                         size_t count);
/* Puts a demand that is no more than the expectation behind `lead`. */
void describe_demand(struct describing *it, struct text lead);
/* "a string of 3 characters" */
void describe_with_article(struct words *words, struct text noun);
/* The schema's `title`, or an empty text. */
struct text describe_title(const struct describing *it, uint32_t schema);

/* The way through the schema as a JSON Pointer: "/properties/lines/items/$ref". */
void describe_path(struct words *words, const struct kept_step *path);
/* The absolute location of a cell of the schema: the URI of its resource, '#', and the pointer in
 * the form it has in URIs (RFC 6901 section 6). */
void describe_location(struct words *words, const struct schema *schema, uint32_t cell);

static inline const struct cell *describe_cell(const struct describing *it)
{
    return &it->run->cells[it->finding->cell];
}
