/* Sessions, on the admin listener: whosever they are. What is asked is read here; the acts, which
 * wait for the store, run in threads of their own (session/session_acts.h). Whoever reads what was
 * said, or changes it, is recorded; a list says nothing of it. */
#include "session/session_acts.h"

#include "admin/audit.h"
#include "document/json_read.h"
#include "gateway/job.h"
#include "gateway/query.h"
#include "gateway/paths.h"

/* What a call is about, in its job's arena. */
struct session_order {
    struct text id;
    struct session_query query;
    uint64_t messages;
    struct store_command *write; /* until an act takes it */
};

static void drop_write(void *thing)
{
    store_command_free(((struct session_order *)thing)->write);
}

/* A job with an order of its own. */
static struct job *prepare(struct request *request, void (*run)(struct job *job), struct text id,
                           struct session_order **out)
{
    struct job *job = job_new(request, run);
    struct session_order *order = ARENA_NEW(&job->arena, struct session_order);

    order->id = arena_copy(&job->arena, id);
    arena_defer(&job->arena, drop_write, order);
    job->order = order;
    *out = order;
    return job;
}

static struct store_command *taken(struct session_order *order)
{
    struct store_command *write = order->write;

    order->write = NULL;
    return write;
}

static void give(struct job *job, int status, const struct buffer *out)
{
    job->status = status;
    job->body = buffer_text(out);
}

/* --- GET /admin/v1/sessions
 * ---------------------------------------------------------------------------- */

static void list(struct job *job)
{
    const struct session_order *order = job->order;
    struct buffer out = buffer_in(&job->arena);

    if (sessions_list(job->gateway->store, &order->query, &out, &job->error))
        give(job, 200, &out);
}

void admin_list_sessions(struct request *request, struct text none)
{
    struct session_query query = {0};
    uint64_t limit = SESSION_PAGE;
    const struct query_param params[] = {
        {.name = "endpoint", .text = &query.endpoint},
        {.name = "token", .text = &query.token_id},
        {.name = "after", .text = &query.after},
        {.name = "limit", .number = &limit, .least = 1, .greatest = SESSION_PAGE_MAX},
    };
    struct session_order *order;
    struct job *job;

    if (!query_read(request, params, sizeof params / sizeof *params)) {
        request_refuse(request);
        return;
    }
    job = prepare(request, list, none, &order);
    order->query = (struct session_query){.endpoint = arena_copy(&job->arena, query.endpoint),
                                          .token_id = arena_copy(&job->arena, query.token_id),
                                          .after = arena_copy(&job->arena, query.after),
                                          .limit = (size_t)limit};
    job_start(job);
}

/* --- GET /admin/v1/sessions/{id} and .../export
 * -------------------------------------------------------- */

static void show(struct job *job)
{
    const struct session_order *order = job->order;
    struct buffer out = buffer_in(&job->arena);

    if (session_show(job->gateway->store, order->id, &out, &job->error))
        give(job, 200, &out);
}

static void export_lines(struct job *job)
{
    const struct session_order *order = job->order;
    struct buffer out = buffer_in(&job->arena);

    if (!session_export(job->gateway->store, order->id, &out, &job->error))
        return;
    give(job, 200, &out);
    job->content_type = TEXT("application/jsonl");
}

static void show_recorded(struct request *request, struct text id)
{
    struct session_order *order;

    job_start(prepare(request, show, id, &order));
}

void admin_show_session(struct request *request, struct text id)
{
    admin_record(request, AUDIT_SESSION_READ, id, show_recorded);
}

/* As JSON Lines where the query says so, else where the Accept header names them, which is not how
 * a browser asks. */
static bool wants_lines(struct request *request, bool *out)
{
    struct text format = {0}, accept = http_header(&request->http, TEXT("accept"));
    const struct query_param params[] = {{.name = "format", .text = &format}};

    if (!query_read(request, params, 1))
        return false;
    *out = format.len > 0 ? text_equal(format, TEXT("jsonl"))
                          : text_find(accept, TEXT("application/jsonl")) < accept.len;
    if (format.len == 0 || *out || text_equal(format, TEXT("json")))
        return true;
    return error_set(&request->error, ERROR_INVALID_REQUEST, "format",
                     "'format' must be json or jsonl");
}

static void export_recorded(struct request *request, struct text id)
{
    struct session_order *order;
    bool lines = false;

    wants_lines(request, &lines);
    job_start(prepare(request, lines ? export_lines : show, id, &order));
}

void admin_export_session(struct request *request, struct text id)
{
    bool lines;

    if (wants_lines(request, &lines))
        admin_record(request, AUDIT_SESSION_EXPORT, id, export_recorded);
    else
        request_refuse(request);
}

/* --- POST /admin/v1/sessions/{id}/rewind and .../fork
 * -------------------------------------------------- */

/* {"messages": N}; where it may be left out, so may the whole body. */
static bool messages_of(struct request *request, bool optional, uint64_t *out)
{
    struct document document;
    uint32_t at;

    *out = UINT64_MAX;
    if (optional && request->http.body.len == 0)
        return true;
    if (!json_read(request->http.body, NULL, &request->arena, &document, NULL, &request->error))
        return false;
    at = document_member(&document, 0, TEXT("messages"));
    if (optional && at == CELL_NONE && document.cells[0].type == CELL_OBJECT)
        return true;
    if (at == CELL_NONE || document.cells[at].type != CELL_INTEGER ||
        document.cells[at].integer < 0)
        return error_set(&request->error, ERROR_INVALID_REQUEST, "/messages",
                         "'messages' must be a whole number, how many of the oldest are kept");
    *out = (uint64_t)document.cells[at].integer;
    return true;
}

static void rewind_it(struct job *job)
{
    struct session_order *order = job->order;
    struct buffer out = buffer_in(&job->arena);

    if (session_rewind(job->gateway->store, order->id, order->messages, taken(order), &out,
                       &job->error))
        give(job, 200, &out);
}

static void fork_it(struct job *job)
{
    struct session_order *order = job->order;
    struct buffer out = buffer_in(&job->arena);

    if (session_fork(job->gateway->store, order->id, order->messages, job->act.wall_ms,
                     taken(order), &out, &job->error))
        give(job, 201, &out);
}

/* An act that changes the session: what it will send is made here, where the request is. */
struct change_kind {
    enum store_kind store;
    enum audit_action action;
    void (*run)(struct job *job);
};
static void change(struct request *request, struct text id, const struct change_kind *kind,
                   uint64_t messages)
{
    struct session_order *order;
    struct job *job = prepare(request, kind->run, id, &order);

    order->messages = messages;
    order->write = store_command_new(kind->store);
    admin_audit(request, order->write, kind->action, id);
    job_start(job);
}

void admin_rewind_session(struct request *request, struct text id)
{
    static const struct change_kind kind = {STORE_SESSION_REWIND, AUDIT_SESSION_REWIND, rewind_it};
    uint64_t messages;

    if (messages_of(request, false, &messages))
        change(request, id, &kind, messages);
    else
        request_refuse(request);
}

void admin_fork_session(struct request *request, struct text id)
{
    static const struct change_kind kind = {STORE_SESSION_APPEND, AUDIT_SESSION_FORK, fork_it};
    uint64_t messages;

    if (messages_of(request, true, &messages))
        change(request, id, &kind, messages);
    else
        request_refuse(request);
}

/* --- DELETE /admin/v1/sessions/{id} and /admin/v1/sessions?token=
 * -------------------------------------- */

static void delete_it(struct job *job)
{
    struct session_order *order = job->order;
    struct buffer out = buffer_in(&job->arena);

    if (session_delete(job->gateway->store, order->id, taken(order), &out, &job->error))
        give(job, 200, &out);
}

void admin_delete_session(struct request *request, struct text id)
{
    static const struct change_kind kind = {STORE_SESSION_DELETE, AUDIT_SESSION_DELETE, delete_it};

    change(request, id, &kind, 0);
}

static void erase(struct job *job)
{
    const struct session_order *order = job->order;
    struct buffer out = buffer_in(&job->arena);

    if (sessions_erase(job->gateway->store, &order->query, &out, &job->error))
        give(job, 200, &out);
}

static bool whose(struct request *request, struct session_query *out)
{
    const struct query_param params[] = {{.name = "endpoint", .text = &out->endpoint},
                                         {.name = "token", .text = &out->token_id}};

    *out = (struct session_query){0};
    if (!query_read(request, params, 2))
        return false;
    if (out->endpoint.len > 0 || out->token_id.len > 0)
        return true;
    error_set(&request->error, ERROR_INVALID_REQUEST, "query", "whose sessions are to be deleted?");
    error_hint(&request->error, "name them by ?token=ID, ?endpoint=SLUG, or both");
    return false;
}

static void erase_recorded(struct request *request, struct text object)
{
    struct session_query query;
    struct session_order *order;
    struct job *job = prepare(request, erase, object, &order);

    whose(request, &query);
    order->query.endpoint = arena_copy(&job->arena, query.endpoint);
    order->query.token_id = arena_copy(&job->arena, query.token_id);
    job_start(job);
}

void admin_erase_sessions(struct request *request, struct text none)
{
    struct session_query query;

    (void)none;
    if (whose(request, &query))
        admin_record(request, AUDIT_SESSION_DELETE,
                     arena_printf(&request->arena, "%.*s/%.*s",
                                  TEXT_ARG(query.token_id.len > 0 ? query.token_id : TEXT("*")),
                                  TEXT_ARG(query.endpoint.len > 0 ? query.endpoint : TEXT("*"))),
                     erase_recorded);
    else
        request_refuse(request);
}
