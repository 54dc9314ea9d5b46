/* schema/lower.h
 * The dialects of JSON Schema that providers' structured output takes, and whether a schema is in
 * one of them as it is written. */
#pragma once
#include "document/document.h"

struct lower_dialect;

/* "openai", "azure", "groq", "mistral", "anthropic", "gemini", "gemini-openapi", "cohere",
 * "ollama", "llamacpp", "vllm"; NULL when there is none of that name. */
const struct lower_dialect *lower_dialect_find(struct text name);
struct text lower_dialect_name(const struct lower_dialect *dialect);
/* The dialects from 0 on; NULL behind the last. */
const struct lower_dialect *lower_dialect_at(size_t index);

/* Whether the dialect takes the schema at cell `root` as it is written, limits included; if not and
 * `out_problem` is not NULL, one phrase why. Bounded; allocates nothing. */
bool lower_dialect_takes(const struct lower_dialect *dialect, const struct document *document,
                         uint32_t root, const char **out_problem);
