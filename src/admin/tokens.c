/* Tokens, on the admin listener. */
#include "admin/access.h"
#include "admin/admin.h"
#include "admin/audit.h"
#include "admin/list.h"
#include "admin/token.h"
#include "auth/token_issue.h"
#include "auth/token_json.h"
#include "gateway/job.h"
#include "gateway/query.h"
#include "gateway/paths.h"

/* The token of that id; refuses the request where there is none. */
static bool find(struct request *request, struct text id, struct token_view *out)
{
    if (token_table_find(request->worker->gateway->tokens, id, out))
        return true;
    error_set(&request->error, ERROR_TOKEN_NOT_FOUND, NULL, "there is no token '%.*s'",
              TEXT_ARG(text_first(id, 64)));
    request_refuse(request);
    return false;
}

/* Likewise one that the asker may change. */
static bool find_grantable(struct request *request, struct text id, struct token_view *out)
{
    if (!find(request, id, out))
        return false;
    if (admin_may_grant(request, out->record))
        return true;
    request_refuse(request);
    return false;
}

/* --- POST /admin/v1/tokens
 * -------------------------------------------------------------------------- */

/* By name, as it is kept, or by id. */
static bool resolve_project(struct request *request, struct token_record *order)
{
    const struct project *project = config_project(request->config, order->project);

    if (project == NULL)
        project = config_project_by_id(request->config, order->project);
    if (project == NULL) {
        error_set(&request->error, ERROR_PROJECT_NOT_FOUND, "/project",
                  "there is no project '%.*s'", TEXT_ARG(text_first(order->project, 64)));
        error_hint(&request->error, "projects are defined in pinion.yaml, under 'projects'");
        return false;
    }
    order->project = project->name;
    return true;
}

bool admin_token_order(struct request *request, struct token_record *out)
{
    struct document *document = ARENA_NEW(&request->arena, struct document);
    unsigned fields;

    *out = (struct token_record){TOKEN_DEFAULTS};
    return token_act_body(request, document) &&
           token_read_json(document, 0, true, &request->arena, out, &fields, &request->error) &&
           resolve_project(request, out) && admin_may_grant(request, out);
}

void admin_create_token(struct request *request, struct text none)
{
    struct store_command *command;
    struct token_record order;
    struct token_act *act = NULL;

    (void)none;
    if (admin_token_order(request, &order)) {
        if (order.deployment.len > 0)
            error_set(&request->error, ERROR_INVALID_REQUEST, "/deployment",
                      "the token of a deployment is made by POST /admin/v1/provision");
        else
            act = token_act_issue(request, &order, &command);
    }
    if (act == NULL) {
        request_refuse(request);
        return;
    }
    act->gives_secret = true;
    admin_audit(request, command,
                order.kind == TOKEN_ADMIN ? AUDIT_ADMIN_CREATE : AUDIT_TOKEN_CREATE,
                command->token.id);
    token_act_submit(request, command, act);
}

/* --- GET /admin/v1/tokens?project=&kind=, GET /admin/v1/tokens/{id}
 * --------------------------------- */

/* Of a million tokens few may pass: they are looked through in a thread of the call's own. */
struct listing {
    struct text project, kind, after; /* empty: any; from the first */
    uint64_t limit;
};

static bool passes(const struct listing *listing, const struct token_record *token)
{
    struct text project = token->project.len > 0 ? token->project : TEXT("default");

    return (listing->project.len == 0 || text_equal(listing->project, project)) &&
           (listing->kind.len == 0 ||
            text_equal(listing->kind, token->kind == TOKEN_ADMIN ? TEXT("admin") : TEXT("call")));
}

static void list_tokens(struct job *job)
{
    struct listing *listing = job->order;
    struct admin_list list;
    struct token_view view;
    bool more;

    admin_list_begin(&list, &job->arena);
    while ((more = token_table_next(job->gateway->tokens, listing->after, &view))) {
        listing->after = view.record->id;
        if (!passes(listing, view.record))
            continue;
        if (list.count == listing->limit)
            break;
        token_put_json(admin_list_add(&list, view.record->id), view.record, view.used_ms,
                       (struct text){0});
    }
    job->status = 200;
    job->body = admin_list_end(&list, more);
}

static bool check_listing(struct request *request, const struct listing *listing)
{
    struct token_view view;

    if (listing->kind.len > 0 && !text_equal(listing->kind, TEXT("admin")) &&
        !text_equal(listing->kind, TEXT("call")))
        return error_set(&request->error, ERROR_INVALID_REQUEST, "kind",
                         "'kind' is 'call' or 'admin'");
    return listing->after.len == 0 ||
           token_table_find(request->worker->gateway->tokens, listing->after, &view) ||
           error_set(&request->error, ERROR_INVALID_REQUEST, "after", "there is no token '%.*s'",
                     TEXT_ARG(text_first(listing->after, 64)));
}

void admin_list_tokens(struct request *request, struct text none)
{
    struct listing given = {.limit = ADMIN_PAGE}, *listing;
    const struct query_param params[] = {
        {.name = "project", .text = &given.project},
        {.name = "kind", .text = &given.kind},
        {.name = "after", .text = &given.after},
        {.name = "limit", .number = &given.limit, .least = 1, .greatest = ADMIN_PAGE_MAX},
    };
    struct job *job;

    (void)none;
    if (!query_read(request, params, sizeof params / sizeof *params) ||
        !check_listing(request, &given)) {
        request_refuse(request);
        return;
    }
    job = job_new(request, list_tokens);
    listing = ARENA_NEW(&job->arena, struct listing);
    *listing = (struct listing){arena_copy(&job->arena, given.project),
                                arena_copy(&job->arena, given.kind),
                                arena_copy(&job->arena, given.after), given.limit};
    job->order = listing;
    job_start(job);
}

void admin_show_token(struct request *request, struct text id)
{
    struct buffer out = buffer_in(&request->arena);
    struct token_view view;

    if (!find(request, id, &view))
        return;
    token_put_json(&out, view.record, view.used_ms, (struct text){0});
    request_reply(request, 200, TEXT("application/json"), buffer_text(&out));
}

/* --- PATCH /admin/v1/tokens/{id}
 * -------------------------------------------------------------------- */

void admin_update_token(struct request *request, struct text id)
{
    struct store_command *command = NULL;
    struct token_record to;
    struct token_view view;
    struct document document;
    unsigned fields;

    if (!find_grantable(request, id, &view))
        return;
    to = *view.record;
    if (token_act_body(request, &document) &&
        token_read_json(&document, 0, false, &request->arena, &to, &fields, &request->error) &&
        admin_may_grant(request, &to))
        command = token_update(&to, fields, request->wall_ms, &request->error);
    if (command == NULL) {
        request_refuse(request);
        return;
    }
    admin_audit(request, command, AUDIT_TOKEN_UPDATE, id)->details =
        arena_copy(&command->arena, text_trim(request->http.body));
    token_act_submit(request, command, token_act_new(request, command));
}

/* --- POST /admin/v1/tokens/{id}/rotate {"overlap_s": 86400}, .../revoke
 * ------------------------------- */

/* Whether the body is an object that has no other member. */
static bool has_only(struct request *request, const struct document *document, const char *name)
{
    if (document_cell(document, 0)->type != CELL_OBJECT)
        return error_set(&request->error, ERROR_INVALID_REQUEST, "",
                         "expected an object such as {\"%s\": 3600}", name);
    for (uint32_t key = 1; key < document_next(document, 0); key = document_next(document, key + 1))
        if (!text_equal(document_text(document, key), text_of(name)))
            return error_set(
                &request->error, ERROR_UNKNOWN_FIELD,
                arena_terminated(&request->arena, document_pointer(document, key, &request->arena)),
                "only '%s' is known here", name);
    return true;
}

static bool overlap_of(struct request *request, int64_t *out_ms)
{
    struct document document;
    uint32_t at;

    *out_ms = TOKEN_OVERLAP_MS;
    if (request->http.body.len == 0)
        return true;
    if (!token_act_body(request, &document) || !has_only(request, &document, "overlap_s"))
        return false;
    at = document_member(&document, 0, TEXT("overlap_s"));
    if (at == CELL_NONE)
        return true;
    if (document_cell(&document, at)->type != CELL_INTEGER ||
        document_cell(&document, at)->integer < 0 ||
        document_cell(&document, at)->integer > TOKEN_OVERLAP_MAX_MS / 1000)
        return error_set(&request->error, ERROR_INVALID_REQUEST, "/overlap_s",
                         "'overlap_s' is how many seconds the old secret stays good: 0 to %lld",
                         TOKEN_OVERLAP_MAX_MS / 1000);
    *out_ms = document_cell(&document, at)->integer * 1000;
    return true;
}

void admin_rotate_token(struct request *request, struct text id)
{
    struct store_command *command;
    struct token_view view;
    struct token_act *act;
    char secret[TOKEN_CHARS];
    int64_t overlap_ms;

    if (!find_grantable(request, id, &view))
        return;
    if (!overlap_of(request, &overlap_ms)) {
        request_refuse(request);
        return;
    }
    command = token_rotate(&request->worker->gateway->token_key, view.record, overlap_ms,
                           request->wall_ms, secret);
    act = token_act_new(request, command);
    act->gives_secret = true;
    memcpy(act->secret, secret, sizeof secret);
    explicit_bzero(secret, sizeof secret);
    admin_audit(request, command, AUDIT_TOKEN_ROTATE, id);
    token_act_submit(request, command, act);
}

void admin_revoke_token(struct request *request, struct text id)
{
    struct store_command *command;
    struct token_view view;

    if (!find_grantable(request, id, &view))
        return;
    command = token_revoke(id, (struct text){0}, request->wall_ms);
    admin_audit(request, command,
                view.record->kind == TOKEN_ADMIN ? AUDIT_ADMIN_REVOKE : AUDIT_TOKEN_REVOKE, id);
    token_act_submit(request, command, token_act_new(request, command));
}
