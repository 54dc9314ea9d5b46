/* schema/lower.h
 * An author's schema in the dialect of a provider's structured output, and a model's answer back in
 * the author's terms.
 *
 * What is written takes at least every document the author's schema takes, but for two things that
 * dialects ask for: open objects are closed, and a member that may be missing is written as null.
 * schema_raise takes those nulls out again. What the dialect cannot say is left out, put into
 * `description` in plain words, and listed; the author's schema goes on being what is checked. */
#pragma once
#include "schema/schema.h"

struct lower_dialect;
struct lower_form;

/* "openai", "azure", "groq", "mistral", "anthropic", "gemini", "gemini-openapi", "cohere",
 * "ollama", "llamacpp", "vllm"; NULL when there is none of that name. */
const struct lower_dialect *lower_dialect_find(struct text name);
struct text lower_dialect_name(const struct lower_dialect *dialect);
/* The dialects from 0 on; NULL behind the last. */
const struct lower_dialect *lower_dialect_at(size_t index);

/* A keyword that is not, or not wholly, in what was written. */
struct lower_drop {
    struct text pointer; /* to the keyword: "#/properties/name/maxLength", or "other.json#/..." */
    struct text says;    /* what the description says instead, or what was done */
    uint32_t cell;       /* of the keyword's value, among those of the compiled schema */
    bool described;      /* the description says it */
    bool implied;        /* there is no such keyword: an object that only was not closed is now */
};

enum { LOWERED_BYTES_MAX = 256 * 1024 };

struct lowered {
    struct text text;     /* compact JSON; empty when the dialect cannot express the schema */
    struct text reason;   /* then, why: one phrase, lower case, no full stop */
    uint32_t reason_cell; /* and which schema is at fault, or CELL_NONE */
    const struct lower_drop *drops; /* in the order of the author's schema */
    size_t drop_count;
    bool writes_nulls;           /* some null may stand for a missing member: answers are raised */
    const struct schema *schema; /* the author's */
    const struct lower_form *form;
};

/* Writes the schema (kept) in the dialect, everything in the arena. Returns whether it can be
 * expressed: if not, the provider's plain JSON mode is what is left. Work and output are bounded,
 * whatever the schema. */
bool schema_lower(const struct schema *schema, const struct lower_dialect *dialect,
                  struct arena *arena, struct lowered *out);
/* A warning for each keyword that was dropped, of the first few, and for a schema that cannot be
 * expressed one. */
void lowered_tell(const struct lowered *lowered, const struct lower_dialect *dialect,
                  struct diagnostics *diagnostics);
/* The document as the author's schema means it: without the nulls that stand for missing members.
 * *out is the document itself when there are none, else has a text of its own, in the arena. */
void schema_raise(const struct lowered *lowered, const struct document *document,
                  struct arena *arena, struct document *out);

/* Whether the dialect takes the schema at cell `root` as it is written, limits included; if not and
 * `out_problem` is not NULL, one phrase why. Bounded; allocates nothing. */
bool lower_dialect_takes(const struct lower_dialect *dialect, const struct document *document,
                         uint32_t root, const char **out_problem);
