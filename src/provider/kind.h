/* provider/kind.h
 * The kinds of provider that a configuration can name: which dialect they speak, where they are,
 * and what they do differently. One row each; nothing else knows a vendor by name. */
#pragma once
#include "provider/dialect.h"

/* What hosts that speak Chat Completions do differently from one another. */
struct host_habits {
    const char *limit;   /* the name of the token limit for models that do not reason */
    const char *seed;    /* the name of the seed; NULL: there is none */
    bool stream_options; /* takes them; others refuse them or send usage unasked */
    bool schemas;        /* takes response_format json_schema */
};

struct provider_kind {
    const char *name; /* as pinion.yaml writes it, and as prices are listed under */
    const struct dialect *dialect;
    const char *base_url;     /* where it is when that is not said; NULL: it must be said */
    const char *lower;        /* its structured output (schema/lower.h); NULL: it has none */
    const char *key_variable; /* what its key is usually called, for hints; NULL: it takes none */
    struct host_habits habits;
};

/* By name, or NULL. */
const struct provider_kind *kind_find(struct text name);
enum { KINDS_MAX = 32 };
/* Fills out_names[KINDS_MAX] with all names, for "did you mean"; returns how many. */
size_t kind_names(struct text *out_names);
/* The kind whose own host this is, or NULL: "kind: openai" with another vendor's base URL is that
 * vendor. */
const struct provider_kind *kind_of_host(struct text host);
/* The dialect in which this model of this kind is spoken to: models that take Responses only are.
 */
const struct dialect *kind_dialect(const struct provider_kind *kind, struct text model);
