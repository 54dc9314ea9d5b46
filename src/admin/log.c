/* One request of the log, on the admin listener, and what was said in it where that is kept: shown,
 * which is recorded, and erased. The row itself says nothing of what was said, and stays. */
#include "admin/admin.h"
#include "admin/audit.h"
#include "base/clock.h"
#include "document/json_read.h"
#include "document/json_write.h"
#include "gateway/durable.h"
#include "gateway/job.h"
#include "gateway/ledger_sync.h"
#include "gateway/log_find.h"
#include "gateway/log_rows.h"
#include "gateway/paths.h"
#include "gateway/query.h"

struct log_showing {
    struct buffer out;          /* the row, as it is shown */
    struct log_content content; /* which: expires_ms, request_id */
    struct text token_id;       /* whose contents are erased */
    struct text after;
    uint64_t erased;
};

/* Whether what was said is, or was, kept, and under which key. */
static bool content_of(struct request *request, struct text line, struct log_content *out)
{
    struct document document;
    uint32_t until, id;

    if (!json_read(line, NULL, &request->arena, &document, NULL, NULL))
        return false;
    until = document_member(&document, 0, TEXT("content_until"));
    id = document_member(&document, 0, TEXT("request_id"));
    if (until == CELL_NONE || id == CELL_NONE || document.cells[until].type != CELL_STRING ||
        document.cells[id].type != CELL_STRING)
        return false;
    out->request_id = document_text(&document, id);
    return clock_parse_rfc3339(document_text(&document, until), &out->expires_ms);
}

static struct store_command *on_content(enum store_kind kind, const struct log_content *content)
{
    struct store_command *command = store_command_new(kind);

    command->content.expires_ms = content->expires_ms;
    command->content.request_id = arena_copy(&command->arena, content->request_id);
    return command;
}

static struct log_showing *showing_of(const struct request *request)
{
    return request->aside;
}

/* --- GET /admin/v1/logs/{id}
 * ------------------------------------------------------------------------------- */

static void reply(struct request *request)
{
    request_reply(request, 200, TEXT("application/json"), buffer_text(&showing_of(request)->out));
}

/* Where it was erased or has expired meanwhile the row is shown without it. */
static void have_content(struct request *request, struct store_command *command)
{
    struct buffer *out = &showing_of(request)->out;

    if (command->error.code != ERROR_NONE && command->error.code != ERROR_LOG_NOT_FOUND) {
        request->error = command->error;
        request_refuse(request);
    } else {
        out->len--; /* the last brace */
        buffer_put(out, TEXT(",\"content\":"));
        buffer_put(out, command->error.code == ERROR_NONE ? command->found.json : TEXT("null"));
        buffer_put_byte(out, '}');
        reply(request);
    }
    store_command_free(command);
}

static void read_content(struct request *request, struct text id)
{
    (void)id;
    durable_submit(request, on_content(STORE_CONTENT_READ, &showing_of(request)->content),
                   have_content);
}

static struct log_showing *showing_new(struct request *request)
{
    request->aside = ARENA_NEW(&request->arena, struct log_showing);
    showing_of(request)->out = buffer_in(&request->arena);
    return request->aside;
}

/* What each stage took, said by name: its row has {"read":[15,5]}. */
static void put_stages(struct buffer *out, const struct document *row)
{
    uint32_t stages = document_member(row, 0, TEXT("stage_us"));

    if (stages == CELL_NONE || row->cells[stages].type != CELL_OBJECT)
        return;
    out->len--; /* the last brace */
    json_put_name(out, "stages");
    buffer_put_byte(out, '[');
    for (uint32_t i = stages + 1; i < row->cells[stages].end; i = document_next(row, i + 1)) {
        if (row->cells[i + 1].type != CELL_ARRAY || row->cells[i + 1].size != 2)
            continue;
        if (out->at[out->len - 1] == '}')
            buffer_put_byte(out, ',');
        buffer_put_byte(out, '{');
        json_put_text(out, "name", document_text(row, i));
        json_put_name(out, "started_us");
        json_put_cell(out, row, i + 2);
        json_put_name(out, "duration_us");
        json_put_cell(out, row, i + 3);
        buffer_put_byte(out, '}');
    }
    buffer_put(out, TEXT("]}"));
}

/* Of a request whose only attempt was answered the row itself says how it went. */
static void put_attempt(struct buffer *out, const struct document *row)
{
    static const struct {
        const char *name, *of;
    } members[] = {
        {"provider", "provider"},
        {"model", "model"},
        {"ms", "upstream_ms"},
        {"ttft_ms", "ttft_ms"},
        {"input_tokens", "input_tokens"},
        {"output_tokens", "output_tokens"},
        {"cost_usd", "cost_usd"},
    };
    uint32_t attempts = document_member(row, 0, TEXT("attempts"));
    uint32_t stages = document_member(row, 0, TEXT("stage_us")), call = CELL_NONE;

    if (attempts == CELL_NONE || row->cells[attempts].type != CELL_INTEGER ||
        row->cells[attempts].integer != 1 ||
        document_member(row, 0, TEXT("attempt_list")) != CELL_NONE)
        return;
    if (stages != CELL_NONE)
        call = document_member(row, stages, TEXT("call"));
    out->len--; /* the last brace */
    json_put_name(out, "attempt_list");
    buffer_put(out, TEXT("[{\"n\":1,\"status\":200"));
    if (call != CELL_NONE && row->cells[call].type == CELL_ARRAY && row->cells[call].size > 0) {
        json_put_name(out, "started_us");
        json_put_cell(out, row, call + 1);
    }
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        uint32_t at = document_member(row, 0, text_of(members[i].of));

        if (at == CELL_NONE)
            continue;
        json_put_name(out, members[i].name);
        json_put_cell(out, row, at);
    }
    buffer_put(out, TEXT("}]}"));
}

static void show(struct request *request, const struct log_row *row, const struct log_place *place)
{
    struct log_showing *showing = showing_new(request);
    struct document document;

    log_rows_put(&showing->out, FORMAT_JSON, row, place);
    if (json_read(row->line, NULL, &request->arena, &document, NULL, NULL)) {
        put_attempt(&showing->out, &document);
        put_stages(&showing->out, &document);
    }
    if (content_of(request, arena_copy(&request->arena, row->line), &showing->content))
        admin_record(request, AUDIT_LOG_READ, showing->content.request_id, read_content);
    else
        reply(request);
}

void admin_show_log(struct request *request, struct text id)
{
    log_find(request, id, show);
}

/* --- DELETE /admin/v1/logs/{id}, /admin/v1/logs?token=ID
 * --------------------------------------------------- */

static void reply_erased(struct request *request)
{
    request_reply(request, 200, TEXT("application/json"),
                  arena_printf(&request->arena, "{\"erased\":%llu}",
                               (unsigned long long)showing_of(request)->erased));
}

static void have_deleted(struct request *request, struct store_command *command)
{
    request->error = command->error;
    showing_of(request)->erased = 1;
    store_command_free(command);
    if (request->error.code != ERROR_NONE)
        request_refuse(request);
    else
        reply_erased(request);
}

static void delete_content(struct request *request, const struct log_row *row,
                           const struct log_place *place)
{
    struct log_showing *showing = showing_new(request);
    struct store_command *command;

    (void)place;
    if (!content_of(request, arena_copy(&request->arena, row->line), &showing->content)) {
        error_set(&request->error, ERROR_LOG_NOT_FOUND, NULL,
                  "what was said in this request was not kept");
        request_refuse(request);
        return;
    }
    command = on_content(STORE_CONTENT_DELETE, &showing->content);
    admin_audit(request, command, AUDIT_LOG_DELETE, showing->content.request_id);
    job_park(request);
    durable_submit(request, command, have_deleted);
}

void admin_erase_log(struct request *request, struct text id)
{
    log_find(request, id, delete_content);
}

static void erase_more(struct request *request);

static void have_erased(struct request *request, struct store_command *command)
{
    struct log_showing *showing = request->aside;

    request->error = command->error;
    showing->erased += command->purged;
    showing->after = arena_copy(&request->arena, command->last);
    if (command->error.code != ERROR_NONE)
        request_refuse(request);
    else if (command->more)
        erase_more(request);
    else
        reply_erased(request);
    store_command_free(command);
}

static void erase_more(struct request *request)
{
    struct store_command *command = store_command_new(STORE_CONTENT_ERASE);
    const struct log_showing *showing = request->aside;

    command->content.token_id = arena_copy(&command->arena, showing->token_id);
    command->after = arena_copy(&command->arena, showing->after);
    durable_submit(request, command, have_erased);
}

/* What its last requests said may still be with the workers. */
static void erase_recorded(struct request *request, struct text token_id)
{
    (void)token_id;
    ledger_sync(request, erase_more);
}

void admin_erase_logs(struct request *request, struct text none)
{
    struct log_showing *showing = showing_new(request);
    const struct query_param params[] = {{.name = "token", .text = &showing->token_id}};

    (void)none;
    if (query_read(request, params, 1) && showing->token_id.len > 0) {
        admin_record(request, AUDIT_LOG_DELETE, showing->token_id, erase_recorded);
        return;
    }
    if (request->error.code == ERROR_NONE) {
        error_set(&request->error, ERROR_INVALID_REQUEST, "token",
                  "whose contents are to be erased?");
        error_hint(&request->error,
                   "name the token, ?token=tok_..., or one request, /logs/req_...");
    }
    request_refuse(request);
}
