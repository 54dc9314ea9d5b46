#include "admin/token.h"

#include "auth/token_issue.h"
#include "auth/token_json.h"
#include "document/json_read.h"
#include "gateway/cut.h"
#include "gateway/durable.h"
#include "gateway/job.h"
#include "gateway/paths.h"

struct token_act *token_act_new(struct request *request, struct store_command *command)
{
    struct token_act *act = ARENA_NEW(&command->arena, struct token_act);

    act->cut = request->config->settings.cut_on_revoke;
    return act;
}

struct token_act *token_act_issue(struct request *request, const struct token_record *order,
                                  struct store_command **out_command)
{
    struct token_act *act = NULL;
    char secret[TOKEN_CHARS];

    *out_command = token_issue(&request->worker->gateway->token_key, order, request->wall_ms,
                               secret, &request->error);
    if (*out_command != NULL) {
        act = token_act_new(request, *out_command);
        memcpy(act->secret, secret, sizeof secret);
    }
    explicit_bzero(secret, sizeof secret);
    return act;
}

bool token_act_body(struct request *request, struct document *out)
{
    return json_read(request->http.body, NULL, &request->arena, out, NULL, &request->error);
}

static void take_effect(struct gateway *gateway, const struct token_act *act,
                        const struct store_command *command, const struct token_record *token)
{
    bool cut = token->on_revoke == REVOKE_CUT || (token->on_revoke == REVOKE_DEFAULT && act->cut);

    token_table_put(gateway->tokens, token);
    if (token->revoked_ms != 0 && cut && !command->unchanged)
        token_cut(gateway, token->id);
}

static int write_token(struct request *request, const struct token_act *act,
                       const struct store_command *command, struct buffer *out)
{
    const struct token_record *token = command->tokens;
    struct token_view view = {0};

    token_table_find(request->worker->gateway->tokens, token->id, &view);
    token_put_json(out, token, view.used_ms,
                   (struct text){act->secret, act->gives_secret ? TOKEN_CHARS : 0});
    return command->kind == STORE_TOKEN_PUT ? 201 : 200;
}

static void answer(struct request *request, const struct token_act *act,
                   const struct store_command *command)
{
    struct buffer out = buffer_in(&request->arena);
    int status;

    if (command->error.code != ERROR_NONE) {
        request->error = command->error;
        request_refuse(request);
        return;
    }
    status = (act->write != NULL ? act->write : write_token)(request, act, command, &out);
    request_reply(request, status, TEXT("application/json"), buffer_text(&out));
}

static void changed(struct request *request, struct worker *worker, struct store_command *command,
                    void *with)
{
    struct token_act *act = with;

    if (command->kind == STORE_TOKEN_PUT)
        command->tokens = &command->token;
    if (command->error.code == ERROR_NONE)
        take_effect(worker->gateway, act, command, command->tokens);
    if (request != NULL)
        answer(request, act, command);
    explicit_bzero(act->secret, sizeof act->secret);
    store_command_free(command);
}

void token_act_submit(struct request *request, struct store_command *command, struct token_act *act)
{
    job_park(request);
    durable_submit_kept(request, command, changed, act);
}
