/* provider/gemini_model.h
 * Private to the Gemini dialect: what its models take, as a table. A Gemini that is not in it is
 * taken for a newer one; what is no Gemini is sent only what every model takes. */
#pragma once
#include "base/text.h"

enum gemini_thinking {
    GEMINI_THINKS_AS_IT_LIKES, /* cannot think, or cannot be told how much */
    GEMINI_THINKS_A_BUDGET,    /* of tokens */
    GEMINI_THINKS_A_LEVEL      /* named */
};
struct gemini_model {
    enum gemini_thinking thinking;
    int budget_least, budget_most; /* BUDGET; the least switches it off where that can be done */
    const char *level_least;       /* LEVEL */
    bool xhigh;                    /* LEVEL: knows the one above high */
    bool penalties;                /* takes presence and frequency penalties */
    bool system;                   /* takes a system instruction */
    bool json;                     /* can be held to JSON, and to a schema */
    bool json_beside_tools;        /* also with tools in the request, unless one must be called */
    bool signatures;               /* wants the signature of a call back */
};

/* Never NULL. */
const struct gemini_model *gemini_model_find(struct text model);
