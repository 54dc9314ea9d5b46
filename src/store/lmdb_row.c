/* What each kind of command does here, one row each. */
#include "store/lmdb_impl.h"

#include "base/check.h"

/* clang-format off */
static const struct lmdb_row rows[STORE_KIND_COUNT] = {
    [STORE_TOKEN_PUT]      = {lmdb_put_token,      LMDB_WHEN_REVOKED},
    [STORE_TOKEN_CHANGE]   = {lmdb_change_token,   LMDB_WHEN_REVOKED},
    [STORE_TOKEN_PROVISION] = {lmdb_provision_token, LMDB_NEVER},
    [STORE_TOKEN_FIND]     = {lmdb_find_token,     LMDB_NEVER},
    [STORE_TOKEN_USED]     = {lmdb_note_uses,      LMDB_NEVER},
    [STORE_TOKEN_LIST]     = {lmdb_list_tokens,    LMDB_NEVER},
    [STORE_SESSION_READ]   = {lmdb_read_session,   LMDB_NEVER},
    [STORE_SESSION_APPEND] = {lmdb_append,         LMDB_NEVER},
    [STORE_SESSION_DELETE] = {lmdb_delete_session, LMDB_ALWAYS},
    [STORE_SESSION_REWIND] = {lmdb_rewind,         LMDB_ALWAYS},
    [STORE_SESSION_LIST]   = {lmdb_list_sessions,  LMDB_NEVER},
    [STORE_SESSION_ERASE]  = {lmdb_erase_sessions, LMDB_ALWAYS},
    [STORE_SESSION_PURGE]  = {lmdb_purge_sessions, LMDB_ALWAYS},
    [STORE_SECRET_PUT]     = {lmdb_put_secret,     LMDB_NEVER},
    [STORE_SECRET_DELETE]  = {lmdb_delete_secret,  LMDB_ALWAYS},
    [STORE_AUDIT_APPEND]   = {lmdb_append_audit,   LMDB_NEVER},
    [STORE_AUDIT_PURGE]    = {lmdb_purge_audit,    LMDB_ALWAYS},
    [STORE_AUDIT_READ]     = {lmdb_read_audit,     LMDB_NEVER},
    [STORE_SECRET_LIST]    = {lmdb_list_secrets,   LMDB_NEVER},
    [STORE_BUDGET_LEASE]   = {lmdb_lease_budgets,  LMDB_NEVER},
    [STORE_BUDGET_RETURN]  = {lmdb_return_budgets, LMDB_ALWAYS},
    [STORE_BUDGET_RECOVER] = {lmdb_recover_budgets, LMDB_ALWAYS},
    [STORE_BUDGET_READ]    = {lmdb_read_budgets,   LMDB_NEVER},
    [STORE_BUDGET_LIST]    = {lmdb_list_budgets,   LMDB_NEVER},
    [STORE_BUDGET_PURGE]   = {lmdb_purge_budgets,  LMDB_ALWAYS},
    [STORE_CONTENT_READ]   = {lmdb_read_content,   LMDB_NEVER},
    [STORE_CONTENT_DELETE] = {lmdb_delete_content, LMDB_ALWAYS},
    [STORE_CONTENT_ERASE]  = {lmdb_erase_content,  LMDB_ALWAYS},
    [STORE_LOG_PURGE]      = {lmdb_purge_log,      LMDB_ALWAYS},
    [STORE_LOG_READ]       = {lmdb_read_log,       LMDB_NEVER},
    [STORE_USAGE_READ]     = {lmdb_read_usage,     LMDB_NEVER},
    [STORE_ROLLUP_READ]    = {lmdb_read_rollups,   LMDB_NEVER},
    [STORE_LEDGER_APPEND]  = {lmdb_append_ledger,  LMDB_WITHOUT_ROWS},
    [STORE_IDEMPOTENCY_READ]  = {lmdb_read_idempotency,  LMDB_NEVER},
    [STORE_IDEMPOTENCY_BEGIN] = {lmdb_begin_idempotency, LMDB_NEVER},
    [STORE_IDEMPOTENCY_END]   = {lmdb_end_idempotency,   LMDB_ALWAYS},
    [STORE_IDEMPOTENCY_DROP]  = {lmdb_drop_idempotency,  LMDB_ALWAYS},
    [STORE_IDEMPOTENCY_PURGE] = {lmdb_purge_idempotency, LMDB_ALWAYS},
    [STORE_HISTORY_APPEND] = {lmdb_append_history, LMDB_NEVER},
    [STORE_HISTORY_READ]   = {lmdb_read_history,   LMDB_NEVER},
    [STORE_HISTORY_LIST]   = {lmdb_list_history,   LMDB_NEVER},
    [STORE_HISTORY_HEADS]  = {lmdb_list_heads,     LMDB_NEVER},
    [STORE_HISTORY_PINS]   = {lmdb_list_pins,      LMDB_NEVER},
    [STORE_CACHE_READ]     = {lmdb_read_cache,     LMDB_NEVER},
    [STORE_CACHE_PUT]      = {lmdb_put_cache,      LMDB_NEVER},
    [STORE_CACHE_ERASE]    = {lmdb_erase_cache,    LMDB_ALWAYS},
    [STORE_CACHE_PURGE]    = {lmdb_purge_cache,    LMDB_ALWAYS},
    [STORE_CACHE_DROP]     = {lmdb_drop_cache,     LMDB_ALWAYS},
    [STORE_CACHE_COUNT]    = {lmdb_count_cache,    LMDB_NEVER},
    [STORE_RESPONSE_READ]   = {lmdb_read_responses,  LMDB_NEVER},
    [STORE_RESPONSE_PUT]    = {lmdb_put_response,    LMDB_NEVER},
    [STORE_RESPONSE_DELETE] = {lmdb_delete_response, LMDB_ALWAYS},
    [STORE_RESPONSE_PURGE]  = {lmdb_purge_responses, LMDB_ALWAYS},
    [STORE_RESPONSE_ERASE]  = {lmdb_erase_responses, LMDB_ALWAYS},
    [STORE_CANARY_OFF]     = {lmdb_put_canary,     LMDB_ALWAYS},
    [STORE_CANARY_REARM]   = {lmdb_delete_canary,  LMDB_ALWAYS},
    [STORE_CANARY_LIST]    = {lmdb_list_canaries,  LMDB_NEVER},
    [STORE_WEBHOOK_PUT]    = {lmdb_put_webhooks,   LMDB_NEVER},
    [STORE_WEBHOOK_NEXT]   = {lmdb_next_webhook,   LMDB_NEVER},
    [STORE_WEBHOOK_SETTLE] = {lmdb_settle_webhook, LMDB_ALWAYS},
    [STORE_WEBHOOK_LIST]   = {lmdb_list_webhooks,  LMDB_NEVER},
    [STORE_WEBHOOK_COUNT]  = {lmdb_count_webhooks, LMDB_NEVER},
    [STORE_WEBHOOK_RETRY]  = {lmdb_retry_webhooks, LMDB_ALWAYS},
    [STORE_WEBHOOK_FORGET] = {lmdb_forget_webhooks, LMDB_ALWAYS},
    [STORE_WEBHOOK_PURGE]  = {lmdb_purge_webhooks, LMDB_ALWAYS},
    [STORE_NOTE_PUT]       = {lmdb_put_note,       LMDB_NEVER},
    [STORE_NOTE_LIST]      = {lmdb_list_notes,     LMDB_NEVER},
};
/* clang-format on */

const struct lmdb_row *lmdb_row(enum store_kind kind)
{
    CHECK(kind < STORE_KIND_COUNT && rows[kind].run != NULL);
    return &rows[kind];
}

bool lmdb_is_urgent(const struct store_command *command)
{
    switch (lmdb_row(command->kind)->urgent) {
    case LMDB_NEVER:
        return false;
    case LMDB_WHEN_REVOKED:
        return command->token.revoked_ms != 0;
    case LMDB_WITHOUT_ROWS:
        return command->ledger->row_count == 0;
    case LMDB_ALWAYS:
        return true;
    }
    NEVER("an urgency");
}
