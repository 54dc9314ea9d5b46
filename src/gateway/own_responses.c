/* A token's own stored responses, on the public listener, wherever surfaces are mounted. What is
 * not its own is not there. Each call is one command to the store. */
#include "audit/event.h"
#include "base/id.h"
#include "document/json_read.h"
#include "document/json_write.h"
#include "gateway/bearer.h"
#include "gateway/durable.h"
#include "gateway/job.h"
#include "gateway/paths.h"
#include "gateway/query.h"
#include "gateway/stages.h"

enum { PAGE = 20, PAGE_MAX = 100, CALLS_A_MINUTE = 600, MINUTE_MS = 60000 };

static const struct text root = TEXT_INIT("responses/");
static const struct text items = TEXT_INIT("/input_items");

/* Whether the token may, and not too often. */
static bool is_admitted(struct request *request)
{
    struct rate_verdict verdict;

    if (!bearer_authenticate(request, TOKEN_CALL) || !request_find_project(request))
        return false;
    if ((request->token->verbs & VERB_CALL) == 0)
        return error_set(&request->error, ERROR_SCOPE_DENIED, NULL,
                         "this token may not call endpoints: it lacks the verb 'call'");
    verdict = rate_take(request->worker->gateway->rates,
                        limit_key("responses", request->token->id, TEXT("")), CALLS_A_MINUTE,
                        MINUTE_MS, loop_now_ms(request->worker->loop));
    if (verdict.allowed)
        return true;
    error_set(&request->error, ERROR_RATE_LIMITED, NULL,
              "more than %d calls about stored responses a minute by this token", CALLS_A_MINUTE);
    request->error.retry_after_s = verdict.retry_after_s;
    return false;
}

static bool refuse_unknown(struct request *request, struct text id)
{
    error_set(&request->error, ERROR_RESPONSE_NOT_FOUND, "id",
              "there is no response '%.*s' that is kept for this token",
              TEXT_ARG(text_first(id, 64)));
    return false;
}

/* --- what there is of one
 * --------------------------------------------------------------------------- */

static void submit(struct request *request, struct store_command *command,
                   void (*done)(struct request *request, struct store_command *command))
{
    job_park(request);
    durable_submit(request, command, done);
}

/* What was asked for; false: it is refused, and the command freed. */
static bool found(struct request *request, struct store_command *command)
{
    request->error = command->error;
    if (command->error.code == ERROR_NONE && command->wants[0].found_count > 0)
        return true;
    if (command->error.code == ERROR_NONE)
        refuse_unknown(request, text_after(request->path_rest, root.len));
    store_command_free(command);
    request_refuse(request);
    return false;
}

static void shown(struct request *request, struct store_command *command)
{
    struct text body;

    if (!found(request, command))
        return;
    body = arena_copy(&request->arena, command->wants[0].found->body);
    store_command_free(command);
    request_reply(request, 200, TEXT("application/json"), body);
}

static void deleted(struct request *request, struct store_command *command)
{
    struct text id = text_after(request->path_rest, root.len);
    struct buffer out = buffer_in(&request->arena);

    request->error = command->error;
    if (command->error.code == ERROR_RESPONSE_NOT_FOUND)
        refuse_unknown(request, id);
    store_command_free(command);
    if (request->error.code != ERROR_NONE) {
        request_refuse(request);
        return;
    }
    buffer_put_byte(&out, '{');
    json_put_text(&out, "id", id);
    buffer_put(&out, TEXT(",\"object\":\"response\",\"deleted\":true}"));
    request_reply(request, 200, TEXT("application/json"), buffer_text(&out));
}

/* --- the items of its input
 * -------------------------------------------------------------------------- */

/* What of them is wanted: newest first, unless the query says so. */
struct page {
    struct text after;
    uint64_t limit;
    bool ascending;
};

static bool read_page(struct request *request, struct page *out)
{
    struct text order = {0}, include = {0};
    const struct query_param params[] = {
        {.name = "after", .text = &out->after},
        {.name = "order", .text = &order},
        {.name = "include", .text = &include},
        {.name = "include[]", .text = &include},
        {.name = "limit", .number = &out->limit, .least = 1, .greatest = PAGE_MAX},
    };

    *out = (struct page){.limit = PAGE};
    if (!query_read(request, params, sizeof params / sizeof *params))
        return false;
    out->ascending = text_equal(order, TEXT("asc"));
    return out->ascending || order.len == 0 || text_equal(order, TEXT("desc")) ||
           error_set(&request->error, ERROR_INVALID_REQUEST, "order",
                     "'order' must be asc or desc");
}

static struct text id_of(const struct document *document, uint32_t item)
{
    uint32_t at = document_member(document, item, TEXT("id"));

    return at != CELL_NONE && document->cells[at].type == CELL_STRING ? document_text(document, at)
                                                                      : (struct text){0};
}

/* The cells of the items, in the order that is wanted. */
static uint32_t *in_order(struct request *request, const struct document *list, bool ascending)
{
    size_t count = list->cells[0].size, n = 0;
    uint32_t *cells = ARENA_ARRAY(&request->arena, uint32_t, count);

    for (uint32_t item = 1; item < list->cells[0].end; item = document_next(list, item), n++)
        cells[ascending ? n : count - 1 - n] = item;
    return cells;
}

static void put_page(struct request *request, const struct document *list, const struct page *page,
                     struct buffer *out)
{
    const uint32_t *cells = in_order(request, list, page->ascending);
    size_t count = list->cells[0].size, from = 0, end;

    for (size_t i = 0; page->after.len > 0 && i < count; i++)
        if (text_equal(id_of(list, cells[i]), page->after))
            from = i + 1;
    end = count - from > page->limit ? from + page->limit : count;
    buffer_put(out, TEXT("{\"object\":\"list\",\"data\":["));
    for (size_t i = from; i < end; i++) {
        if (i > from)
            buffer_put_byte(out, ',');
        json_put_cell(out, list, cells[i]);
    }
    buffer_put_byte(out, ']');
    json_put_text_or_null(out, "first_id",
                          end > from ? id_of(list, cells[from]) : (struct text){0});
    json_put_text_or_null(out, "last_id",
                          end > from ? id_of(list, cells[end - 1]) : (struct text){0});
    json_put_flag(out, "has_more", end < count);
    buffer_put_byte(out, '}');
}

static void listed(struct request *request, struct store_command *command)
{
    static const struct json_limits limits = {.nodes = JSON_UNLIMITED}; /* it is our own writing */
    struct buffer out = buffer_in(&request->arena);
    struct document list;
    struct page page;

    if (!found(request, command))
        return;
    if (!json_read(command->wants[0].found->input, &limits, &request->arena, &list, NULL,
                   &request->error) ||
        list.cells[0].type != CELL_ARRAY || !read_page(request, &page)) {
        if (request->error.code == ERROR_NONE)
            error_set(&request->error, ERROR_RECORD_DAMAGED, NULL, "the input does not read");
        store_command_free(command);
        request_refuse(request);
        return;
    }
    put_page(request, &list, &page, &out);
    store_command_free(command);
    request_reply(request, 200, TEXT("application/json"), buffer_text(&out));
}

/* --- the calls
 * --------------------------------------------------------------------------------------- */

/* Names the response in a new command; NULL, and the request's error, where it can be none. */
static struct store_command *on_response(struct request *request, struct text id,
                                         enum store_kind kind)
{
    struct store_command *command;

    if (!id_valid(id, TEXT("resp_"))) {
        refuse_unknown(request, id);
        return NULL;
    }
    command = store_command_new(kind);
    command->now_ms = request->wall_ms;
    response_key(request->token->id, id, command->response.key);
    return command;
}

static void look(struct request *request, struct text id, bool whole,
                 void (*done)(struct request *request, struct store_command *command))
{
    struct store_command *command = on_response(request, id, STORE_RESPONSE_READ);

    if (command == NULL) {
        request_refuse(request);
        return;
    }
    command->bytes_max = RESPONSE_BYTES_MAX;
    command->wants = ARENA_NEW(&command->arena, struct response_want);
    command->want_count = 1;
    command->wants[0].whole = whole;
    memcpy(command->wants[0].key, command->response.key, sizeof command->response.key);
    submit(request, command, done);
}

static void list_items(struct request *request, struct text id)
{
    struct page page;

    if (text_equal(request->http.method, TEXT("DELETE")))
        error_set(&request->error, ERROR_METHOD_NOT_ALLOWED, NULL, "this path takes GET only");
    if (request->error.code != ERROR_NONE || !read_page(request, &page)) {
        request_refuse(request);
        return;
    }
    look(request, id, false, listed);
}

/* A token's own act is its own record. */
static void delete_it(struct request *request, struct text id)
{
    struct store_command *command = on_response(request, id, STORE_RESPONSE_DELETE);
    const struct audit_event act = {.wall_ms = request->wall_ms,
                                    .actor = AUDIT_BY_TOKEN,
                                    .actor_id = request->token->id,
                                    .peer = request->http.peer,
                                    .action = AUDIT_RESPONSE_DELETE,
                                    .object = id,
                                    .request_id = request->id};

    if (command == NULL) {
        request_refuse(request);
        return;
    }
    command->audit = audit_event_copy(&command->arena, &act);
    submit(request, command, deleted);
}

static bool read_retrieval(struct request *request)
{
    struct text stream = {0}, include = {0}, after = {0};
    const struct query_param params[] = {
        {.name = "stream", .text = &stream},
        {.name = "starting_after", .text = &after},
        {.name = "include_obfuscation", .text = &include},
        {.name = "include", .text = &include},
        {.name = "include[]", .text = &include},
    };

    if (!query_read(request, params, sizeof params / sizeof *params))
        return false;
    return !text_equal(stream, TEXT("true")) ||
           error_set(&request->error, ERROR_INVALID_REQUEST, "stream",
                     "a stored response is given whole; leave 'stream' out");
}

void own_response(struct request *request)
{
    struct text id = text_after(request->path_rest, root.len);

    request->logged_as = "responses";
    if (!is_admitted(request))
        request_refuse(request);
    else if (text_ends(id, items))
        list_items(request, text_first(id, id.len - items.len));
    else if (text_equal(request->http.method, TEXT("DELETE")))
        delete_it(request, id);
    else if (read_retrieval(request))
        look(request, id, true, shown);
    else
        request_refuse(request);
}
