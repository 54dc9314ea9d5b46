/* base/error.h
 * What the world does wrong, as a value: filled once, where the cause is known, passed up
 * untouched. The code fixes the HTTP status, the type and the word clients match on. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* One row per failure: name, HTTP status, type, code word, what `x-should-retry` says:
 * RETRY_UNSAID sends no header. */
#define ERROR_CODES(X)                                                                             \
    X(NONE, 200, "", "", RETRY_UNSAID)                                                             \
    /* the request */                                                                              \
    X(INVALID_JSON, 400, "invalid_request_error", "invalid_json", RETRY_UNSAID)                    \
    X(INVALID_REQUEST, 400, "invalid_request_error", "invalid_request", RETRY_UNSAID)              \
    X(UNKNOWN_FIELD, 400, "invalid_request_error", "unknown_field", RETRY_UNSAID)                  \
    X(TEMPLATE_ERROR, 400, "invalid_request_error", "template_error", RETRY_UNSAID)                \
    X(ROLE_NOT_ALLOWED, 422, "invalid_request_error", "role_not_allowed", RETRY_NO)                \
    X(PARAMETER_NOT_ALLOWED, 422, "invalid_request_error", "parameter_not_allowed", RETRY_NO)      \
    X(INPUT_SCHEMA_VIOLATION, 422, "input_schema_error", "input_schema_violation", RETRY_NO)       \
    X(METHOD_NOT_ALLOWED, 405, "invalid_request_error", "method_not_allowed", RETRY_UNSAID)        \
    X(BODY_TOO_LARGE, 413, "invalid_request_error", "body_too_large", RETRY_UNSAID)                \
    X(UNSUPPORTED_MEDIA_TYPE, 415, "invalid_request_error", "unsupported_media_type",              \
      RETRY_UNSAID)                                                                                \
    X(HEAD_TOO_LARGE, 431, "invalid_request_error", "head_too_large", RETRY_UNSAID)                \
    /* the caller */                                                                               \
    X(MISSING_TOKEN, 401, "authentication_error", "missing_token", RETRY_UNSAID)                   \
    X(INVALID_TOKEN, 401, "authentication_error", "invalid_token", RETRY_UNSAID)                   \
    X(EXPIRED_TOKEN, 401, "authentication_error", "expired_token", RETRY_UNSAID)                   \
    X(REVOKED_TOKEN, 401, "authentication_error", "revoked_token", RETRY_UNSAID)                   \
    X(SCOPE_DENIED, 403, "permission_error", "scope_denied", RETRY_UNSAID)                         \
    X(ORIGIN_DENIED, 403, "permission_error", "origin_denied", RETRY_UNSAID)                       \
    X(RATE_LIMITED, 429, "rate_limit_error", "rate_limit_exceeded", RETRY_BY_DELAY)                \
    X(CONCURRENCY_LIMITED, 429, "rate_limit_error", "concurrency_limit_exceeded", RETRY_BY_DELAY)  \
    /* what it asks for */                                                                         \
    X(ENDPOINT_NOT_FOUND, 404, "not_found_error", "endpoint_not_found", RETRY_UNSAID)              \
    X(MODEL_NOT_FOUND, 404, "not_found_error", "model_not_found", RETRY_UNSAID)                    \
    X(ENDPOINT_SUNSET, 410, "not_found_error", "endpoint_sunset", RETRY_NO)                        \
    X(ROUTE_NOT_FOUND, 404, "not_found_error", "not_found", RETRY_UNSAID)                          \
    X(TOKEN_NOT_FOUND, 404, "not_found_error", "token_not_found", RETRY_UNSAID)                    \
    X(VERSION_NOT_FOUND, 404, "not_found_error", "version_not_found", RETRY_UNSAID)                \
    X(RULE_NOT_FOUND, 404, "not_found_error", "rule_not_found", RETRY_UNSAID)                      \
    X(LOG_NOT_FOUND, 404, "not_found_error", "log_not_found", RETRY_UNSAID)                        \
    X(TOKEN_IS_REVOKED, 409, "conflict_error", "token_is_revoked", RETRY_NO)                       \
    X(PROJECT_NOT_FOUND, 404, "not_found_error", "project_not_found", RETRY_UNSAID)                \
    X(SECRET_NOT_FOUND, 404, "not_found_error", "secret_not_found", RETRY_UNSAID)                  \
    X(BACKUP_NOT_FOUND, 404, "not_found_error", "backup_not_found", RETRY_UNSAID)                  \
    X(BACKUP_CONFLICT, 409, "conflict_error", "backup_conflict", RETRY_NO)                         \
    X(SESSION_NOT_FOUND, 404, "not_found_error", "session_not_found", RETRY_UNSAID)                \
    X(RESPONSE_NOT_FOUND, 404, "not_found_error", "response_not_found", RETRY_UNSAID)              \
    X(PREVIOUS_RESPONSE_NOT_FOUND, 400, "invalid_request_error", "previous_response_not_found",    \
      RETRY_UNSAID)                                                                                \
    X(THREAD_UNSUPPORTED, 400, "invalid_request_error", "thread_unsupported_request", RETRY_NO)    \
    X(ITEM_NOT_FOUND, 404, "not_found_error", "item_not_found", RETRY_UNSAID)                      \
    X(SESSION_EXPIRED, 410, "not_found_error", "session_expired", RETRY_NO)                        \
    X(SESSION_BUSY, 409, "conflict_error", "session_busy", RETRY_YES)                              \
    X(IDEMPOTENCY_IN_PROGRESS, 409, "conflict_error", "idempotency_in_progress", RETRY_YES)        \
    X(IDEMPOTENCY_KEY_REUSED, 422, "conflict_error", "idempotency_key_reused", RETRY_NO)           \
    X(OUTCOME_UNKNOWN, 409, "conflict_error", "outcome_unknown", RETRY_NO)                         \
    X(SESSION_FULL, 422, "conflict_error", "session_full", RETRY_NO)                               \
    X(MONTHLY_BUDGET_EXCEEDED, 422, "budget_error", "monthly_budget_exceeded", RETRY_NO)           \
    X(DAILY_BUDGET_EXCEEDED, 422, "budget_error", "daily_budget_exceeded", RETRY_NO)               \
    X(REQUEST_TOKENS_EXCEEDED, 422, "budget_error", "request_token_cap_exceeded", RETRY_NO)        \
    X(PRICE_UNKNOWN, 422, "budget_error", "price_unknown", RETRY_NO)                               \
    /* the model's answer */                                                                       \
    X(GUARDRAIL_BLOCKED, 422, "guardrail_error", "guardrail_blocked", RETRY_NO)                    \
    X(OUTPUT_LIMIT_EXCEEDED, 502, "upstream_error", "output_limit_exceeded", RETRY_NO)             \
    X(OUTPUT_SCHEMA_VIOLATION, 422, "output_schema_error", "output_schema_violation", RETRY_NO)    \
    X(OUTPUT_NOT_JSON, 422, "output_schema_error", "output_not_json", RETRY_NO)                    \
    X(OUTPUT_TRUNCATED, 422, "output_schema_error", "output_truncated", RETRY_NO)                  \
    /* the provider */                                                                             \
    X(UPSTREAM_FAILED, 502, "upstream_error", "upstream_failed", RETRY_NO)                         \
    X(UPSTREAM_INVALID_RESPONSE, 502, "upstream_error", "upstream_invalid_response", RETRY_NO)     \
    X(UPSTREAM_AUTH_FAILED, 502, "upstream_error", "upstream_auth_failed", RETRY_NO)               \
    X(UPSTREAM_UNREACHABLE, 502, "upstream_error", "upstream_unreachable", RETRY_NO)               \
    X(UPSTREAM_TLS, 502, "upstream_error", "upstream_tls", RETRY_NO)                               \
    X(UPSTREAM_DNS, 502, "upstream_error", "upstream_dns", RETRY_NO)                               \
    X(UPSTREAM_BLOCKED, 502, "upstream_error", "upstream_blocked", RETRY_NO)                       \
    X(UPSTREAM_PROTOCOL, 502, "upstream_error", "upstream_protocol", RETRY_NO)                     \
    X(UPSTREAM_TOO_LARGE, 502, "upstream_error", "upstream_too_large", RETRY_NO)                   \
    X(UPSTREAM_TRUNCATED, 502, "upstream_error", "upstream_truncated", RETRY_NO)                   \
    X(UPSTREAM_REJECTED, 400, "upstream_error", "upstream_rejected", RETRY_NO)                     \
    X(CONTEXT_LENGTH_EXCEEDED, 400, "invalid_request_error", "context_length_exceeded", RETRY_NO)  \
    X(UPSTREAM_RATE_LIMITED, 429, "upstream_error", "upstream_rate_limited", RETRY_BY_DELAY)       \
    X(UPSTREAM_OVERLOADED, 503, "upstream_error", "upstream_overloaded", RETRY_YES)                \
    X(UPSTREAM_TIMEOUT, 504, "upstream_error", "upstream_timeout", RETRY_NO)                       \
    /* this process */                                                                             \
    X(INTERNAL, 500, "server_error", "internal_error", RETRY_NO)                                   \
    X(OVERLOADED, 503, "server_error", "overloaded", RETRY_YES)                                    \
    X(SHUTTING_DOWN, 503, "server_error", "shutting_down", RETRY_YES)                              \
    X(STORAGE_FULL, 503, "server_error", "storage_full", RETRY_YES)                                \
    X(STORAGE_ERROR, 503, "server_error", "storage_error", RETRY_YES)                              \
    X(RECORD_DAMAGED, 500, "server_error", "record_damaged", RETRY_NO)                             \
    X(AUDIT_BROKEN, 500, "server_error", "audit_broken", RETRY_NO)                                 \
    X(MASTER_KEY_UNUSABLE, 500, "server_error", "master_key_unusable", RETRY_NO)               \
    X(CLIENT_CLOSED, 499, "client_error", "client_closed_request", RETRY_UNSAID)                   \
    /* this configuration, on the command line */                                                  \
    X(CONFIG_INVALID, 422, "invalid_request_error", "config_invalid", RETRY_NO)                \
    X(FILE_UNREADABLE, 500, "server_error", "file_unreadable", RETRY_NO)

enum error_retry { RETRY_UNSAID, RETRY_NO, RETRY_YES, RETRY_BY_DELAY };

enum error_code {
#define X(name, status, type, word, retry) ERROR_##name,
    ERROR_CODES(X)
#undef X
        ERROR_CODE_COUNT
};

struct error {
    enum error_code code;
    char message[256]; /* one sentence, lower case, no full stop; never a secret or prompt text */
    char at[160];      /* "routing/chat.yaml:12:5", "/messages/0/role", "byte 17"; may be empty */
    char hint[160];    /* what to do next; may be empty */
    unsigned retry_after_s; /* 0: not known */
};

struct error_row {
    int status;
    const char *type;
    const char *word;
    enum error_retry retry;
};
const struct error_row *error_row(enum error_code code);

/* Fills *err (unless it is NULL) and returns false, so a failing function ends in
 * `return error_set(...)`. `at` may be NULL. The hint is cleared. Long texts are cut at a code
 * point. */
bool error_set(struct error *err, enum error_code code, const char *at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Adds what to do next to a filled error. */
void error_hint(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
