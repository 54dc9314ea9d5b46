/* admin/admin.h
 * The calls of the admin listener; admin.c has them in one table. Each handler gets what stands in
 * the path for `{}`, empty where the path has none, and answers now or later. */
#pragma once
#include "gateway/request_state.h"

/* Serves a request of /admin/v1/... */
void admin_serve(struct request *request);

typedef void admin_call(struct request *request, struct text argument);

struct admin_row {
    const char *method;
    const char *path; /* below /admin/v1; `{}` stands for one segment */
    uint32_t verb;    /* enum admin_verb: what a credential needs; 0: all of them */
    admin_call *call;
};
/* The i-th call; NULL behind the last. */
const struct admin_row *admin_row_at(size_t i);

/* admin.c */
admin_call admin_reload_config;
/* admin/tokens.c */
admin_call admin_create_token, admin_list_tokens, admin_show_token, admin_update_token,
    admin_rotate_token, admin_revoke_token;
/* admin/provision.c */
admin_call admin_provision, admin_show_provision, admin_revoke_provision;
/* admin/sessions.c */
admin_call admin_list_sessions, admin_erase_sessions, admin_show_session, admin_delete_session,
    admin_export_session, admin_rewind_session, admin_fork_session;
/* admin/budgets.c */
admin_call admin_list_budgets, admin_budget_history;
/* admin/near.c: whose budgets and limits are nearly used up. */
admin_call admin_list_near;
/* admin/shadows.c: how copies of calls compare with the calls. */
admin_call admin_list_shadows;
/* admin/canaries.c: routing rules that are watched; `POST {"rule": "..."}` switches one of the
 * endpoint's on again. */
admin_call admin_list_canaries, admin_rearm_canary;
/* admin/secrets.c: `PUT {"value": "..."}` seals and stores it; in force with the answer when the
 * configuration as a whole is good. */
admin_call admin_list_secrets, admin_set_secret, admin_delete_secret, admin_rotate_secrets;
/* admin/backup.c: `POST {"name": "..."}` takes a copy of the store; without a name, one that says
 * when. Where copies are is the configuration's business, never the caller's. */
admin_call admin_take_backup, admin_list_backups, admin_verify_backup, admin_delete_backup;
/* admin/audit_log.c: the audit log, in pages (?after=, limit=, from=, to=, action=, order=desc). An
 * export has larger pages, and each is itself recorded. */
admin_call admin_list_audit, admin_export_audit, admin_audit_head;
/* admin/explain.c: `POST {"endpoint", "body" or "input", "at", "headers", "token", "draft"}` says
 * where such a call, of an endpoint, a version of one or a draft, would go now, and why; or what
 * would be sent there; without making it. */
admin_call admin_explain, admin_render;
/* admin/check.c: `POST {"endpoint", "draft"}` says what is wrong with the folder, as it is or as it
 * would be, and what the endpoint would be then. */
admin_call admin_check;
/* admin/try.c: `POST {"endpoint", "body" or "input", "headers", "token", "draft"}` makes such a
 * call as the bearer of that token, and answers as it is answered, also with a stream. */
admin_call admin_try;
/* admin/providers.c: how providers, their keys and their models fare, and who uses them. */
admin_call admin_list_providers;
/* admin/tests.c: `POST {"endpoint", "draft", "test", "source"}` runs an endpoint's tests;
 * `POST {"endpoint", "draft", "test", "answer"}` judges what a call was answered. */
admin_call admin_run_tests, admin_judge_test;
/* admin/test_save.c: `POST {"test": {"name", "input", "assert"}}` adds it to tests/SLUG.yaml. */
admin_call admin_save_test;
/* admin/status.c: the version and the state of the process. */
admin_call admin_show_status;
/* admin/logs.c: pages, or all as JSONL or CSV. */
admin_call admin_list_logs;
/* admin/logs_stream.c: rows as they are stored. */
admin_call admin_follow_logs;
/* admin/log.c: one row by its place or its request's id, with what was said where that is kept;
 * what was said is erased of one request or of all of a token's. */
admin_call admin_show_log, admin_erase_log, admin_erase_logs;
/* admin/cache.c */
admin_call admin_show_cache, admin_purge_cache;
/* admin/usage.c */
admin_call admin_show_usage;
/* admin/series.c: the same over any span of time, and what came of requests, from roll-ups. */
admin_call admin_show_series;
/* admin/notes.c */
admin_call admin_list_notes;
/* admin/webhooks.c: receivers of events; what was given up of one is sent again by `POST {"id"}`,
 * or all of it without an id. */
admin_call admin_list_webhooks, admin_list_dead_webhooks, admin_retry_webhook, admin_forget_webhook,
    admin_test_webhook;
/* admin/versions.c */
admin_call admin_list_endpoints, admin_list_versions, admin_show_version, admin_roll_back;
