/* schema/describe.h
 * Private to describing: one finding on its way to become a violation. */
#pragma once
#include "base/buffer.h"
#include "schema/plain.h"

enum { POINTER_BYTES = 512, MESSAGE_BYTES = 300, EXPECTED_BYTES = 200, CHOICES_TOLD = 10 };

/* What is being described, and with what. */
struct describing {
    const struct run *run;
    const struct finding *finding;
    const struct document *schema;
    struct arena *arena;
    struct text expected;
    struct buffer demand;   /* "must be an integer" */
    struct text suggestion; /* a name that may have been meant */
    struct text subject;    /* "field '/a'" */
    bool tells_found;       /* ", found a string" makes sense */
};

/* Fills what was expected: `expected`, `demand`, `suggestion` and `tells_found`. */
void describe_expected(struct describing *describing);

/* The text, cut at a code point and ended by "..." when it has more bytes. */
struct text describe_cut(struct arena *arena, struct text text, size_t bytes);
/* "a string of 3 characters" */
struct text describe_with_article(struct arena *arena, struct text noun);
/* The keyword to name: the schema `false` is named after the keyword that led to it. */
enum keyword describe_keyword(const struct finding *finding);

static inline const struct cell *describe_cell(const struct describing *describing)
{
    return &describing->run->cells[describing->finding->cell];
}
static inline const char *describe_plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}
