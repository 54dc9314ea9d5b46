/* provider/anthropic_model.h
 * Private to the Anthropic dialect: what its models take, as a table. A Claude that is not in it
 * is taken for a newer one, and is sent only what every newer one takes. */
#pragma once
#include "base/text.h"

enum anthropic_sampling {
    SAMPLING_NONE, /* temperature and top_p are refused */
    SAMPLING_ONE,  /* either, not both */
    SAMPLING_ANY
};
enum anthropic_thinking {
    THINKING_NONE,     /* cannot */
    THINKING_BUDGET,   /* off unless it is given a budget of tokens */
    THINKING_ADAPTIVE, /* off unless it is asked for, then by effort */
    THINKING_DEFAULT,  /* on, by effort; can be switched off */
    THINKING_ALWAYS    /* on, by effort */
};
struct anthropic_model {
    const char *name; /* without "claude-" and without a date */
    enum anthropic_sampling sampling;
    enum anthropic_thinking thinking;
    bool xhigh;   /* knows the effort between high and max */
    bool forced;  /* can be told which tool to call; not while it thinks on a budget */
    bool prefill; /* goes on with an assistant message in last place */
    bool format;  /* structured output by output_config.format */
};

/* Never NULL. */
const struct anthropic_model *anthropic_model_find(struct text model);
