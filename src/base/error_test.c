#include "base/error.h"
#include "unit.h"

#include <stdio.h>

/* What clients are promised, word by word; a code is added here with its promise or falls under
 * what its status says. */
static const struct {
    int status;
    const char *type;
    enum error_retry retry;
    const char *words[5];
} promised[] = {
    // clang-format off
    {400, "invalid_request_error", RETRY_UNSAID,   {"invalid_json", "invalid_request", "unknown_field", "template_error"}},
    {422, "input_schema_error",    RETRY_NO,       {"input_schema_violation"}},
    {401, "authentication_error",  RETRY_UNSAID,   {"missing_token", "invalid_token", "expired_token", "revoked_token"}},
    {403, "permission_error",      RETRY_UNSAID,   {"scope_denied", "origin_denied"}},
    {404, "not_found_error",       RETRY_UNSAID,   {"endpoint_not_found", "session_not_found", "version_not_found"}},
    {405, "invalid_request_error", RETRY_UNSAID,   {"method_not_allowed"}},
    {413, "invalid_request_error", RETRY_UNSAID,   {"body_too_large"}},
    {415, "invalid_request_error", RETRY_UNSAID,   {"unsupported_media_type"}},
    {409, "conflict_error",        RETRY_YES,      {"idempotency_in_progress", "session_busy"}},
    {410, "not_found_error",       RETRY_NO,       {"endpoint_sunset", "session_expired"}},
    {422, "output_schema_error",   RETRY_NO,       {"output_schema_violation", "output_not_json", "output_truncated"}},
    {422, "budget_error",          RETRY_NO,       {"monthly_budget_exceeded", "request_token_cap_exceeded"}},
    {422, "conflict_error",        RETRY_NO,       {"idempotency_key_reused"}},
    {429, "rate_limit_error",      RETRY_BY_DELAY, {"rate_limit_exceeded", "concurrency_limit_exceeded"}},
    {500, "server_error",          RETRY_NO,       {"internal_error"}},
    {502, "upstream_error",        RETRY_NO,       {"upstream_failed", "upstream_invalid_response", "upstream_auth_failed"}},
    {503, "server_error",          RETRY_YES,      {"overloaded", "shutting_down"}},
    {504, "upstream_error",        RETRY_NO,       {"upstream_timeout"}},
    // clang-format on
};

static const struct error_row *row_named(const char *word)
{
    for (enum error_code code = 0; code < ERROR_CODE_COUNT; code++)
        if (strcmp(error_row(code)->word, word) == 0)
            return error_row(code);
    return NULL;
}

TEST(each_word_that_clients_were_promised_has_its_status_type_and_advice)
{
    for (size_t i = 0; i < sizeof promised / sizeof *promised; i++)
        for (size_t w = 0; promised[i].words[w] != NULL; w++) {
            const struct error_row *row = row_named(promised[i].words[w]);

            EXPECT(row != NULL);
            EXPECT_EQ(row->status, promised[i].status);
            EXPECT_STR(row->type, promised[i].type);
            EXPECT_EQ(row->retry, promised[i].retry);
        }
}

/* SDKs repeat 408, 409, 429 and whatever is 500 or more, unless they are told otherwise: there
 * nothing is left unsaid. */
TEST(whatever_sdks_repeat_by_themselves_says_whether_to)
{
    for (enum error_code code = ERROR_NONE + 1; code < ERROR_CODE_COUNT; code++) {
        const struct error_row *row = error_row(code);

        if (code == ERROR_CLIENT_CLOSED) /* nobody is there to be told */
            continue;
        if (row->status == 429)
            EXPECT_EQ(row->retry, RETRY_BY_DELAY);
        else if (row->status == 503)
            EXPECT_EQ(row->retry, RETRY_YES);
        else if (row->status >= 500 || row->status == 422 || row->status == 410)
            EXPECT_EQ(row->retry, RETRY_NO);
        else if (row->status == 408 || row->status == 409)
            EXPECT(row->retry == RETRY_YES || row->retry == RETRY_NO);
        else
            EXPECT(row->retry == RETRY_UNSAID || row->retry == RETRY_NO);
    }
}

TEST(words_are_of_one_code_each)
{
    for (enum error_code code = ERROR_NONE + 1; code < ERROR_CODE_COUNT; code++)
        EXPECT(row_named(error_row(code)->word) == error_row(code));
}
