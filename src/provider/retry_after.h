/* provider/retry_after.h
 * How long a provider asks to be left alone: the delay hint of a reply, out of its header fields
 * and, where there are none, its body. Reads foreign bytes and is pure: fields are handed in one at
 * a time in any order; the order, and fields that are repeated, make no difference. A zeroed value
 * has read nothing.
 *
 * The first of these that says something sane counts:
 *   retry-after-ms    milliseconds (OpenAI, Azure)
 *   retry-after       seconds or an HTTP date (RFC 9110 section 10.2.3)
 *   the body          a duration the dialect found there (RetryInfo.retryDelay of Gemini)
 *   the resets of rate limits: {x-ratelimit,anthropic-ratelimit}-reset-... and ...-reset
 * A reset is a Go duration ("1m30s": OpenAI, Groq), an RFC 3339 time (Anthropic), an epoch in
 * milliseconds (OpenRouter) or seconds, or plain seconds (Together). Of several limits those that
 * are told to be used up count; if none is, all but a request limit that has requests left. The
 * longest of them is the wait.
 *
 * Instants are measured from the reply's own Date where it has one, so clocks need not agree. What
 * is unreadable, not in the future or further away than RETRY_AFTER_MAX_MS is no hint. */
#pragma once
#include "provider/http_head.h"

#define RETRY_AFTER_MAX_MS (7 * UINT64_C(86400000))

/* A wait, told as a span, as an instant, or not at all (both 0). */
struct retry_moment {
    uint64_t wait_ms;
    int64_t at_ms; /* since 1970 */
};

enum retry_limit {
    RETRY_LIMIT_REQUESTS,
    RETRY_LIMIT_TOKENS,
    RETRY_LIMIT_INPUT_TOKENS,
    RETRY_LIMIT_OUTPUT_TOKENS,
    RETRY_LIMIT_COUNT
};

struct retry_after {
    /* the reader's own */
    struct retry_moment exact, told, body, resets[RETRY_LIMIT_COUNT];
    bool used_up[RETRY_LIMIT_COUNT], has_left[RETRY_LIMIT_COUNT];
    bool retry_told, retry_forbidden;
    int64_t date_ms;
};

/* Takes notice of a header field; most are of no interest. The name in any case. Only refusals need
 * be read: about 50 ns a field, 1 us a date. */
void retry_after_read(struct retry_after *after, struct text name, struct text value);
/* Takes notice of all fields of a head. */
void retry_after_read_head(struct retry_after *after, const struct http_head *head);
/* Takes notice of a duration in the body: "17s", "0.5s". */
void retry_after_read_body(struct retry_after *after, struct text duration);

/* The wait from now on, at least 1 and at most RETRY_AFTER_MAX_MS; 0 when there is no hint. */
uint64_t retry_after_wait_ms(const struct retry_after *after, int64_t wall_ms);

/* What x-should-retry says, which goes before what the status means. */
enum retry_advice { RETRY_ADVICE_NONE, RETRY_ADVICE_YES, RETRY_ADVICE_NO };
enum retry_advice retry_after_advice(const struct retry_after *after);
