/* demo/demo_instance.h
 * An instance of a JSON Schema made out of a text, without a model. */
#pragma once
#include "base/arena.h"
#include "document/document.h"

/* Gives compact JSON that satisfies the schema at cell `root`, with values taken from the text
 * where they can be. Deterministic. When every attempt fails the schema (it may be unsatisfiable)
 * the attempt with the fewest violations is given and *out_valid is false. Bounded in time: at most
 * a few thousand values an attempt, and a few dozen attempts. */
struct text demo_instance(const struct document *schema, uint32_t root, struct text caller_text,
                          struct arena *arena, bool *out_valid);
