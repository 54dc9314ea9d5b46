/* The program's commands; each stands in command/. */
#include "command/commands.h"
#include "secret/memory.h"

#include <stdlib.h>

// clang-format off
static const struct command_spec *const commands[] = {
    &command_serve, &command_check, &command_reload, &command_ping,
    &command_new, &command_fmt, &command_explain_code, &command_schema_check, &command_schema,
    &command_token_create, &command_token_list, &command_token_show, &command_token_update,
    &command_token_rotate, &command_token_revoke, &command_token_provision,
    &command_budget, &command_cache_purge, &command_cache,
    &command_canary_rearm, &command_canary, &command_shadow, &command_providers,
    &command_webhooks_list, &command_webhooks_dead, &command_webhooks_retry,
    &command_webhooks_forget, &command_webhooks_test, &command_notes,
    &command_sessions_list, &command_sessions_show, &command_sessions_export,
    &command_sessions_rewind, &command_sessions_fork, &command_sessions_delete,
    &command_audit_list, &command_audit_export, &command_audit_verify,
    &command_secret_set, &command_secret_list, &command_secret_delete, &command_secret_rotate,
    &command_backup_list, &command_backup_verify, &command_backup_delete, &command_backup,
    &command_restore, &command_doctor,
    &command_logs_list, &command_logs_show, &command_logs_export, &command_logs_erase,
    &command_render, &command_explain, &command_call, &command_test,
    &command_tail, &command_usage,
    &command_history, &command_diff, &command_rollback,
    &command_openapi, &command_client_ts, &command_client_python, &command_client_curl,
    &command_completion, &command_manual,
};
// clang-format on
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

int main(int argc, char **argv)
{
    static struct command_spec table[COMMAND_COUNT];
    const struct program program = {
        .name = "pinion",
        .version = PINION_VERSION,
        .summary = "A gateway between product code and language models",
        .examples = {"serve --dev", "check"},
        .commands = table,
        .command_count = COMMAND_COUNT,
        .environment = getenv,
    };
    int code;

    secret_process_begin();
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        table[i] = *commands[i];
    code = program_run(&program, argc, argv);
    secret_process_end();
    return code;
}
