/* provider/failure.h
 * What went wrong with a call to a provider, and what follows from it: one row per kind says how
 * the client is told, under which failover condition the next target may answer, whether the same
 * target may be asked again, and whose fault it was. Whoever sees the failure first (a dialect, the
 * transport, the output check) names its kind; nothing later guesses it again from words. */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

/* When a failover target answers in place of the one that failed (`on` in an endpoint's file). */
enum failover_on {
    ON_NEVER = 0,
    ON_ERROR = 1,
    ON_TIMEOUT = 2,
    ON_RATE_LIMIT = 4,
    ON_INVALID = 8,
    ON_CONTEXT_LENGTH = 16,
    ON_ANY = 31
};
/* Whether the same target is worth another try. */
enum failure_retry {
    RETRY_NEVER,
    RETRY_SOON,  /* after a jittered back-off */
    RETRY_LATER, /* when the provider's own hint has passed */
    RETRY_KEY    /* at once, with another credential, if there is one */
};
/* Whom it counts against: the breaker of the target, the cool-down of a credential, nobody. */
enum failure_blame { BLAME_NOBODY, BLAME_TARGET, BLAME_KEY };

/* name, error code, failover condition, retry, blame */
#define FAILURES(X)                                                                                \
    X(NONE, "", NONE, ON_NEVER, RETRY_NEVER, BLAME_NOBODY)                                         \
    X(REQUEST, "bad_request", UPSTREAM_REJECTED, ON_NEVER, RETRY_NEVER, BLAME_NOBODY)              \
    X(BLOCKED, "content_blocked", UPSTREAM_REJECTED, ON_NEVER, RETRY_NEVER, BLAME_NOBODY)          \
    X(CONTEXT, "context_length", CONTEXT_LENGTH_EXCEEDED, ON_CONTEXT_LENGTH, RETRY_NEVER,          \
      BLAME_NOBODY)                                                                                \
    X(CREDENTIAL, "credential", UPSTREAM_AUTH_FAILED, ON_ERROR, RETRY_KEY, BLAME_KEY)              \
    X(QUOTA, "quota", UPSTREAM_FAILED, ON_ERROR, RETRY_KEY, BLAME_KEY)                             \
    X(MODEL, "unknown_model", UPSTREAM_FAILED, ON_ERROR, RETRY_NEVER, BLAME_NOBODY)                \
    X(RATE, "rate_limit", UPSTREAM_RATE_LIMITED, ON_RATE_LIMIT, RETRY_LATER, BLAME_KEY)            \
    X(OVERLOAD, "overloaded", UPSTREAM_OVERLOADED, ON_ERROR, RETRY_LATER, BLAME_TARGET)            \
    X(SERVER, "server_error", UPSTREAM_FAILED, ON_ERROR, RETRY_SOON, BLAME_TARGET)                 \
    X(ANSWER, "unreadable_answer", UPSTREAM_INVALID_RESPONSE, ON_ERROR, RETRY_SOON, BLAME_TARGET)  \
    X(GENERATION, "bad_generation", UPSTREAM_INVALID_RESPONSE, ON_INVALID, RETRY_SOON,             \
      BLAME_NOBODY)                                                                                \
    X(TIMEOUT, "timeout", UPSTREAM_TIMEOUT, ON_TIMEOUT, RETRY_NEVER, BLAME_TARGET)                 \
    X(TRANSPORT, "transport", UPSTREAM_UNREACHABLE, ON_ERROR, RETRY_SOON, BLAME_TARGET)            \
    X(REFUSED_ADDRESS, "blocked_address", UPSTREAM_BLOCKED, ON_ERROR, RETRY_NEVER, BLAME_TARGET)   \
    X(TOO_LARGE, "too_large", UPSTREAM_TOO_LARGE, ON_ERROR, RETRY_NEVER, BLAME_TARGET)             \
    X(OVERRUN, "overrun", OUTPUT_LIMIT_EXCEEDED, ON_NEVER, RETRY_NEVER, BLAME_TARGET)              \
    X(CUT, "cut", UPSTREAM_TRUNCATED, ON_ERROR, RETRY_SOON, BLAME_TARGET)                          \
    X(OPEN, "circuit_open", UPSTREAM_OVERLOADED, ON_ERROR | ON_TIMEOUT, RETRY_NEVER, BLAME_NOBODY) \
    X(OUTPUT, "invalid_output", OUTPUT_SCHEMA_VIOLATION, ON_INVALID, RETRY_NEVER, BLAME_NOBODY)   \
    X(GUARD, "guardrail", GUARDRAIL_BLOCKED, ON_NEVER, RETRY_NEVER, BLAME_NOBODY)

enum failure_kind {
#define X(name, word, code, on, retry, blame) FAILURE_##name,
    FAILURES(X)
#undef X
        FAILURE_KIND_COUNT
};

struct failure_row {
    const char *word; /* in attempts and metrics */
    enum error_code code;
    enum failover_on on;
    enum failure_retry retry;
    enum failure_blame blame;
};
const struct failure_row *failure_row(enum failure_kind kind);

struct failure {
    enum failure_kind kind;
    int status;              /* the provider's; 0: none came */
    uint64_t retry_after_ms; /* the provider's own hint; 0: none */
    struct error error; /* as the client is told, if nothing helps. Never a provider's words: they
                           may hold the prompt, or a key */
};

/* Fills *failure and returns false. `what` is one phrase of ours; `hint` may be NULL. */
bool failure_set(struct failure *failure, enum failure_kind kind, const char *hint,
                 const char *what, ...) __attribute__((format(printf, 4, 5)));
/* Likewise for what the transport says: the error as it is, its kind by its code. */
bool failure_of_error(const struct error *err, struct failure *failure);
/* A reply or event of a provider that cannot be read: "the provider's answer <what>", and where. */
bool failure_unreadable(struct failure *failure, const char *at, const char *what);

/* What a provider's error says of itself. Words are compared and searched, never repeated. */
struct failure_signs {
    int status;             /* 0: inside a stream or a 200 */
    struct text code, type; /* error.code, error.type, error.status, __type ...: any of them */
    struct text message;    /* only ever searched */
    struct text param;      /* the parameter that it names */
    uint64_t retry_after_ms;
};
/* Names the kind: by status first, then by words where a status has several meanings or there is
 * none (providers/README.md section 6). Returns false. */
bool failure_of_signs(const struct failure_signs *signs, struct failure *failure);
