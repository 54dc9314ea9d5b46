/* The admin listener's calls, one row each. What a person may do with it is decided by who may open
 * its socket (mode 0600). */
#include "gateway/admin.h"

#include "gateway/admin_job.h"
#include "gateway/surface.h"

struct admin_row {
    const char *method;
    const char *path; /* below /admin/v1; `{}` stands for one segment */
    admin_call *call;
};

/* clang-format off */
static const struct admin_row rows[] = {
    {"POST",   "/tokens",              admin_create_token},
    {"GET",    "/tokens",              admin_list_tokens},
    {"POST",   "/tokens/{}/revoke",    admin_revoke_token},
    {"GET",    "/sessions",            admin_list_sessions},
    {"DELETE", "/sessions",            admin_erase_sessions},
    {"GET",    "/sessions/{}",         admin_show_session},
    {"DELETE", "/sessions/{}",         admin_delete_session},
    {"GET",    "/sessions/{}/export",  admin_export_session},
    {"POST",   "/sessions/{}/rewind",  admin_rewind_session},
    {"POST",   "/sessions/{}/fork",    admin_fork_session},
    {"GET",    "/budgets",             admin_list_budgets},
    {"GET",    "/budgets/history",     admin_budget_history},
    {"GET",    "/secrets",             admin_list_secrets},
    {"POST",   "/secrets/rotate",      admin_rotate_secrets},
    {"PUT",    "/secrets/{}",          admin_set_secret},
    {"DELETE", "/secrets/{}",          admin_delete_secret},
    {"POST",   "/backups",             admin_take_backup},
    {"GET",    "/backups",             admin_list_backups},
    {"POST",   "/backups/{}/verify",   admin_verify_backup},
    {"DELETE", "/backups/{}",          admin_delete_backup},
    {"GET",    "/status",              admin_show_status},
    {"GET",    "/logs",                admin_list_logs},
    {"GET",    "/logs/{}",             admin_show_log},
    {"GET",    "/usage",               admin_show_usage},
    {"POST",   "/reload",              admin_reload_config},
    {"GET",    "/audit",               admin_list_audit},
    {"GET",    "/audit/export",        admin_export_audit},
    {"GET",    "/audit/head",          admin_audit_head},
};
/* clang-format on */

static void run_reload(struct admin_job *job)
{
    struct buffer out = buffer_in(&job->arena);

    job->status = admin_job_reload(job, &out) ? 200 : 422;
    job->body = buffer_text(&out);
}

void admin_reload_config(struct request *request, struct text none)
{
    (void)none;
    admin_job_start(admin_job_new(request, run_reload));
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

/* Browsers name their page's origin with every POST (Fetch, section 3.2): no page, wherever it is
 * from, may reach an admin listener that stands on a port. */
static bool from_a_page(struct request *request)
{
    if (http_header(&request->http, TEXT("origin")).len == 0)
        return false;
    error_set(&request->error, ERROR_SCOPE_DENIED, "origin",
              "the admin listener takes no calls from web pages");
    return true;
}

void admin_serve(struct request *request)
{
    struct text argument;

    if (from_a_page(request)) {
        surface_refuse(request);
        return;
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (text_equal(request->http.method, text_of(rows[i].method)) &&
            matches(&rows[i], request->http.path, &argument)) {
            rows[i].call(request, argument);
            return;
        }
    }
    error_set(&request->error, ERROR_ROUTE_NOT_FOUND, NULL, "there is no such admin call");
    surface_refuse(request);
}
