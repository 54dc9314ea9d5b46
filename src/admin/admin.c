/* The admin listener's calls, one row each, with the verb that a credential needs for it. */
#include "admin/admin.h"

#include "admin/access.h"
#include "gateway/job.h"
#include "gateway/methods.h"
#include "gateway/paths.h"

/* clang-format off */
static const struct admin_row rows[] = {
    {"POST",   "/tokens",              ADMIN_TOKENS_WRITE, admin_create_token},
    {"GET",    "/tokens",              ADMIN_TOKENS_READ,  admin_list_tokens},
    {"GET",    "/tokens/{}",           ADMIN_TOKENS_READ,  admin_show_token},
    {"PATCH",  "/tokens/{}",           ADMIN_TOKENS_WRITE, admin_update_token},
    {"POST",   "/tokens/{}/rotate",    ADMIN_TOKENS_WRITE, admin_rotate_token},
    {"POST",   "/tokens/{}/revoke",    ADMIN_TOKENS_WRITE, admin_revoke_token},
    {"POST",   "/provision",           ADMIN_TOKENS_WRITE, admin_provision},
    {"GET",    "/provision/{}",        ADMIN_TOKENS_READ,  admin_show_provision},
    {"POST",   "/provision/{}/revoke", ADMIN_TOKENS_WRITE, admin_revoke_provision},
    {"GET",    "/sessions",            ADMIN_SESSIONS,     admin_list_sessions},
    {"DELETE", "/sessions",            ADMIN_SESSIONS,     admin_erase_sessions},
    {"GET",    "/sessions/{}",         ADMIN_SESSIONS,     admin_show_session},
    {"DELETE", "/sessions/{}",         ADMIN_SESSIONS,     admin_delete_session},
    {"GET",    "/sessions/{}/export",  ADMIN_SESSIONS,     admin_export_session},
    {"POST",   "/sessions/{}/rewind",  ADMIN_SESSIONS,     admin_rewind_session},
    {"POST",   "/sessions/{}/fork",    ADMIN_SESSIONS,     admin_fork_session},
    {"GET",    "/canaries",            ADMIN_CONFIG,       admin_list_canaries},
    {"GET",    "/shadows",             ADMIN_CONFIG,       admin_list_shadows},
    {"POST",   "/canaries/{}/rearm",   ADMIN_CONFIG,       admin_rearm_canary},
    {"GET",    "/providers",           ADMIN_CONFIG,       admin_list_providers},
    {"GET",    "/budgets",             ADMIN_USAGE,        admin_list_budgets},
    {"GET",    "/budgets/history",     ADMIN_USAGE,        admin_budget_history},
    {"GET",    "/near",                ADMIN_USAGE,        admin_list_near},
    {"GET",    "/secrets",             ADMIN_SECRETS,      admin_list_secrets},
    {"POST",   "/secrets/rotate",      ADMIN_SECRETS,      admin_rotate_secrets},
    {"PUT",    "/secrets/{}",          ADMIN_SECRETS,      admin_set_secret},
    {"DELETE", "/secrets/{}",          ADMIN_SECRETS,      admin_delete_secret},
    {"POST",   "/backups",             ADMIN_BACKUP,       admin_take_backup},
    {"GET",    "/backups",             ADMIN_BACKUP,       admin_list_backups},
    {"POST",   "/backups/{}/verify",   ADMIN_BACKUP,       admin_verify_backup},
    {"DELETE", "/backups/{}",          ADMIN_BACKUP,       admin_delete_backup},
    {"POST",   "/reload",              ADMIN_CONFIG,       admin_reload_config},
    {"GET",    "/endpoints",           ADMIN_CONFIG,       admin_list_endpoints},
    {"GET",    "/endpoints/{}/versions", ADMIN_CONFIG,     admin_list_versions},
    {"POST",   "/endpoints/{}/tests",  ADMIN_CONFIG,       admin_save_test},
    {"POST",   "/endpoints/{}/rollback", ADMIN_CONFIG,     admin_roll_back},
    {"GET",    "/versions/{}",         ADMIN_CONFIG,       admin_show_version},
    {"GET",    "/audit",               ADMIN_AUDIT,        admin_list_audit},
    {"GET",    "/audit/export",        ADMIN_AUDIT,        admin_export_audit},
    {"GET",    "/audit/head",          ADMIN_AUDIT,        admin_audit_head},
    {"POST",   "/explain",             ADMIN_CONFIG,       admin_explain},
    {"POST",   "/render",              ADMIN_CONFIG,       admin_render},
    {"POST",   "/check",               ADMIN_CONFIG,       admin_check},
    {"POST",   "/tests",               ADMIN_CONFIG,       admin_run_tests},
    {"POST",   "/tests/judge",         ADMIN_CONFIG,       admin_judge_test},
    {"POST",   "/try",                 ADMIN_TOKENS_WRITE, admin_try},
    {"GET",    "/status",              ADMIN_CONFIG,       admin_show_status},
    {"GET",    "/logs",                ADMIN_LOGS,         admin_list_logs},
    {"DELETE", "/logs",                ADMIN_LOGS,         admin_erase_logs},
    {"GET",    "/logs/stream",         ADMIN_LOGS,         admin_follow_logs},
    {"GET",    "/logs/{}",             ADMIN_LOGS,         admin_show_log},
    {"DELETE", "/logs/{}",             ADMIN_LOGS,         admin_erase_log},
    {"GET",    "/cache",               ADMIN_CONFIG,       admin_show_cache},
    {"DELETE", "/cache",               ADMIN_CONFIG,       admin_purge_cache},
    {"GET",    "/usage",               ADMIN_USAGE,        admin_show_usage},
    {"GET",    "/series",              ADMIN_USAGE,        admin_show_series},
    {"GET",    "/notes",               ADMIN_USAGE,        admin_list_notes},
    {"GET",    "/webhooks",            ADMIN_CONFIG,       admin_list_webhooks},
    {"GET",    "/webhooks/dead",       ADMIN_CONFIG,       admin_list_dead_webhooks},
    {"DELETE", "/webhooks/{}/dead",    ADMIN_CONFIG,       admin_forget_webhook},
    {"POST",   "/webhooks/{}/retry",   ADMIN_CONFIG,       admin_retry_webhook},
    {"POST",   "/webhooks/{}/test",    ADMIN_CONFIG,       admin_test_webhook},
};
/* clang-format on */

static void run_reload(struct job *job)
{
    struct buffer out = buffer_in(&job->arena);

    job->status = job_reload(job, &out) ? 200 : 422;
    job->body = buffer_text(&out);
}

void admin_reload_config(struct request *request, struct text none)
{
    (void)none;
    job_start(job_new(request, run_reload));
}

/* Whether the path is the row's, and what stands there for `{}`. */
static bool matches(const struct admin_row *row, struct text path, struct text *out_argument)
{
    static const struct text root = TEXT_INIT("/admin/v1");
    const char *hole = strstr(row->path, "{}");
    struct text before = {row->path, hole != NULL ? (size_t)(hole - row->path) : strlen(row->path)};
    struct text after = hole != NULL ? text_of(hole + 2) : (struct text){0}, middle;

    *out_argument = (struct text){0};
    path = text_after(path, root.len);
    if (hole == NULL)
        return text_equal(path, before);
    if (!text_starts(path, before) || !text_ends(path, after) || path.len <= before.len + after.len)
        return false;
    middle = text_first(text_after(path, before.len), path.len - before.len - after.len);
    *out_argument = middle;
    return memchr(middle.at, '/', middle.len) == NULL;
}

const struct admin_row *admin_row_at(size_t i)
{
    return i < sizeof rows / sizeof *rows ? &rows[i] : NULL;
}

/* The methods that the path has, as gateway/methods.h has them; empty: it is no path. */
static const char *methods_of(struct request *request)
{
    struct buffer out = buffer_in(&request->arena);
    struct text argument;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (matches(&rows[i], request->http.path, &argument))
            buffer_printf(&out, "%s%s", out.len > 0 ? ", " : "", rows[i].method);
    buffer_put_byte(&out, '\0');
    return out.at;
}

static void refuse(struct request *request)
{
    const char *methods = methods_of(request);

    if (methods[0] == '\0') {
        error_set(&request->error, ERROR_ROUTE_NOT_FOUND, NULL, "there is no such admin call");
        request_refuse(request);
    } else if (text_equal(request->http.method, TEXT("OPTIONS"))) {
        request_tell_methods(request, methods);
    } else {
        request_refuse_method(request, methods);
    }
}

void admin_serve(struct request *request)
{
    struct text argument;

    if (!admin_admit(request)) {
        request_refuse(request);
        return;
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!methods_take(text_of(rows[i].method), request->http.method) ||
            !matches(&rows[i], request->http.path, &argument))
            continue;
        if (admin_may(request, rows[i].verb))
            rows[i].call(request, argument);
        else
            request_refuse(request);
        return;
    }
    refuse(request);
}
