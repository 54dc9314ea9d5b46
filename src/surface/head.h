/* surface/head.h
 * Headers by which the clients of a vendor's API are told what others are told in other words: what
 * is left of the limits, whose request it was, how long it took (OpenAI's API reference, "Debugging
 * requests" and "Rate limits in headers"; Anthropic's, "Rate limits: response headers"). */
#pragma once
#include "base/buffer.h"

struct surface_limit_names {
    const char *limit, *remaining, *reset;
};
struct surface_head {
    struct surface_limit_names calls, tokens;
    /* How it says when a limit is whole again. */
    void (*put_reset)(uint32_t reset_s, int64_t wall_ms, struct buffer *out);
    const char *id;      /* the request's, besides x-request-id; NULL: only that */
    const char *took_ms; /* NULL: nothing is said of it */
};

extern const struct surface_head surface_head_openai, surface_head_anthropic;
