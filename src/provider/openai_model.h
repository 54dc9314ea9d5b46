/* provider/openai_model.h
 * What a model takes that is spoken to in Chat Completions, by vendor and the beginning of its
 * name: a table of the vendors' documentation, nothing else. Private to the provider room. */
#pragma once
#include "provider/kind.h"

/* In ascending order but for the last, which says nothing of how much. */
enum effort {
    EFFORT_NONE,
    EFFORT_MINIMAL,
    EFFORT_LOW,
    EFFORT_MEDIUM,
    EFFORT_HIGH,
    EFFORT_XHIGH,
    EFFORT_MAX,
    EFFORT_DEFAULT, /* Groq's word for: think */
    EFFORT_COUNT
};

struct openai_model {
    const char *kind;   /* NULL: OpenAI's own models, wherever they are */
    const char *prefix; /* of the name */
    unsigned efforts;   /* bits by enum effort; 0: it takes none */
    bool reasoning;     /* takes max_completion_tokens, and no sampling, seed, stop or penalties */
    bool samples_at_none; /* but temperature and top_p with the effort "none" */
    bool tools_at_none;   /* takes tools only with that effort */
    bool many_calls;      /* cannot be told to call one tool at a time */
    bool responses_only;  /* does not speak Chat Completions */
    bool no_schemas;      /* of a kind that has them: takes json_object only */
    const char *also;     /* members that every request has, as JSON; may be NULL */
};

/* The row of a model at a vendor, or NULL when nothing is known of it. */
const struct openai_model *openai_model_find(const struct provider_kind *kind, struct text model);
/* The strongest effort of the row that is not above the one asked for (a JSON string), else the
 * weakest above it: who asks for some thinking is not given none. NULL when the model takes no
 * effort. Words are checked where they come in. */
const char *openai_effort(const struct openai_model *model, struct text asked);
