/* Tokens of deployments, made once however often they are asked for: what deploys an application
 * says which deployment it is and gets its key the first time, and again after a revocation. */
#include "admin/admin.h"
#include "admin/audit.h"
#include "admin/token.h"
#include "auth/token_issue.h"
#include "auth/token_json.h"
#include "document/json_write.h"
#include "gateway/durable.h"
#include "gateway/job.h"
#include "gateway/query.h"
#include "gateway/paths.h"

/* The path's segment, percent-decoded; refuses the request where it is malformed. */
static bool name_of(struct request *request, struct text segment, struct text *out)
{
    if (admin_decode(&request->arena, segment, out))
        return true;
    error_set(&request->error, ERROR_INVALID_REQUEST, NULL,
              "the name of the deployment is not percent-encoded as a path asks for");
    request_refuse(request);
    return false;
}

/* Where calls of the project begin: a slug is put behind it. */
static void put_base_url(struct request *request, const struct token_record *token,
                         struct buffer *out)
{
    const struct settings *settings = &request->config->settings;
    struct buffer url = buffer_in(&request->arena);

    if (settings->public_url.len > 0)
        buffer_put(&url, settings->public_url);
    else
        buffer_printf(&url, "%s://%.*s", settings->certificate.len > 0 ? "https" : "http",
                      TEXT_ARG(request->worker->gateway->address));
    if (token->project.len > 0 && !text_equal(token->project, TEXT("default")))
        buffer_printf(&url, "/api/%.*s", TEXT_ARG(token->project));
    json_put_text(out, "base_url", buffer_text(&url));
}

static void put_info(struct request *request, const struct token_record *token, bool is_new,
                     struct text secret, struct buffer *out)
{
    struct token_view view = {0};

    token_table_find(request->worker->gateway->tokens, token->id, &view);
    buffer_put_byte(out, '{');
    json_put_text(out, "deployment", token->deployment);
    json_put_flag(out, "is_new", is_new);
    if (secret.len > 0)
        json_put_text(out, "key", secret);
    put_base_url(request, token, out);
    json_put_name(out, "token");
    token_put_json(out, token, view.used_ms, (struct text){0});
    buffer_put_byte(out, '}');
}

static int write_provision(struct request *request, const struct token_act *act,
                           const struct store_command *command, struct buffer *out)
{
    bool is_new = command->kind == STORE_TOKEN_PROVISION && !command->unchanged;

    put_info(request, command->tokens, is_new, (struct text){act->secret, is_new ? TOKEN_CHARS : 0},
             out);
    return is_new ? 201 : 200;
}

void admin_provision(struct request *request, struct text none)
{
    struct store_command *command;
    struct token_record order;
    struct token_act *act = NULL;

    (void)none;
    if (admin_token_order(request, &order)) {
        if (order.deployment.len == 0 || order.kind != TOKEN_CALL)
            error_set(&request->error, ERROR_INVALID_REQUEST, "/deployment",
                      "'deployment' must name what the token is for, a caller");
        else
            act = token_act_issue(request, &order, &command);
    }
    if (act == NULL) {
        request_refuse(request);
        return;
    }
    act->write = write_provision;
    admin_audit(request, command, AUDIT_DEPLOYMENT_CREATE, order.deployment);
    token_act_submit(request, command, act);
}

static void found(struct request *request, struct store_command *command)
{
    struct buffer out = buffer_in(&request->arena);

    request->error = command->error;
    if (request->error.code != ERROR_NONE) {
        request_refuse(request);
    } else {
        put_info(request, command->tokens, false, (struct text){0}, &out);
        request_reply(request, 200, TEXT("application/json"), buffer_text(&out));
    }
    store_command_free(command);
}

void admin_show_provision(struct request *request, struct text segment)
{
    struct store_command *command;
    struct text name;

    if (!name_of(request, segment, &name))
        return;
    command = store_command_new(STORE_TOKEN_FIND);
    command->token.deployment = arena_copy(&command->arena, name);
    job_park(request);
    durable_submit(request, command, found);
}

void admin_revoke_provision(struct request *request, struct text segment)
{
    struct store_command *command;
    struct token_act *act;
    struct text name;

    if (!name_of(request, segment, &name))
        return;
    command = token_revoke((struct text){0}, name, request->wall_ms);
    act = token_act_new(request, command);
    act->write = write_provision;
    admin_audit(request, command, AUDIT_DEPLOYMENT_REVOKE, name);
    token_act_submit(request, command, act);
}
