/* command/commands.h
 * All commands, one file each. */
#pragma once
#include "command/options.h"

extern const struct command_spec command_serve;        /* serve.c */
extern const struct command_spec command_check;        /* check.c */
extern const struct command_spec command_reload;       /* reload.c */
extern const struct command_spec command_ping;         /* ping.c */
extern const struct command_spec command_schema_check; /* schema_check.c */
extern const struct command_spec command_schema;       /* schema.c; after `schema check` */
extern const struct command_spec command_new;          /* new.c */
extern const struct command_spec command_fmt;          /* fmt.c */
extern const struct command_spec command_explain_code; /* explain_code.c */
extern const struct command_spec command_completion;   /* completion.c */
extern const struct command_spec command_manual;       /* manual.c */
extern const struct command_spec command_token_create; /* token.c */
extern const struct command_spec command_token_provision;
extern const struct command_spec command_token_update;
extern const struct command_spec command_token_rotate;
extern const struct command_spec command_token_revoke;
extern const struct command_spec command_cache; /* cache.c */
extern const struct command_spec command_cache_purge;
extern const struct command_spec command_shadow;       /* shadow.c */
extern const struct command_spec command_canary_rearm; /* canary.c */
extern const struct command_spec command_canary; /* after the one before: its argument is a slug */
extern const struct command_spec command_webhooks_list; /* webhooks.c */
extern const struct command_spec command_notes;         /* notes.c */
extern const struct command_spec command_webhooks_dead;
extern const struct command_spec command_webhooks_retry;
extern const struct command_spec command_webhooks_forget;
extern const struct command_spec command_webhooks_test;
extern const struct command_spec command_budget;        /* budget.c */
extern const struct command_spec command_providers;     /* providers.c */
extern const struct command_spec command_sessions_list; /* sessions.c */
extern const struct command_spec command_sessions_show;
extern const struct command_spec command_sessions_export;
extern const struct command_spec command_sessions_rewind; /* sessions_change.c */
extern const struct command_spec command_sessions_fork;
extern const struct command_spec command_sessions_delete;
extern const struct command_spec command_token_list; /* token_look.c */
extern const struct command_spec command_token_show;
extern const struct command_spec command_audit_list; /* audit.c, audit_verify.c */
extern const struct command_spec command_audit_export;
extern const struct command_spec command_audit_verify;
extern const struct command_spec command_secret_set; /* secret.c */
extern const struct command_spec command_secret_list;
extern const struct command_spec command_secret_delete;
extern const struct command_spec command_secret_rotate;
extern const struct command_spec command_backup_list; /* backup.c */
extern const struct command_spec command_backup_verify;
extern const struct command_spec command_backup_delete;
extern const struct command_spec command_backup;    /* after the three: its argument is a name */
extern const struct command_spec command_restore;   /* restore.c */
extern const struct command_spec command_doctor;    /* doctor.c */
extern const struct command_spec command_logs_list; /* logs.c */
extern const struct command_spec command_logs_show;
extern const struct command_spec command_logs_export;
extern const struct command_spec command_logs_erase;
extern const struct command_spec command_tail;      /* tail.c */
extern const struct command_spec command_render;    /* render.c */
extern const struct command_spec command_call;      /* call.c */
extern const struct command_spec command_test;      /* test.c */
extern const struct command_spec command_explain;   /* explain.c */
extern const struct command_spec command_usage;     /* usage.c */
extern const struct command_spec command_history;   /* history.c */
extern const struct command_spec command_rollback;  /* rollback.c */
extern const struct command_spec command_diff;      /* diff.c */
extern const struct command_spec command_openapi;   /* openapi.c */
extern const struct command_spec command_client_ts; /* client.c */
extern const struct command_spec command_client_python;
extern const struct command_spec command_client_curl;
