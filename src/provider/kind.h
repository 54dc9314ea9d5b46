/* provider/kind.h
 * The kinds of provider that a configuration can name: which dialect they speak, where they are,
 * and what they do differently. One row each; nothing else knows a vendor by name. */
#pragma once
#include "provider/dialect.h"

/* How a host that speaks Chat Completions is told how much to think. */
enum host_effort {
    EFFORT_WORD,     /* reasoning_effort */
    EFFORT_OBJECT,   /* reasoning: {effort}, {enabled: false} for none */
    EFFORT_THINKING, /* reasoning_effort, and thinking: {type: disabled} for none */
    EFFORT_ENABLED,  /* reasoning_effort, and reasoning: {enabled: false} for none */
    EFFORT_TEMPLATE  /* variables of the chat template */
};

/* What hosts that speak Chat Completions do differently from one another. */
struct host_habits {
    const char *limit;      /* the name of the token limit for models that do not reason */
    const char *seed;       /* the name of the seed; NULL: there is none */
    const char *key_header; /* that carries the key alone; NULL: Authorization: Bearer */
    const char *thoughts;   /* where reasoning goes back beside the calls that it led to; NULL: it
                               does not */
    enum host_effort effort;
    bool stream_options; /* takes them; others refuse them or send usage unasked */
    bool schemas;        /* takes response_format json_schema */
    bool loose_schemas;  /* also one that is not strict, as a hint; others compile or refuse it */
    bool schemas_alone;  /* no response_format with tools, nor in a stream */
    bool strict_tools;   /* takes strict tools */
    bool base64_vectors; /* writes embeddings as base64 when asked to */
    bool token_texts;    /* takes texts to embed as the numbers of their tokens */
    bool deployments;    /* the model may be a part of the path (Azure's dated API) */
};

struct provider_kind {
    const char *name; /* as pinion.yaml writes it, and as prices are listed under */
    const struct dialect *dialect;
    const char *base_url;     /* where it is when that is not said; NULL: it must be said */
    const char *lower;        /* its structured output (schema/lower.h); NULL: it has none */
    const char *key_variable; /* what its key is usually called, for hints; NULL: it takes none */
    struct host_habits habits;
};

/* By name, or by another name it is known under ("google" for gemini), or NULL. */
const struct provider_kind *kind_find(struct text name);
enum { KINDS_MAX = 32 };
/* Fills out_names[KINDS_MAX] with all names, for "did you mean"; returns how many. */
size_t kind_names(struct text *out_names);
/* The kind whose own host this is, or NULL: "kind: openai" with another vendor's base URL is that
 * vendor. */
const struct provider_kind *kind_of_host(struct text host);
/* Whose habits count for calls to this provider: the vendor's whose own host it is; else those of
 * its kind, but for "kind: openai" somewhere else, which is any compatible host. */
const struct provider_kind *kind_at(const struct provider *provider);
/* The model that a name stands for at this provider: the name itself, unless it is a deployment's.
 */
struct text kind_model(const struct provider *provider, struct text model);
/* Whether texts are turned into vectors there, in that dialect; as numbers of tokens only where
 * that is said. */
bool kind_embeds(const struct provider *provider, const struct dialect *dialect, bool token_texts);
/* The name of the dialect that is called so, which is static; NULL: there is none. */
const char *kind_dialect_name(struct text name);
/* The dialect in which this model is spoken to there: OpenAI's models that take Responses only are.
 */
const struct dialect *kind_dialect(const struct provider *provider, struct text model);
